import Crypto
import Formats

/// Signed claims (RFC 7519) in compact form.
public struct JWT: Hashable, Sendable {
  public let header: JSONObject
  public let claims: JSONObject

  /// `header` says what is to be said besides `alg`: `typ`, `kid`.
  public static func sign(header: JSONObject, claims: JSONObject, key: PrivateKey, algorithm: JWTAlgorithm)
    throws(CryptoError) -> String
  {
    try JWS.sign(header: header, payload: claims.bytes, key: key, algorithm: algorithm)
  }

  /// Signature and form; the times are `checkTimes`'s, the other claims the caller's.
  public static func verify(_ token: String, key: PublicKey, algorithm: JWTAlgorithm) throws(JWTError) -> JWT {
    try JWT(try JWS.verify(token, key: key, algorithm: algorithm))
  }

  /// The same for a shared secret (HS256 and its like).
  public static func verify(_ token: String, key: HMACKey) throws(JWTError) -> JWT {
    try JWT(try JWS.verify(token, key: key))
  }

  private init(_ message: JWS) throws(JWTError) {
    guard let claims = (try? JSON.parse(message.payload))?.object else { throw .malformed }
    header = message.header
    self.claims = claims
  }

  /// `exp` must be there and ahead, `nbf` and `iat` not ahead (RFC 7519 4.1). `now` in seconds since 1970, `leeway` in
  /// seconds, for clocks that differ.
  public func checkTimes(now: Int64, leeway: Int64 = 60) throws(JWTError) {
    guard let expiry = try time("exp") else { throw .noExpiry }
    // RFC 7519 4.1.4: at its expiry a token is expired.
    guard now - leeway < expiry else { throw .expired }
    for name in ["nbf", "iat"] {
      if let time = try time(name), time > now + leeway { throw .notYetValid }
    }
  }

  /// A NumericDate in whole seconds; fractions are cut off. nil where the claim is not there.
  private func time(_ name: String) throws(JWTError) -> Int64? {
    guard let value = claims[name] else { return nil }
    let latest: Int64 = 253_402_300_799
    guard let seconds = value.decimal?.rounded(scale: 0, .down).intValue, (0...latest).contains(seconds) else {
      throw .malformed
    }
    return seconds
  }
}
