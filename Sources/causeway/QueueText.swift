import Formats
import Queue

/// What is said of a queue's folder, for people and for programs.
enum QueueText {
  static func say(_ found: QueueVerification, json isJSON: Bool) {
    if isJSON {
      return Output.line(JSON.object(sums(found.segments, found.bytes, found.counts, found.damage)).text)
    }
    sayLines(found.segments, found.bytes, found.counts)
    for damage in found.damage { Output.line(line(damage)) }
  }

  static func say(_ found: QueueStatistics, json isJSON: Bool) {
    if isJSON {
      var json = sums(found.segments, found.bytes, found.counts, found.damage)
      json["identities"] = [
        "count": .number(found.identities), "files": .number(Int64(found.identityFiles)),
        "bytes": .number(found.identityBytes),
      ]
      return Output.line(JSON.object(json).text)
    }
    sayLines(found.segments, found.bytes, found.counts)
    say("oldest that waits", found.counts.oldestPending.map { "\($0)" } ?? "none")
    say("identities", "\(found.identities), \(found.identityBytes) bytes in \(found.identityFiles) files")
    for damage in found.damage { Output.line(line(damage)) }
  }

  private static func sayLines(_ segments: Int, _ bytes: UInt64, _ counts: Counts) {
    say("segments", "\(segments)")
    say("bytes", "\(bytes)")
    say("received", "\(counts.received)")
    for state in EventState.allCases { say(state.rawValue, "\(counts.byState[state, default: 0])") }
    say("expired", "\(counts.expired)")
    say("duplicate", "\(counts.duplicates)")
  }

  private static func say(_ name: String, _ value: String) { Output.line(Table.line([(name, 18), (value, 0)])) }

  private static func sums(
    _ segments: Int, _ bytes: UInt64, _ counts: Counts, _ damage: [Damage]
  ) -> JSONObject {
    var states: JSONObject = [:]
    for state in EventState.allCases { states[state.rawValue] = .number(counts.byState[state, default: 0]) }
    return [
      "segments": .number(Int64(segments)), "bytes": .number(bytes), "received": .number(counts.received),
      "states": .object(states), "expired": .number(counts.expired), "duplicate": .number(counts.duplicates),
      "oldest": counts.oldestPending.map { .string($0.description) } ?? .null,
      "damage": .array(damage.map(json)),
    ]
  }

  static func json(_ damage: Damage) -> JSON {
    [
      "segment": .string(damage.segment), "offset": .number(damage.offset), "length": .number(damage.length),
      "kind": .string("\(damage.kind)"),
      "sequences": .array(
        damage.sequences.map { .array([.number($0.lowerBound), .number($0.upperBound)]) }),
    ]
  }

  /// `00000000000000000001.log at 688, 136 bytes: a batch is damaged: 51, 53–55`
  static func line(_ damage: Damage) -> String {
    let sequences = damage.sequences.map {
      $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)"
    }
    let place = damage.length == 0 ? "" : " at \(damage.offset), \(damage.length) bytes"
    return "\(damage.segment)\(place): \(words(damage.kind))"
      + (sequences.isEmpty ? "" : ": " + sequences.joined(separator: ", "))
  }

  private static func words(_ kind: Damage.Kind) -> String {
    switch kind {
    case .tornTail: "a write was cut short, and nobody was told of it"
    case .unreadable: "bytes that are no batch"
    case .body: "a batch is damaged"
    case .chain: "a batch does not follow the one before"
    case .notAuthentic: "records are not what was written with the segment's key"
    case .key: "the segment's key is missing or damaged"
    case .seal: "the segment's end does not say what is in it"
    case .segment: "no segment of this queue, or one is missing before it"
    case .run: "a file of identities is damaged"
    case .identities: "a file of identities is missing"
    }
  }
}

extension JSON {
  fileprivate static func number(_ value: UInt64) -> JSON { .number(Int64(clamping: value)) }
}
