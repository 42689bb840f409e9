import Events
import Flows
import Queue

/// Reads `retention:`.
struct RetentionLoader {
  let problems: Problems
  /// Bytes of the parts that the log is let go in.
  let segment: Int

  /// Unless something else is said, settled events stay for 30 days.
  static let settled: Int64 = 30 * 86_400

  func retention(_ node: ConfigNode?, endpoints: [String]) -> Retention {
    var retention = Retention()
    retention.settled = Self.settled
    guard let map = node?.map(known: ["settled", "dead", "size", "rules"], problems) else { return retention }
    if let node = map["settled"] { retention.settled = time(node) }
    if let node = map["dead"] { retention.parked = time(node) }
    if let node = map["size"], let size = node.bytes(problems) {
      if size >= 4 * segment {
        retention.size = UInt64(size)
      } else {
        problems.report(
          node.place,
          "`size`: expected at least \(4 * segment >> 20)MiB: the log is let go in parts of \(segment >> 20)MiB")
      }
    }
    for node in map.list("rules") ?? [] {
      if let rule = rule(node, retention, endpoints) { retention.rules.append(rule) }
    }
    return retention
  }

  private func rule(_ node: ConfigNode, _ general: Retention, _ endpoints: [String]) -> Retention.Rule? {
    guard let map = node.map(known: ["endpoint", "kind", "settled", "dead"], problems) else { return nil }
    var rule = Retention.Rule(settled: general.settled, parked: general.parked)
    if let node = map["endpoint"], let name = node.text(problems) {
      if !endpoints.contains(name) { problems.report(node.place, "there is no endpoint `\(name)`") }
      rule.endpoint = name
    }
    if let word = map.word("kind", of: Event.Kind.allCases.map(\.rawValue)), let kind = Event.Kind(rawValue: word) {
      rule.kinds = [kind]
    }
    if map["endpoint"] == nil, map["kind"] == nil {
      problems.report(node.place, "a rule needs `endpoint` or `kind`: what is for all events stands beside `rules`")
    }
    if let node = map["settled"] { rule.settled = time(node) }
    if let node = map["dead"] { rule.parked = time(node) }
    return rule
  }

  /// Seconds; nil for `never`.
  private func time(_ node: ConfigNode) -> Int64? {
    if node.scalar == "never" { return nil }
    guard let milliseconds = node.milliseconds(problems) else { return nil }
    if milliseconds < 3_600_000 {
      problems.report(node.place, "expected at least 1h, or `never`")
      return nil
    }
    return Int64(milliseconds / 1000)
  }
}
