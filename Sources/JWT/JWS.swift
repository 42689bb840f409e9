import Crypto
import Formats

/// A signed message in compact form (RFC 7515 7.1) whose signature holds.
public struct JWS: Hashable, Sendable {
  public let header: JSONObject
  public let payload: [UInt8]

  /// The header's `alg` must be the expected one: the sender does not choose how it is checked (RFC 8725 3.1).
  public static func verify(_ token: String, key: PublicKey, algorithm: JWTAlgorithm) throws(JWTError) -> JWS {
    try UnverifiedJWS(token).verify(key: key, algorithm: algorithm)
  }

  /// HS256, HS384 or HS512, as the key's digest says.
  public static func verify(_ token: String, key: HMACKey) throws(JWTError) -> JWS {
    try UnverifiedJWS(token).verify(key: key)
  }

  /// Sets `alg` in the header.
  public static func sign(header: JSONObject, payload: [UInt8], key: PrivateKey, algorithm: JWTAlgorithm)
    throws(CryptoError) -> String
  {
    guard algorithm.fits(key.kind) else { throw .wrongAlgorithm }
    var header = header
    header["alg"] = .string(algorithm.rawValue)
    let signed = Base64URL.encode(header.bytes) + "." + Base64URL.encode(payload)
    return signed + "." + Base64URL.encode(try key.sign(Array(signed.utf8), algorithm.signature))
  }
}
