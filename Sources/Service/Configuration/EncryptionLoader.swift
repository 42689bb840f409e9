import Flows

/// Reads `encryption:`. Where the keys are, not what is in them: that shows when the queue is opened.
struct EncryptionLoader {
  let settings: SettingsLoader
  private var problems: Problems { settings.problems }

  init(settings: SettingsLoader) { self.settings = settings }

  func load(_ node: ConfigNode?) -> EncryptionFiles? {
    guard let node, let map = node.map(known: ["key", "keys"], problems) else { return nil }
    let key = map["key"].flatMap(settings.secret)
    let older = map.list("keys") ?? []
    if map["key"] == nil, older.isEmpty {
      problems.report(
        node.place,
        "`key` is missing: where the key is that what is new is encrypted with; or, to end encryption, `keys`")
    }
    return EncryptionFiles(key: key, older: older.compactMap(settings.secret), place: node.place)
  }
}
