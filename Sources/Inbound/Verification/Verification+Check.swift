extension Verification {
  /// Looked at last, and without keys.
  var isOfAddresses: Bool { if case .addresses = self { true } else { false } }

  /// Reads the keys.
  func check(endpoint: String) throws(SettingsProblem) -> any Check {
    switch self {
    case .token(let secrets): try TokenCheck(secrets)
    case .hmac(let settings): try HMACCheck(settings)
    case .standardWebhooks(let secrets, let tolerance): try StandardWebhooksCheck(secrets, tolerance)
    case .signature(let settings): try SignatureCheck(settings)
    case .jwt(let settings): try JWTCheck(settings, endpoint: endpoint)
    case .basic(let secrets): try BasicCheck(secrets)
    case .bearer(let settings): try BearerCheck(settings)
    case .clientCertificate(let settings): try ClientCertificateCheck(settings)
    case .addresses(let settings): try AddressCheck(settings)
    }
  }

  /// What is wrong or doubtful, without reading any key. Paths begin at the endpoint's settings.
  static func problems(with verify: SourceSettings.Verify?) -> [SettingsProblem] {
    guard let verify else { return [saysNothing] }
    guard case .all(let entries) = verify else { return [] }
    guard !entries.isEmpty else { return [saysNothing] }
    var problems = entries.enumerated().flatMap { place, entry in
      entry.problems.map { problem in
        SettingsProblem(
          ["verify", "\(place)", entry.name] + problem.path, "\(entry.name): \(problem.message)",
          isWarning: problem.isWarning)
      }
    }
    if entries.allSatisfy(\.isOfAddresses) {
      problems.append(
        SettingsProblem("verify", "an address alone says whose network it is, and not who sends", isWarning: true))
    }
    return problems
  }

  private var problems: [SettingsProblem] {
    switch self {
    case .token(let secrets), .basic(let secrets): Self.problems(secrets, "secrets")
    case .standardWebhooks(let secrets, let tolerance):
      Self.problems(secrets, "secrets")
        + ((1...Limits.maxAge).contains(tolerance)
          ? [] : [SettingsProblem("max-age", "max-age has to be from 1s to 7d")])
    case .hmac(let settings):
      Self.problems(settings.secrets, "secrets") + SignedContent.problems(settings.signed)
        + (settings.algorithm == .sha1 ? [Self.isWeak] : [])
    case .signature(let settings):
      Self.problems(settings.publicKeys, "public-keys") + SignedContent.problems(settings.signed)
    case .jwt(let settings): JWTCheck.problems(settings)
    case .bearer(let settings): Self.problems(settings.secrets, "secrets") + settings.credential.problems
    case .clientCertificate(let settings): ClientCertificateCheck.problems(settings)
    case .addresses(let settings): AddressCheck.problems(settings)
    }
  }

  private static func problems(_ secrets: [SourceSecret], _ key: String) -> [SettingsProblem] {
    secrets.isEmpty ? [SettingsProblem(key, "\(key) has to name at least one")] : []
  }

  static let saysNothing = SettingsProblem(
    "verify", "say how requests are verified; `verify: none` if they are not to be")

  private static let isWeak = SettingsProblem(
    "algorithm", "sha1 is for senders that can do no better", isWarning: true)
}
