import Formats
import Inbound

/// A key of an endpoint, and how it was used: whether a rotation can be finished.
public struct KeyReport: Hashable, Sendable {
  public let endpoint: String
  /// The entry of `verify`: `hmac`.
  public let entry: String
  /// As the configuration names it: `env:EVENT_SECRET`.
  public let key: String
  /// Requests that it proved.
  public var count: UInt64
  public var lastUsed: Instant?

  public init(endpoint: String, entry: String, key: String, count: UInt64 = 0, lastUsed: Instant? = nil) {
    self.endpoint = endpoint
    self.entry = entry
    self.key = key
    self.count = count
    self.lastUsed = lastUsed
  }

  /// Of endpoints that are open.
  static func of(_ sources: [String: any Source]) -> [KeyReport] {
    sources.sorted { $0.key < $1.key }.flatMap { endpoint, source in
      source.verifier.keys.map {
        KeyReport(endpoint: endpoint, entry: $0.entry, key: $0.key, count: $0.count, lastUsed: $0.lastUsed)
      }
    }
  }

  /// Of a configuration that nobody serves, with what its data folder remembers. Reads no secret.
  public static func of(_ settings: Settings, data folder: String) throws(KeyUseFile.Unreadable) -> [KeyReport] {
    let known = try KeyUseFile(folder: folder).read()
    var reports: [KeyReport] = []
    for endpoint in settings.endpoints.sorted(by: { $0.name < $1.name }) {
      guard case .all(let entries)? = endpoint.source([:]).verify else { continue }
      for entry in entries {
        for key in entry.keys {
          let report = KeyReport(endpoint: endpoint.name, entry: entry.name, key: key)
          guard !reports.contains(where: { $0.names(the: report) }) else { continue }
          reports.append(known.first { $0.names(the: report) } ?? report)
        }
      }
    }
    return reports
  }

  func names(the other: KeyReport) -> Bool {
    endpoint == other.endpoint && entry == other.entry && key == other.key
  }

  public var json: JSON {
    [
      "endpoint": .string(endpoint), "entry": .string(entry), "key": .string(key),
      "count": .number(Int64(clamping: count)), "lastUsed": lastUsed.map { .string($0.description) } ?? .null,
    ]
  }

  init?(_ json: JSON) {
    guard let endpoint = json["endpoint"]?.string, let entry = json["entry"]?.string, let key = json["key"]?.string,
      let count = json["count"]?.int, count >= 0
    else { return nil }
    self.init(
      endpoint: endpoint, entry: entry, key: key, count: UInt64(count),
      lastUsed: json["lastUsed"]?.string.flatMap { Instant($0) })
  }
}
