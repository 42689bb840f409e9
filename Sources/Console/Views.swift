import Events
import Formats
import Ledger
import Queue
import Service

/// Events as the admin API and `causeway events --json` show them. A payload only where it was asked for.
public enum EventView {
  public static func json(_ entry: Entry, payload: Bool = false) -> JSON {
    let event = entry.event
    var json: JSONObject = [
      "sequence": .number(entry.sequence), "endpoint": .string(event.endpoint), "id": .string(event.id),
      "key": .string(event.key), "state": .string(entry.state.rawValue),
      "receivedAt": .string(event.receivedAt.description), "kind": .string(event.kind.rawValue),
      "subject": .string(event.subject), "change": .string(event.change.rawValue),
      "system": .string(event.system.description), "attempts": .number(Int64(entry.attempts)),
    ]
    if let dueAt = entry.dueAt { json["dueAt"] = .string(dueAt.description) }
    if event.priority == .bulk { json["priority"] = "bulk" }
    if entry.isConflicting { json["conflicting"] = true }
    if let reason = entry.reason { json["reason"] = ReasonView.json(reason) }
    if payload {
      // What the queue holds is JSON; bytes that are not are shown as text rather than left out.
      json["payload"] = (try? JSON.parse(event.payload)) ?? .string(String(decoding: event.payload, as: UTF8.self))
    }
    return .object(json)
  }
}

enum ReasonView {
  /// The sentence with its values in place, for a person who is to act on it.
  static func json(_ reason: Reason) -> JSON {
    var json: JSONObject = [
      "code": .string(reason.code), "class": .string(reason.kind.rawValue), "sentence": .string(reason.description),
    ]
    if let side = reason.side { json["side"] = .string(side.rawValue) }
    if let record = reason.record { json["record"] = ["type": .string(record.type), "id": .string(record.id)] }
    if let field = reason.field { json["field"] = .string(field) }
    if let needs = reason.needs { json["needs"] = ["type": .string(needs.type), "id": .string(needs.id)] }
    return .object(json)
  }
}

enum RunView {
  static func json(_ run: Run) -> JSON {
    var json: JSONObject = [
      "id": run.id.map { .number($0) } ?? .null, "flow": .string(run.flow), "entity": .string(run.entity),
      "salesforce": run.pair.salesforce.map { .string($0) } ?? .null,
      "netsuite": run.pair.netsuite.map { .string($0) } ?? .null,
      "cause": [
        "sequence": run.cause.sequence.map { .number($0) } ?? .null, "event": .string(run.cause.event),
        "endpoint": .string(run.cause.endpoint),
      ],
      "started": .string(run.started.description), "finished": .string(run.finished.description),
      "outcome": .string(run.outcome.rawValue), "calls": .number(Int64(run.apiCalls)),
    ]
    if let reason = run.reason { json["reason"] = ReasonView.json(reason) }
    if !run.steps.isEmpty { json["steps"] = .array(run.steps.map(Self.json)) }
    return .object(json)
  }

  private static func json(_ step: Step) -> JSON {
    var json: JSONObject = ["kind": .string(step.kind.rawValue)]
    if let side = step.side { json["side"] = .string(side.rawValue) }
    if let record = step.record { json["record"] = ["type": .string(record.type), "id": .string(record.id)] }
    json["detail"] = step.detail
    return .object(json)
  }
}

extension JSON {
  /// A count or a sequence; what would not fit is out of reach of both.
  static func number(_ value: UInt64) -> JSON { .number(Int64(clamping: value)) }
}
