import Crypto
import Formats
import Web

/// All entries of an endpoint's `verify`, each with its keys. Looks at raw bytes only.
struct Verifier: Sendable {
  private let checks: [any Check]

  /// Refuses everything: for settings that are looked at and not used.
  static let refusingAll = Verifier(checks: [RefuseAll()])

  private init(checks: [any Check]) { self.checks = checks }

  /// Reads the secrets.
  init(_ verify: SourceSettings.Verify) throws(SettingsProblem) {
    guard case .all(let entries) = verify else {
      checks = []
      return
    }
    guard !entries.isEmpty else { throw Self.saysNothing }
    var checks: [any Check] = []
    for entry in entries { checks.append(try Self.check(entry)) }
    self.checks = checks
  }

  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proof {
    var matched: [String] = []
    for check in checks { matched.append(try check.verify(request, at: now)) }
    return Proof(at: now, matched: matched)
  }

  private static func check(_ entry: Verification) throws(SettingsProblem) -> any Check {
    switch entry {
    case .token(let secrets): try TokenCheck(secrets)
    case .hmac(let settings): try HMACCheck(settings)
    case .standardWebhooks(let secrets, let tolerance): try StandardWebhooksCheck(secrets, tolerance)
    case .signature(let settings): try SignatureCheck(settings)
    case .clientCertificate: throw noCertificates
    }
  }

  /// Without reading any secret.
  static func problems(with verify: SourceSettings.Verify?) -> [SettingsProblem] {
    guard let verify else { return [saysNothing] }
    guard case .all(let entries) = verify else { return [] }
    guard !entries.isEmpty else { return [saysNothing] }
    return entries.flatMap { entry -> [SettingsProblem] in
      switch entry {
      case .token(let secrets): return problems(secrets, "secrets", entry)
      case .standardWebhooks(let secrets, let tolerance):
        let age = tolerance > 0 ? [] : [SettingsProblem("verify", "\(entry.name): the tolerance has to be above zero")]
        return problems(secrets, "secrets", entry) + age
      case .hmac(let settings):
        return problems(settings.secrets, "secrets", entry) + SignedContent.problems(settings.signed, entry)
      case .signature(let settings):
        return problems(settings.publicKeys, "public-keys", entry) + SignedContent.problems(settings.signed, entry)
      case .clientCertificate: return [noCertificates]
      }
    }
  }

  private static func problems(_ secrets: [SourceSecret], _ key: String, _ entry: Verification) -> [SettingsProblem] {
    secrets.isEmpty ? [SettingsProblem("verify", "\(entry.name): \(key) has to name at least one")] : []
  }

  private static let saysNothing = SettingsProblem(
    "verify", "say how requests are verified; `verify: none` if they are not to be")

  private static let noCertificates = SettingsProblem(
    "verify", "client-certificate: the public listener serves no TLS yet, so it sees no client certificate")
}

/// One entry of `verify`.
protocol Check: Sendable {
  /// The name of the entry and of the key that held.
  func verify(_ request: Request, at now: Instant) throws(Rejection) -> String
}

private struct RefuseAll: Check {
  func verify(_ request: Request, at now: Instant) throws(Rejection) -> String {
    throw .unproven("closed", "The endpoint is not open.")
  }
}

extension SourceSecret {
  func bytes() throws(SettingsProblem) -> [UInt8] {
    let bytes: [UInt8]
    do { bytes = try read() } catch { throw SettingsProblem("verify", "\(name): \(error)") }
    guard !bytes.isEmpty else { throw SettingsProblem("verify", "\(name) is empty") }
    return bytes
  }
}

extension Request {
  /// The one value of a header; nil where there is none, and where there are several: nobody could say which one counts.
  func only(_ name: String) -> String? {
    let values = fields.values(name)
    return values.count == 1 ? values[0] : nil
  }
}
