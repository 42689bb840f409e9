import Formats
import Web

/// A secret in the path: all that a sender can do that signs nothing, like Salesforce's outbound messages.
struct TokenCheck: Check {
  private let tokens: SharedSecrets

  init(_ secrets: [SourceSecret]) throws(SettingsProblem) { tokens = try SharedSecrets(secrets) }

  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proven {
    let segments = request.segments
    guard segments.count == 3, !segments[2].isEmpty else { throw .unproven("token-missing") }
    guard let place = tokens.place(of: Array(segments[2].utf8)) else { throw .unproven("token-wrong") }
    return Proven(place)
  }
}
