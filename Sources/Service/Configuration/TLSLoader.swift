import Flows

/// Reads `tls:`. Where the certificates are, not what is in them: that shows when they are opened.
struct TLSLoader {
  let settings: SettingsLoader
  private var problems: Problems { settings.problems }

  func load(_ node: ConfigNode?) -> TLSFiles? {
    guard let node, let map = node.map(known: ["certificate", "key", "names", "client-ca", "client-crl"], problems)
    else { return nil }
    guard let pair = pair(map) else { return nil }
    var files = TLSFiles(pair: pair, place: node.place)
    for entry in map.list("names") ?? [] {
      guard let map = entry.map(known: ["certificate", "key"], problems), let pair = self.pair(map) else { return nil }
      files.names.append(pair)
    }
    files.clientAuthorities = map["client-ca"].flatMap(settings.secret)
    files.clientRevocations = map["client-crl"].flatMap(settings.secret)
    if let node = map["client-crl"], map["client-ca"] == nil {
      problems.report(
        node.place,
        "`client-crl` says which client certificates were revoked, and there is no `client-ca` to ask for any")
    }
    return files
  }

  private func pair(_ map: ConfigMap) -> TLSFiles.Pair? {
    let certificate = map.required("certificate").flatMap(settings.secret)
    let key = map.required("key").flatMap(settings.secret)
    guard let certificate, let key else { return nil }
    return TLSFiles.Pair(certificate: certificate, key: key)
  }
}
