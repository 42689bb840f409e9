import Flows
import Inbound

/// Reads one entry of `endpoints:`; what it means is checked by `Inbound`.
struct EndpointLoader {
  private let settings: SettingsLoader
  private var problems: Problems { settings.problems }

  init(_ settings: SettingsLoader) { self.settings = settings }

  func endpoint(_ pair: ConfigNode.Pair) -> Settings.Endpoint? {
    let known = ["kind", "organization", "account", "id", "key", "verify", "body-limit", "gzip", "wsdl"]
    guard pair.key.utf8.allSatisfy(Self.isNameByte), pair.key.utf8.count <= 64 else {
      problems.report(pair.keyPlace, "an endpoint's name has letters, digits, `-` and `_` only, at most 64")
      return nil
    }
    guard let map = pair.value.map(known: known, problems), let kind = map.required("kind"),
      let kind = kind.word(of: SourceCatalogue.kinds, problems)
    else { return nil }
    let verify = map["verify"].flatMap(VerificationLoader(settings).verify)
    let isVerified = map["verify"] != nil
    if isVerified, verify == nil { return nil }
    let (name, organization, account) = (pair.key, map.text("organization"), map.text("account"))
    let (id, key) = (map.text("id"), map.text("key"))
    let (limit, gzip, lists) = (bodyLimit(map), map.bool("gzip") ?? false, fieldLists(map, kind))
    return Settings.Endpoint(
      name: name,
      source: { environment in
        var settings = SourceSettings(
          name: name, kind: kind, organization: organization, account: account, id: id, key: key,
          verify: verify?(environment))
        settings.bodyLimit = limit
        settings.gzip = gzip
        settings.fieldLists = lists
        return settings
      }, place: pair.keyPlace, node: pair.value)
  }

  /// A message of fewer bytes is none; of more, the memory of one request would be that of many.
  private static let bodyLimits = 1 << 10...64 << 20

  private func bodyLimit(_ map: ConfigMap) -> Int? {
    guard let node = map["body-limit"], let bytes = node.bytes(problems) else { return nil }
    if Self.bodyLimits.contains(bytes) { return bytes }
    problems.report(node.place, "a body may be limited to 1 KiB at least and to 64 MiB at most")
    return nil
  }

  private func fieldLists(_ map: ConfigMap, _ kind: String) -> FieldLists {
    guard let node = map["wsdl"] else { return .none }
    if kind == "salesforce-outbound-message" { return FieldListLoader(settings).lists(node) }
    problems.report(node.place, "`wsdl` belongs to endpoints of the kind `salesforce-outbound-message`")
    return .none
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
    default: false
    }
  }
}
