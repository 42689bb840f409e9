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

  /// Claims whose signature was verified.
  public init(_ message: JWS) throws(JWTError) {
    guard let claims = (try? JSON.parse(message.payload))?.object else { throw .malformed }
    header = message.header
    self.claims = claims
  }

  /// `exp` must be there and ahead, `nbf` and `iat` not ahead (RFC 7519 4.1). `now` in seconds since 1970, `leeway` in
  /// seconds, for clocks that differ. With `maxLifetime`, in seconds, a token may not be good for longer than that, by
  /// its own `iat` and from now on: who steals it has it for so long.
  ///
  /// Returns the moment from which the token is refused.
  @discardableResult
  public func checkTimes(now: Int64, leeway: Int64 = 60, maxLifetime: Int64? = nil) throws(JWTError) -> Int64 {
    guard let expiry = try time("exp") else { throw .noExpiry }
    // RFC 7519 4.1.4: at its expiry a token is expired.
    guard now - leeway < expiry else { throw .expired }
    for name in ["nbf", "iat"] {
      if let time = try time(name), time > now + leeway { throw .notYetValid }
    }
    if let maxLifetime {
      guard expiry <= now + leeway + maxLifetime else { throw .livesTooLong }
      if let issued = try time("iat"), expiry - issued > maxLifetime { throw .livesTooLong }
    }
    return expiry + leeway
  }

  /// Whether `aud`, a text or a list of texts, names one of these (RFC 7519 4.1.3).
  public func isFor(anyOf audiences: [String]) -> Bool {
    switch claims["aud"] {
    case .string(let audience)?: audiences.contains(audience)
    case .array(let list)?: list.contains { $0.string.map(audiences.contains) ?? false }
    default: false
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
