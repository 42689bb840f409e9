import Flows
import HTTP

/// Reads `limits:`: every property of `HTTPLimits`, in kebab case, within bounds that leave a server that works.
struct LimitsLoader {
  let problems: Problems

  typealias Property = any WritableKeyPath<HTTPLimits, Int> & Sendable

  enum Unit { case octets, milliseconds, count }

  struct Key {
    let name: String
    let unit: Unit
    let bounds: ClosedRange<Int>
    let property: Property

    init(_ name: String, _ unit: Unit, _ bounds: ClosedRange<Int>, _ property: Property) {
      self.name = name
      self.unit = unit
      self.bounds = bounds
      self.property = property
    }
  }

  private static let kibi = 1 << 10
  private static let mebi = 1 << 20
  private static let times = 100...600_000

  static let keys: [Key] = [
    Key("request-line", .octets, 256...(64 * kibi), \.requestLine),
    Key("head", .octets, kibi...mebi, \.head),
    Key("fields", .count, 10...10_000, \.fields),
    Key("body", .octets, kibi...(32 * mebi), \.body),
    Key("inflation-ratio", .count, 1...10_000, \.inflationRatio),
    Key("inflation-floor", .octets, 0...mebi, \.inflationFloor),
    Key("chunk-extension", .octets, 0...(8 * kibi), \.chunkExtension),
    Key("chunk-extensions", .octets, 0...mebi, \.chunkExtensions),
    Key("chunk-overhead", .octets, kibi...mebi, \.chunkOverhead),
    Key("chunk-overhead-ratio", .count, 1...100, \.chunkOverheadRatio),
    Key("trailers", .octets, 0...(64 * kibi), \.trailers),
    Key("pipelined", .count, 1...1_000, \.pipelined),
    Key("requests-per-connection", .count, 1...1_000_000_000, \.requestsPerConnection),
    Key("connection-age", .milliseconds, 1_000...604_800_000, \.connectionAge),
    Key("connections", .count, 1...1_000_000, \.connections),
    Key("connections-per-peer", .count, 1...1_000_000, \.connectionsPerPeer),
    Key("handshakes", .count, 1...1_000_000, \.handshakes),
    Key("half-sent-heads", .count, 1...1_000_000, \.halfSentHeads),
    Key("memory", .octets, mebi...(1_024 * 1_024 * mebi), \.memory),
    Key("head-deadline", .milliseconds, times, \.headDeadline),
    Key("body-deadline", .milliseconds, times, \.bodyDeadline),
    Key("body-rate", .octets, 1...(1_024 * mebi), \.bodyRate),
    Key("response-rate", .octets, 1...(1_024 * mebi), \.responseRate),
    Key("response-window", .milliseconds, times, \.responseWindow),
    Key("idle", .milliseconds, 1_000...86_400_000, \.idle),
    Key("idle-under-pressure", .milliseconds, 1_000...86_400_000, \.idleUnderPressure),
    Key("lingering-octets", .octets, 0...mebi, \.lingeringOctets),
    Key("lingering", .milliseconds, 0...60_000, \.lingering),
  ]

  func limits(_ node: ConfigNode?) -> HTTPLimits {
    var limits = HTTPLimits.default
    let known = Self.keys.map(\.name) + ["requires-length"]
    guard let node, let map = node.map(known: known, problems) else { return limits }
    for key in Self.keys {
      if let node = map[key.name], let value = value(node, key) { limits[keyPath: key.property] = value }
    }
    if let requires = map.bool("requires-length") { limits.requiresLength = requires }
    if limits.requestLine > limits.head {
      problems.report(map.place, "`request-line` is larger than `head`, of which it is a part")
    }
    if limits.idleUnderPressure > limits.idle {
      problems.report(map.place, "`idle-under-pressure` is longer than `idle`")
    }
    return limits
  }

  private func value(_ node: ConfigNode, _ key: Key) -> Int? {
    let value: Int?
    switch key.unit {
    case .octets: value = node.bytes(problems)
    case .milliseconds: value = node.milliseconds(problems)
    case .count: value = node.int(problems)
    }
    guard let value, !key.bounds.contains(value) else { return value }
    let (low, high) = (key.unit.text(key.bounds.lowerBound), key.unit.text(key.bounds.upperBound))
    problems.report(node.place, "`\(key.name)`: expected from \(low) to \(high)")
    return nil
  }
}

extension LimitsLoader.Unit {
  /// As a person would write it.
  func text(_ value: Int) -> String {
    let units: [(String, Int)]
    switch self {
    case .octets: units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
    case .milliseconds: units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)]
    case .count: units = []
    }
    for (unit, factor) in units where value >= factor && value % factor == 0 { return "\(value / factor)\(unit)" }
    return "\(value)"
  }
}
