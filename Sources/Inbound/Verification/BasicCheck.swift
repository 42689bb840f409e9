import Crypto
import Formats
import Web

/// A user and a password (RFC 7617), in UTF-8, compared as they are.
struct BasicCheck: Check {
  private static let credential = Credential(scheme: "Basic")
  private let secrets: SharedSecrets

  /// Each secret is `user:password`.
  init(_ secrets: [SourceSecret]) throws(SettingsProblem) {
    self.secrets = try SharedSecrets(secrets) { (secret, bytes) throws(SettingsProblem) in
      guard bytes.contains(UInt8(ascii: ":")) else {
        throw SettingsProblem("verify", "\(secret.name) has to be a user and a password with a colon between")
      }
    }
  }

  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proven {
    guard let shown = Self.credential.read(request) else { throw .unproven("password-missing") }
    guard let pair = Base64.decode(shown), let place = secrets.place(of: pair) else {
      throw .unproven("password-wrong")
    }
    return Proven(place)
  }
}
