import Crypto
import Formats

/// A signed message in compact form (RFC 7515 7.1) whose signature holds.
public struct JWS: Hashable, Sendable {
  public let header: JSONObject
  public let payload: [UInt8]

  /// Octets of a token; a signature of the largest key and any sensible payload are far below.
  private static let maxLength = 64 * 1024

  /// The header's `alg` must be the expected one: the sender does not choose how it is checked (RFC 8725 3.1).
  public static func verify(_ token: String, key: PublicKey, algorithm: JWTAlgorithm) throws(JWTError) -> JWS {
    let parts = try Parts(token, algorithm.rawValue)
    guard algorithm.fits(key.kind) else { throw .wrongAlgorithm }
    guard key.verify(parts.signature, of: parts.signed, algorithm.signature) else { throw .badSignature }
    return JWS(header: parts.header, payload: parts.payload)
  }

  /// HS256, HS384 or HS512, as the key's digest says.
  public static func verify(_ token: String, key: HMACKey) throws(JWTError) -> JWS {
    guard let name = hmacName(key.digest) else { throw .wrongAlgorithm }
    let parts = try Parts(token, name)
    guard key.isValid(parts.signature, for: [parts.signed]) else { throw .badSignature }
    return JWS(header: parts.header, payload: parts.payload)
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

  private static func hmacName(_ digest: Digest) -> String? {
    switch digest {
    case .sha256: "HS256"
    case .sha384: "HS384"
    case .sha512: "HS512"
    case .sha1: nil
    }
  }

  /// The three parts, read but not yet verified.
  private struct Parts {
    let header: JSONObject
    let payload: [UInt8]
    let signature: [UInt8]
    let signed: [UInt8]

    init(_ token: String, _ algorithm: String) throws(JWTError) {
      guard token.utf8.count <= JWS.maxLength else { throw .malformed }
      let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard parts.count == 3,
        let headerText = Base64URL.decode(Substring(parts[0])),
        let payload = Base64URL.decode(Substring(parts[1])),
        let signature = Base64URL.decode(Substring(parts[2])),
        let header = (try? JSON.parse(headerText))?.object
      else { throw .malformed }
      guard header["alg"]?.string == algorithm else { throw .wrongAlgorithm }
      guard header["crit"] == nil, header["b64"] == nil else { throw .unsupported }
      self.header = header
      self.payload = payload
      self.signature = signature
      signed = Array(token.utf8.prefix(parts[0].count + 1 + parts[1].count))
    }
  }
}
