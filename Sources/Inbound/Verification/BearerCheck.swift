import Formats
import HTTP
import Web

/// A secret in a header, as it is (RFC 6750 2.1).
struct BearerCheck: Check {
  private let credential: Credential
  private let secrets: SharedSecrets

  init(_ settings: BearerSettings) throws(SettingsProblem) {
    credential = settings.credential
    secrets = try SharedSecrets(settings.secrets) { (secret, bytes) throws(SettingsProblem) in
      guard Fields.isValid(name: "x", value: String(decoding: bytes, as: UTF8.self)) else {
        throw SettingsProblem("verify", "\(secret.name) holds what no header can carry")
      }
    }
  }

  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proven {
    guard let shown = credential.read(request) else { throw .unproven("token-missing") }
    guard let place = secrets.place(of: Array(shown.utf8)) else { throw .unproven("token-wrong") }
    return Proven(place)
  }
}

extension Credential {
  /// What stands in the header behind the scheme, whose case does not count (RFC 9110 11.1); nil where there is not one
  /// such header.
  func read(_ request: Request) -> Substring? {
    guard let value = request.only(header) else { return nil }
    if scheme.isEmpty { return value.isEmpty ? nil : value[...] }
    let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].lowercased() == scheme.lowercased() else { return nil }
    let shown = parts[1].drop { $0 == " " }
    return shown.isEmpty ? nil : shown
  }

  var problems: [SettingsProblem] {
    var problems: [SettingsProblem] = []
    if !HeaderName.isValid(header) { problems.append(SettingsProblem("header", "header has to name a header")) }
    if !scheme.isEmpty, !HeaderName.isValid(scheme) {
      problems.append(SettingsProblem("scheme", "scheme has to be one word such as Bearer"))
    }
    return problems
  }
}
