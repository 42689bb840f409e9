import Crypto
import Formats
import Web

/// A secret in the path: all that a sender can do that signs nothing, like Salesforce's outbound messages.
struct TokenCheck: Check {
  private let tokens: [[UInt8]]

  init(_ secrets: [SourceSecret]) throws(SettingsProblem) {
    var tokens: [[UInt8]] = []
    for secret in secrets { tokens.append(Digest.sha256.hash(try secret.bytes())) }
    self.tokens = tokens
  }

  /// Digests are compared, so that not even the length of a token shows in the time it takes.
  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Int {
    let segments = request.segments
    guard segments.count == 3, !segments[2].isEmpty else {
      throw .unproven("token-missing", "The path has to end with the endpoint's token.")
    }
    let digest = Digest.sha256.hash(Array(segments[2].utf8))
    var found: Int?
    for (place, token) in tokens.enumerated() where constantTimeEqual(token, digest) { found = found ?? place }
    guard let found else { throw .unproven("token-wrong", "The token is not the endpoint's.") }
    return found
  }
}
