import Formats
import Web

/// All entries of an endpoint's `verify`, each with its keys. Looks at raw bytes only.
public struct Verifier: Sendable {
  private struct Entry: Sendable {
    let check: any Check
    /// One for each of its keys; 1 where it has none.
    let keys: Int
  }

  private let entries: [Entry]
  /// The keys that held, for every way in which all entries can hold: made ahead, so that a request allocates nothing.
  private let combinations: [[KeyUse]]
  /// Every key, in the order of the configuration. A key that stands in two entries of one kind is one.
  public let keys: [KeyUse]

  /// Refuses everything: for settings that are looked at and not used.
  static let refusingAll = Verifier([Entry(check: RefuseAll(), keys: 1)], [[]], [])

  private init(_ entries: [Entry], _ combinations: [[KeyUse]], _ keys: [KeyUse]) {
    self.entries = entries
    self.combinations = combinations
    self.keys = keys
  }

  /// Reads the secrets.
  init(_ verify: SourceSettings.Verify) throws(SettingsProblem) {
    guard case .all(let settings) = verify else {
      self.init([], [[]], [])
      return
    }
    guard !settings.isEmpty else { throw Self.saysNothing }
    var entries: [Entry] = []
    var combinations: [[KeyUse]] = [[]]
    var keys: [KeyUse] = []
    for (place, entry) in settings.enumerated() {
      let uses = entry.keys.map { key in
        if let known = keys.first(where: { $0.entry == entry.name && $0.key == key }) { return known }
        let use = KeyUse(entry: entry.name, key: key)
        keys.append(use)
        return use
      }
      do throws(SettingsProblem) {
        entries.append(Entry(check: try Self.check(entry), keys: max(1, uses.count)))
      } catch {
        throw SettingsProblem(["verify", "\(place)", entry.name], error.message)
      }
      if !uses.isEmpty { combinations = combinations.flatMap { before in uses.map { before + [$0] } } }
      guard combinations.count <= Limits.keyCombinations else {
        throw SettingsProblem("verify", "the entries name too many keys")
      }
    }
    self.init(entries, combinations, keys)
  }

  public func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proof {
    var place = 0
    for entry in entries { place = place * entry.keys + (try entry.check.verify(request, at: now)) }
    let matched = combinations[place]
    for key in matched { key.record(at: now) }
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

  // MARK: What is wrong

  /// Without reading any secret.
  static func problems(with verify: SourceSettings.Verify?) -> [SettingsProblem] {
    guard let verify else { return [saysNothing] }
    guard case .all(let entries) = verify else { return [] }
    guard !entries.isEmpty else { return [saysNothing] }
    return entries.enumerated().flatMap { place, entry in
      problems(entry).map { problem in
        SettingsProblem(
          ["verify", "\(place)", entry.name] + problem.path, "\(entry.name): \(problem.message)",
          isWarning: problem.isWarning)
      }
    }
  }

  private static func problems(_ entry: Verification) -> [SettingsProblem] {
    switch entry {
    case .token(let secrets): return problems(secrets, "secrets")
    case .standardWebhooks(let secrets, let tolerance):
      let age = tolerance > 0 ? [] : [SettingsProblem("max-age", "max-age has to be above zero")]
      return problems(secrets, "secrets") + age
    case .hmac(let settings): return problems(settings.secrets, "secrets") + SignedContent.problems(settings.signed)
    case .signature(let settings):
      return problems(settings.publicKeys, "public-keys") + SignedContent.problems(settings.signed)
    case .clientCertificate: return [noCertificates]
    }
  }

  private static func problems(_ secrets: [SourceSecret], _ key: String) -> [SettingsProblem] {
    secrets.isEmpty ? [SettingsProblem(key, "\(key) has to name at least one")] : []
  }

  private static let saysNothing = SettingsProblem(
    "verify", "say how requests are verified; `verify: none` if they are not to be")

  private static let noCertificates = SettingsProblem(
    "sha256", "the public listener serves no TLS yet, so it sees no client certificate")
}
