import Events
import Flows
import Inbound

/// Reads `causeway.yaml`.
struct SettingsLoader {
  let folder: String
  let problems: Problems

  init(folder: String, _ problems: Problems) {
    self.folder = folder
    self.problems = problems
  }

  func load(_ root: ConfigNode) -> Settings? {
    let known = [
      "data", "listen", "proxies", "limits", "drain", "tls", "encryption", "connections", "endpoints", "values",
      "queue", "retention",
    ]
    let later = ["alerts", "groups"]
    guard let map = root.map(known: known, later: later, problems) else { return nil }
    let proxies = ProxiesLoader(problems: problems).proxies(map["proxies"])
    let loader = ListenLoader(problems: problems, hasTLS: map["tls"] != nil, hasProxies: !proxies.isEmpty)
    let listeners = loader.listeners(map["listen"])
    let limits = LimitsLoader(problems: problems).limits(map["limits"])
    let drain = DrainLoader(problems: problems).drain(map["drain"])
    let tls = TLSLoader(settings: self).load(map["tls"])
    let encryption = EncryptionLoader(settings: self).load(map["encryption"])
    let connections = (map["connections"]?.map(problems) ?? []).compactMap(connection)
    let endpoints = (map["endpoints"]?.map(problems) ?? []).compactMap { EndpointLoader(self).endpoint($0) }
    var values: [String: String] = [:]
    for pair in map["values"]?.map(problems) ?? [] { values[pair.key] = pair.value.text(problems) }
    let names = endpoints.map(\.name)
    let room = QueueLoader(problems: problems).room(map["queue"])
    let retention = RetentionLoader(problems: problems, segment: room.segment)
      .retention(map["retention"], endpoints: names)
    guard let listeners else { return nil }
    return Settings(
      folder: folder, data: map.text("data") ?? "./data", publicListeners: listeners.publicListeners,
      consoleListener: listeners.consoleListener, proxies: proxies, limits: limits, drain: drain,
      queue: room, retention: retention, tls: tls, encryption: encryption, connections: connections,
      endpoints: endpoints,
      values: values)
  }

  private func connection(_ pair: ConfigNode.Pair) -> Settings.Connection? {
    let kinds = ["salesforce", "netsuite"]
    guard let kind = pair.value["kind"] else {
      problems.report(pair.keyPlace, "`kind` is missing: `salesforce` or `netsuite`")
      return nil
    }
    guard let kind = kind.word(of: kinds, problems) else { return nil }
    let keys =
      kind == "salesforce"
      ? ["organization", "client", "user"] : ["account", "client", "certificate", "concurrency"]
    guard let map = pair.value.map(known: ["kind", "url", "key"] + keys, later: ["zone"], problems) else { return nil }
    let url = text(map, "url")
    let key = map.required("key").flatMap(secret)
    let settings: Settings.Connection.Kind?
    switch kind {
    case "salesforce":
      let client = text(map, "client")
      let user = text(map, "user")
      guard let organization = organization(map), let client, let user else { return nil }
      settings = .salesforce(organization: organization, client: client, user: user)
    default:
      let client = text(map, "client")
      let certificate = text(map, "certificate")
      guard let account = map.requiredText("account"), let client, let certificate else { return nil }
      let concurrency = map.int("concurrency", in: 1...100) ?? 4
      settings = .netsuite(account: account, client: client, certificate: certificate, concurrency: concurrency)
    }
    guard let url, let key, let settings else { return nil }
    return Settings.Connection(
      name: pair.key, kind: settings, url: url, key: key, place: pair.keyPlace)
  }

  private func text(_ map: ConfigMap, _ key: String) -> Settings.Text? {
    map.requiredText(key).map { Settings.Text($0) }
  }

  /// As events name it: 18 characters.
  private func organization(_ map: ConfigMap) -> String? {
    guard let node = map.required("organization"), let text = node.text(problems) else { return nil }
    if let id = SalesforceID.normalized(text) { return id }
    problems.report(node.place, "expected the organization's id, 15 or 18 characters with its check characters right")
    return nil
  }

  func secret(_ node: ConfigNode) -> Secret? {
    guard let text = node.text(problems) else { return nil }
    if let secret = Secret(text) { return secret }
    problems.report(
      node.place, "expected where the secret is: `env:NAME`, `file:PATH` or `file:env:NAME`; secrets never stand here")
    return nil
  }
}
