import Formats
import Web

/// A secret in the path: all that a sender can do that signs nothing, like Salesforce's outbound messages.
struct TokenCheck: Check {
  private let tokens: SharedSecrets

  init(_ secrets: [SourceSecret]) throws(SettingsProblem) { tokens = try SharedSecrets(secrets) }

  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proven {
    guard let token = Self.token(in: request.path) else { throw .unproven("token-missing") }
    guard let place = tokens.place(of: token) else { throw .unproven("token-wrong") }
    return Proven(place)
  }

  /// The third and last segment of a path; nil where there is none. Looks at the octets in place.
  private static func token(in path: String) -> [UInt8]? {
    var path = path
    return path.withUTF8 { octets in
      let slash = UInt8(ascii: "/")
      guard let last = octets.lastIndex(of: slash), last + 1 < octets.count,
        octets[..<last].count(where: { $0 == slash }) == 2
      else { return nil }
      return Array(octets[(last + 1)...])
    }
  }
}
