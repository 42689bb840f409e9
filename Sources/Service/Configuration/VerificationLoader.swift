import Crypto
import Flows
import Inbound
import JWT

/// Reads `verify` of an endpoint: how its senders prove themselves. What the settings mean is checked by `Inbound`.
struct VerificationLoader {
  let settings: SettingsLoader
  var problems: Problems { settings.problems }

  init(_ settings: SettingsLoader) { self.settings = settings }

  /// What is made once the environment is known, in which secrets are looked for.
  typealias Made<Value> = @Sendable (_ environment: [String: String]) -> Value

  func verify(_ node: ConfigNode) -> Made<SourceSettings.Verify>? {
    if node.scalar == "none" { return { _ in .nothing } }
    guard let entries = node.list(problems) else { return nil }
    let made = entries.compactMap(entry)
    guard made.count == entries.count else { return nil }
    return { environment in .all(made.map { $0(environment) }) }
  }

  static let ways = [
    "token", "hmac", "standard-webhooks", "signature", "jwt", "basic", "bearer", "client-certificate", "addresses",
  ]

  private func entry(_ node: ConfigNode) -> Made<Verification>? {
    guard let pairs = node.map(problems) else { return nil }
    guard let pair = pairs.first, pairs.count == 1 else {
      problems.report(node.place, "expected one way of proving the sender, such as `token: { secrets: [ … ] }`")
      return nil
    }
    switch pair.key {
    case "token": return token(pair.value)
    case "hmac": return hmac(pair.value)
    case "standard-webhooks": return standardWebhooks(pair.value)
    case "signature": return signature(pair.value)
    case "jwt": return jwt(pair.value)
    case "basic": return basic(pair.value)
    case "bearer": return bearer(pair.value)
    case "client-certificate": return clientCertificate(pair.value)
    case "addresses": return addresses(pair.value)
    default:
      problems.report(
        pair.keyPlace, "unknown way of proving the sender `\(pair.key)`\(suggestion(for: pair.key, among: Self.ways))")
      return nil
    }
  }

  // MARK: Secrets that are shown

  private func token(_ node: ConfigNode) -> Made<Verification>? {
    guard let map = node.map(known: ["secrets"], problems), let secrets = secrets(map, "secrets") else { return nil }
    return { .token(secrets: secrets($0)) }
  }

  private func basic(_ node: ConfigNode) -> Made<Verification>? {
    guard let map = node.map(known: ["secrets"], problems), let secrets = secrets(map, "secrets") else { return nil }
    return { .basic(secrets: secrets($0)) }
  }

  private func bearer(_ node: ConfigNode) -> Made<Verification>? {
    guard let map = node.map(known: ["secrets", "header", "scheme"], problems), let secrets = secrets(map, "secrets")
    else { return nil }
    let credential = credential(map)
    return { .bearer(BearerSettings(credential, secrets: secrets($0))) }
  }

  private func clientCertificate(_ node: ConfigNode) -> Made<Verification>? {
    let keys = ["sha256", "spki-sha256", "subject"]
    guard let map = node.map(known: keys, problems) else { return nil }
    var lists: [[String]] = []
    for key in keys {
      guard let node = map[key] else {
        lists.append([])
        continue
      }
      guard let texts = node.texts(problems) else { return nil }
      if texts.isEmpty { problems.report(node.place, "`\(key)` names nobody") }
      lists.append(texts)
    }
    let made = ClientCertificateSettings(certificates: lists[0], keys: lists[1], subjects: lists[2])
    return { _ in .clientCertificate(made) }
  }

  private func addresses(_ node: ConfigNode) -> Made<Verification>? {
    guard let map = node.map(known: ["allow", "salesforce"], problems) else { return nil }
    let allow = map.texts("allow") ?? []
    var file: Secret?
    if let node = map["salesforce"] {
      file = settings.secret(node)
      if file == nil { return nil }
    }
    if map["allow"] != nil, allow.isEmpty { return nil }
    let salesforce = file.map(source)
    return { environment in .addresses(AddressSettings(allow: allow, salesforce: salesforce?(environment))) }
  }

  // MARK: Signatures

  private static let signedKeys = [
    "header", "timestamp", "timestamp-element", "unit", "id", "signed", "encoding", "prefix", "separator", "max-age",
    "algorithm",
  ]

  private func hmac(_ node: ConfigNode) -> Made<Verification>? {
    guard let map = node.map(known: Self.signedKeys + ["secrets"], problems), let signed = signed(map),
      let secrets = secrets(map, "secrets")
    else { return nil }
    let algorithm = word(map, "algorithm", HMACSettings.Algorithm.self) ?? .sha256
    return { .hmac(HMACSettings(signed, algorithm: algorithm, secrets: secrets($0))) }
  }

  private func standardWebhooks(_ node: ConfigNode) -> Made<Verification>? {
    guard let map = node.map(known: ["secrets", "max-age"], problems), let secrets = secrets(map, "secrets") else {
      return nil
    }
    let tolerance = seconds(map, "max-age") ?? 300
    return { .standardWebhooks(secrets: secrets($0), tolerance: tolerance) }
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
      header: header, timestamp: map.text("timestamp"), timestampElement: map.text("timestamp-element"),
      unit: word(map, "unit", SignedSettings.TimeUnit.self) ?? .seconds, id: map.text("id"),
      signed: map.text("signed"), encoding: word(map, "encoding", SignedSettings.Encoding.self) ?? .hex,
      prefix: map.text("prefix") ?? "", separator: map.text("separator"), maxAge: seconds(map, "max-age") ?? 300)
  }

  // MARK: What they share

  func credential(_ map: ConfigMap) -> Credential {
    Credential(header: map.text("header") ?? "authorization", scheme: map.text("scheme"))
  }

  /// Whole seconds.
  func seconds(_ map: ConfigMap, _ key: String) -> Int64? { map.milliseconds(key).map { Int64($0 / 1_000) } }

  func word<Word: RawRepresentable<String> & CaseIterable>(
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
    let sources = secrets.map(source)
    return { environment in sources.map { $0(environment) } }
  }

  func source(_ secret: Secret) -> Made<SourceSecret> {
    let folder = settings.folder
    return { environment in
      SourceSecret(secret.description) { try secret.read(folder: folder, environment: environment) }
    }
  }
}
