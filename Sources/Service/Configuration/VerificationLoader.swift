import Flows
import Inbound

/// Reads `verify` of an endpoint: how its senders prove themselves.
struct VerificationLoader {
  private let settings: SettingsLoader
  private var problems: Problems { settings.problems }

  init(_ settings: SettingsLoader) { self.settings = settings }

  typealias Made<Value> = @Sendable (_ environment: [String: String]) -> Value

  func verify(_ node: ConfigNode) -> Made<SourceSettings.Verify>? {
    if node.scalar == "none" { return { _ in .nothing } }
    guard let entries = node.list(problems) else { return nil }
    var made: [Made<Verification>] = []
    for entry in entries {
      guard let one = verification(entry) else { return nil }
      made.append(one)
    }
    let all = made
    return { environment in .all(all.map { $0(environment) }) }
  }

  private func verification(_ node: ConfigNode) -> Made<Verification>? {
    guard let pairs = node.map(problems) else { return nil }
    guard let pair = pairs.first, pairs.count == 1 else {
      problems.report(node.place, "expected one way of proving the sender, such as `token: { secrets: [ … ] }`")
      return nil
    }
    switch pair.key {
    case "token":
      guard let map = pair.value.map(known: ["secrets"], problems), let secrets = secrets(map, "secrets") else {
        return nil
      }
      return { .token(secrets: secrets($0)) }
    case "standard-webhooks":
      guard let map = pair.value.map(known: ["secrets", "max-age"], problems), let secrets = secrets(map, "secrets")
      else { return nil }
      let tolerance = map.milliseconds("max-age").map { Int64($0 / 1_000) } ?? 300
      return { .standardWebhooks(secrets: secrets($0), tolerance: tolerance) }
    case "hmac": return hmac(pair.value)
    case "signature": return signature(pair.value)
    case "client-certificate":
      guard let pins = pair.value.map(known: ["sha256"], problems)?.texts("sha256") else { return nil }
      return { _ in .clientCertificate(sha256: pins) }
    default:
      let ways = ["token", "hmac", "standard-webhooks", "signature", "client-certificate"]
      problems.report(
        pair.keyPlace, "unknown way of proving the sender `\(pair.key)`\(suggestion(for: pair.key, among: ways))")
      return nil
    }
  }

  private static let signedKeys = [
    "header", "timestamp", "unit", "signed", "encoding", "prefix", "max-age", "algorithm",
  ]

  private func hmac(_ node: ConfigNode) -> Made<Verification>? {
    guard let map = node.map(known: Self.signedKeys + ["secrets"], problems), let signed = signed(map),
      let secrets = secrets(map, "secrets")
    else { return nil }
    let algorithm = word(map, "algorithm", HMACSettings.Algorithm.self) ?? .sha256
    return { .hmac(HMACSettings(signed, algorithm: algorithm, secrets: secrets($0))) }
  }

  private func signature(_ node: ConfigNode) -> Made<Verification>? {
    guard let map = node.map(known: Self.signedKeys + ["public-keys"], problems), let signed = signed(map),
      map.required("algorithm") != nil, let algorithm = word(map, "algorithm", SignatureSettings.Algorithm.self),
      let keys = secrets(map, "public-keys")
    else { return nil }
    return { .signature(SignatureSettings(signed, algorithm: algorithm, publicKeys: keys($0))) }
  }

  private func signed(_ map: ConfigMap) -> SignedSettings? {
    guard let header = map.requiredText("header") else { return nil }
    return SignedSettings(
      header: header, timestamp: map.text("timestamp"),
      unit: word(map, "unit", SignedSettings.TimeUnit.self) ?? .seconds, signed: map.text("signed"),
      encoding: word(map, "encoding", SignedSettings.Encoding.self) ?? .hex, prefix: map.text("prefix") ?? "",
      maxAge: map.milliseconds("max-age").map { Int64($0 / 1_000) } ?? 300)
  }

  private func word<Word: RawRepresentable<String> & CaseIterable>(
    _ map: ConfigMap, _ key: String, _ type: Word.Type
  ) -> Word? {
    map.word(key, of: type.allCases.map(\.rawValue)).flatMap(Word.init)
  }

  private func secrets(_ map: ConfigMap, _ key: String) -> Made<[SourceSecret]>? {
    guard let nodes = map.required(key)?.list(problems) else { return nil }
    let secrets = nodes.compactMap(settings.secret)
    guard secrets.count == nodes.count, !secrets.isEmpty else {
      if nodes.isEmpty { problems.report(map.place, "`\(key)` names no secret") }
      return nil
    }
    let folder = settings.folder
    return { environment in
      secrets.map { secret in
        SourceSecret(secret.description) { try secret.read(folder: folder, environment: environment) }
      }
    }
  }
}
