import Crypto
import Formats
import JWT
import Web

/// A token that its sender signed (RFC 7519, RFC 8725), in a header.
///
/// The signature covers the token and not the body. So a token is for one body: by a claim that holds the body's hash,
/// or by its `jti`, which is remembered with the body that it came with.
struct JWTCheck: Check {
  private struct Key: Sendable {
    let key: PublicKey
    let algorithm: JWTAlgorithm
    let id: String?
  }

  private let settings: JWTSettings
  private let endpoint: String
  private let keys: [Key]

  init(_ settings: JWTSettings, endpoint: String) throws(SettingsProblem) {
    self.settings = settings
    self.endpoint = endpoint
    var keys: [Key] = []
    for entry in settings.keys {
      let key = try PublicKey(entry.key)
      let algorithm = entry.algorithm ?? .usual(for: key.kind)
      guard algorithm.fits(key.kind) else {
        throw SettingsProblem("verify", "\(entry.key.name) is no key for \(algorithm.rawValue)")
      }
      keys.append(Key(key: key, algorithm: algorithm, id: entry.id))
    }
    self.keys = keys
  }

  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proven {
    guard let text = settings.credential.read(request) else { throw .unproven("token-missing") }
    let (place, token) = try signed(text)
    let expires: Int64
    do throws(JWTError) {
      expires = try token.checkTimes(
        now: now.secondsSince1970, leeway: settings.leeway, maxLifetime: settings.maxLifetime)
    } catch {
      throw .unproven(Self.code(error))
    }
    guard token.isFor(anyOf: settings.audiences) else { throw .unproven("audience-wrong") }
    if let issuer = settings.issuer, token.claims["iss"]?.string != issuer { throw .unproven("issuer-wrong") }
    return Proven(place, token: try bind(token, to: request.body, until: expires))
  }

  /// The token, by the first key that fits. Keys with an id are tried only where the token names it, or names none.
  private func signed(_ text: Substring) throws(Rejection) -> (place: Int, token: JWT) {
    do throws(JWTError) {
      let message = try UnverifiedJWS(text)
      var failure = JWTError.badSignature
      for (place, key) in keys.enumerated() where key.id == nil || message.keyID == nil || key.id == message.keyID {
        do throws(JWTError) {
          return (place, try JWT(message.verify(key: key.key, algorithm: key.algorithm)))
        } catch {
          failure = error
        }
      }
      throw failure
    } catch {
      throw .unproven(Self.code(error))
    }
  }

  /// Nil where the token itself says which body it is for, or may come with any.
  private func bind(_ token: JWT, to body: [UInt8], until expires: Int64) throws(Rejection) -> TokenUse? {
    if let bodyHash = settings.bodyHash {
      guard let text = token.claims[bodyHash.claim]?.string, let claimed = bodyHash.encoding.decode(text),
        constantTimeEqual(claimed, bodyHash.digest.hash(body))
      else { throw .unproven("body-hash-wrong") }
      return nil
    }
    if settings.isReusable { return nil }
    guard let id = token.claims["jti"]?.string, !id.isEmpty else { throw .unproven("token-id-missing") }
    let name: JSON = [.string(endpoint), token.claims["iss"] ?? .null, .string(id)]
    return TokenUse(token: TokenUse.Mark(name.bytes), body: TokenUse.Mark(body), expires: expires)
  }

  private static func code(_ error: JWTError) -> String {
    switch error {
    case .malformed, .wrongAlgorithm, .unsupported: "token-malformed"
    case .badSignature: "signature-wrong"
    case .noExpiry, .livesTooLong: "token-lives-too-long"
    case .expired: "too-old"
    case .notYetValid: "too-new"
    }
  }

  static func problems(_ settings: JWTSettings) -> [SettingsProblem] {
    var problems = settings.credential.problems
    func refuse(_ key: String, _ message: String) { problems.append(SettingsProblem(key, "\(key) \(message)")) }
    if settings.keys.isEmpty { refuse("keys", "has to name at least one") }
    if settings.audiences.isEmpty || settings.audiences.contains("") {
      refuse("audience", "has to say what the tokens' aud names: this endpoint, in the sender's words")
    }
    if !(1...Limits.tokenLifetime).contains(settings.maxLifetime) { refuse("max-lifetime", "has to be from 1s to 1d") }
    if !(0...Limits.age).contains(settings.leeway) { refuse("leeway", "has to be 5m at most") }
    if settings.bodyHash?.claim.isEmpty == true { refuse("body-hash", "has to name a claim") }
    return problems
  }
}
