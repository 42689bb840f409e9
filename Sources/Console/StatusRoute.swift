import Formats
import HTTP
import Queue
import Web

/// `/api/v1/status`: what a person asks first.
enum StatusRoute {
  nonisolated(nonsending) static func respond(to call: Call) async -> Response {
    let parts = call.parts
    let counts = await parts.queue.counts()
    var events: JSONObject = ["received": .number(counts.received)]
    for state in EventState.allCases { events[state.rawValue] = .number(counts.byState[state] ?? 0) }
    events["expired"] = .number(counts.expired)
    events["duplicates"] = .number(counts.duplicates)
    events["paused"] = .number(counts.paused)
    var answer: JSONObject = [
      "version": .string(Build.version), "state": .string(parts.state()), "ready": .bool(parts.isReady),
      "events": .object(events), "unaccounted": .number(counts.unaccounted),
      "oldestPendingSeconds": counts.oldestPending.map { .number(max(0, parts.now().seconds(since: $0))) } ?? .null,
    ]
    answer["connections"] = .array(
      parts.connections().map {
        [
          "name": .string($0.name), "kind": .string($0.kind), "account": .string($0.account),
          "calls": .number(Int64($0.calls)), "failuresInARow": .number(Int64($0.failuresInARow)),
          "circuit": .string($0.circuit),
        ]
      })
    answer["requests"] = .number(Int64(parts.counters()?.requests ?? 0))
    return .json(JSON.object(answer).bytes)
  }
}
