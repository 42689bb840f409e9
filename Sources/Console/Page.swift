import Events
import Formats
import HTTP
import Queue
import Web

/// `/`: one plain page with the state of the queue, its lanes and the connections. No script; it asks for itself anew
/// every few seconds.
enum Page {
  nonisolated(nonsending) static func respond(to call: Call) async -> Response {
    do {
      return Response(
        .ok, fields: ["Content-Type": "text/html; charset=utf-8"], body: .bytes(Array(try await html(call.parts).utf8)))
    } catch {
      return EventRoutes.answer(to: error)
    }
  }

  private nonisolated(nonsending) static func html(_ parts: ConsoleParts) async throws -> String {
    let counts = await parts.queue.counts()
    var html = HTML()
    html.raw(
      """
      <!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">\
      <meta name="viewport" content="width=device-width"><title>Causeway</title>\
      <link rel="stylesheet" href="/console.css"></head><body><header><h1>Causeway</h1><p>
      """)
    html.value(
      "\(parts.state()) · \(parts.counters()?.requests ?? 0) requests answered · \(oldest(counts, parts.now()))")
    html.raw("</p></header><main>")
    self.counts(counts, &html)
    try await waiting(parts, &html)
    let stopped = try await self.stopped(parts)
    html.table(
      "Held", ["Event", "Received", "Endpoint", "About", "Why"], stopped.held,
      note: "Waiting for a person or a change outside. Then: causeway events retry --state held")
    html.table(
      "Dead", ["Event", "Received", "Endpoint", "About", "Why"], stopped.dead,
      note: "Will not work as they are. causeway events show N says more; retry or drop them.")
    html.table(
      "Connections", ["Name", "Kind", "Account", "API calls", "Failures in a row"],
      parts.connections().map { [$0.name, $0.kind, $0.account, "\($0.calls)", "\($0.failuresInARow)"] })
    html.raw("</main><footer>")
    html.value("Causeway \(Build.version) · \(parts.now()) · ")
    html.raw("<a href=\"/metrics\">metrics</a> · <a href=\"/api/v1/status\">status</a></footer></body></html>\n")
    return html.text
  }

  private static func oldest(_ counts: Counts, _ now: Instant) -> String {
    guard let since = counts.oldestPending else { return "nothing waits" }
    return "the oldest event waits for \(age(max(0, now.seconds(since: since))))"
  }

  /// `5 s`, `12 min`, `3 h`, `4 d`.
  static func age(_ seconds: Int64) -> String {
    switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7_200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3_600) h"
    default: "\(seconds / 86_400) d"
    }
  }

  private static func counts(_ counts: Counts, _ html: inout HTML) {
    var numbers = [("received", Int64(clamping: counts.received))]
    numbers += EventState.allCases.map { ($0.rawValue, Int64(clamping: counts.byState[$0] ?? 0)) }
    numbers += [("expired", Int64(clamping: counts.expired)), ("duplicates", Int64(clamping: counts.duplicates))]
    if counts.unaccounted != 0 { numbers.append(("unaccounted for", counts.unaccounted)) }
    html.raw("<dl>")
    for (name, number) in numbers {
      html.raw("<div><dt>")
      html.value(name)
      html.raw("</dt><dd>")
      html.value("\(number)")
      html.raw("</dd></div>")
    }
    html.raw("</dl>")
  }

  private nonisolated(nonsending) static func waiting(_ parts: ConsoleParts, _ html: inout HTML) async throws {
    let pending = Filter(states: [.queued, .leased, .retrying])
    let entries = try await parts.queue.list(pending, after: nil, limit: Limits.waiting)
    var heads: [Lane: (head: Entry, count: Int)] = [:]
    var order: [Lane] = []
    for entry in entries {
      let lane = entry.event.lane
      if heads[lane] == nil { order.append(lane) }
      heads[lane, default: (entry, 0)].count += 1
    }
    let rows = order.prefix(Limits.rows).compactMap { lane -> [String]? in
      guard let (head, count) = heads[lane] else { return nil }
      let due = head.dueAt.map { "again at \($0)" } ?? ""
      let why = head.reason.map { "\($0)" } ?? ""
      return [
        lane.description, "\(count)", head.state.rawValue, "\(head.attempts)", due.isEmpty ? why : "\(due): \(why)",
      ]
    }
    html.table("Lanes", ["Lane", "Events", "First", "Attempts", ""], Array(rows))
  }

  private nonisolated(nonsending) static func stopped(
    _ parts: ConsoleParts
  ) async throws -> (held: [[String]], dead: [[String]]) {
    func rows(_ entries: [Entry]) -> [[String]] {
      entries.map { entry in
        [
          "\(entry.sequence)", "\(entry.event.receivedAt)", entry.event.endpoint,
          "\(entry.event.subject) \(entry.event.key)", entry.reason.map { "\($0)" } ?? "",
        ]
      }
    }
    let held = try await parts.queue.list(Filter(states: [.held]), after: nil, limit: Limits.rows)
    let dead = try await parts.queue.list(Filter(states: [.dead]), after: nil, limit: Limits.rows)
    return (rows(held), rows(dead))
  }
}
