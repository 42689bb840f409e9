import HTTP
import Ledger
import Queue
import Service
import Web

/// `/metrics`, in Prometheus' text format 0.0.4.
enum Metrics {
  nonisolated(nonsending) static func respond(to call: Call) async -> Response {
    let parts = call.parts
    let counts = await parts.queue.counts()
    // A ledger that does not answer is no reason to be blind to the queue.
    let runs = try? await parts.ledger.runCounts()
    var text = MetricsText()
    text.gauge("causeway_build_info", "Which Causeway this is.", [(["version": Build.version], 1)])
    text.gauge("causeway_ready", "1 while an event can be stored.", [([:], parts.isReady ? 1 : 0)])
    events(counts, parts, &text)
    pauses((try? await parts.queue.pauses()) ?? [], counts, &text)
    connections(parts.connections(), &text)
    if let counters = parts.counters() { requests(counters, &text) }
    if let handshakes = parts.handshakes() { self.handshakes(handshakes, &text) }
    text.counter(
      "causeway_notices_total", "What was doubtful in what senders sent; the log says it once.",
      parts.notices().map { (["endpoint": $0.kind.endpoint, "code": $0.kind.code], Int64($0.count)) })
    text.counter(
      "causeway_refused_total", "Requests that were refused, by reason.",
      parts.refusals().map { (["endpoint": $0.kind.endpoint, "code": $0.kind.code], Int64($0.count)) })
    keys(parts.keys(), &text)
    if let runs {
      text.gauge(
        "causeway_runs", "Runs in the ledger by their outcome.",
        Run.Outcome.allCases.map { (["outcome": $0.rawValue], Int64(runs[$0] ?? 0)) })
    }
    return Response(
      .ok, fields: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"], body: .bytes(Array(text.text.utf8)))
  }

  private static func events(_ counts: Counts, _ parts: ConsoleParts, _ text: inout MetricsText) {
    func plain(_ value: UInt64) -> [([String: String], Int64)] { [([:], Int64(clamping: value))] }
    text.gauge(
      "causeway_events", "Events by state.",
      EventState.allCases.map { (["state": $0.rawValue], Int64(clamping: counts.byState[$0] ?? 0)) })
    text.counter("causeway_events_received_total", "Events received, duplicates included.", plain(counts.received))
    text.counter("causeway_events_duplicate_total", "Events that were known already.", plain(counts.duplicates))
    text.counter("causeway_events_expired_total", "Events whose retention is over.", plain(counts.expired))
    text.gauge(
      "causeway_queue_conservation", "Received less all states, expired and duplicates; 0, or an event was lost.",
      [([:], counts.unaccounted)])
    let age = counts.oldestPending.map { max(0, parts.now().seconds(since: $0)) } ?? 0
    text.gauge("causeway_oldest_pending_seconds", "Age of the oldest event that is not settled.", [([:], age)])
  }

  private static func pauses(_ pauses: [Pause], _ counts: Counts, _ text: inout MetricsText) {
    text.gauge(
      "causeway_events_paused", "Waiting events that a pause holds back.", [([:], Int64(clamping: counts.paused))])
    func rows(_ value: (Pause) -> Int) -> [([String: String], Int64)] {
      pauses.map { (["part": $0.part.description], Int64(value($0))) }
    }
    text.gauge("causeway_pause_waiting", "Events that wait in a part that is paused.", rows(\.waiting))
    text.gauge("causeway_pause_leased", "Events of a paused part still worked on; 0: it has run dry.", rows(\.leased))
  }

  private static func keys(_ keys: [KeyReport], _ text: inout MetricsText) {
    func rows(_ value: (KeyReport) -> Int64) -> [([String: String], Int64)] {
      keys.map { (["endpoint": $0.endpoint, "entry": $0.entry, "key": $0.key], value($0)) }
    }
    text.counter("causeway_key_uses_total", "Requests that a key proved.", rows { Int64(clamping: $0.count) })
    text.gauge(
      "causeway_key_last_used_timestamp_seconds", "When a key last proved a request; 0: never.",
      rows { $0.lastUsed?.secondsSince1970 ?? 0 })
  }

  private static func connections(_ connections: [ConsoleParts.Connection], _ text: inout MetricsText) {
    func rows(_ value: (ConsoleParts.Connection) -> Int) -> [([String: String], Int64)] {
      connections.map { (["connection": $0.name, "kind": $0.kind], Int64(value($0))) }
    }
    text.counter("causeway_api_calls_total", "Calls to a system's API.", rows(\.calls))
    text.gauge(
      "causeway_connection_failures", "Calls in a row that the system failed.", rows(\.failuresInARow))
    text.gauge(
      "causeway_circuit_open", "1 while nothing is sent to the system but a probe now and then.",
      rows { $0.circuit == "closed" ? 0 : 1 })
  }

  private static func handshakes(_ counted: ConsoleParts.Handshakes, _ text: inout MetricsText) {
    text.counter(
      "causeway_tls_handshakes_total", "Handshakes of the public listener by what became of them.",
      [
        (["outcome": "full"], Int64(counted.finished - counted.resumed)),
        (["outcome": "resumed"], Int64(counted.resumed)),
        (["outcome": "certificate-refused"], Int64(counted.certificatesRefused)),
        (["outcome": "failed"], Int64(counted.failed)),
      ])
  }

  private static func requests(_ counters: ServerCounters, _ text: inout MetricsText) {
    let responses: [([String: String], Int64)] = counters.responses.enumerated().dropFirst().map {
      (["status": "\($0.offset)xx"], Int64($0.element))
    }
    text.counter("causeway_http_requests_total", "Requests answered on the public listener.", responses)
    text.gauge("causeway_http_connections", "Connections open.", [([:], Int64(counters.connectionsOpen))])
    text.counter(
      "causeway_http_connections_total", "Connections by what became of them.",
      [
        (["outcome": "accepted"], Int64(counters.connectionsAccepted)),
        (["outcome": "refused"], Int64(counters.connectionsRefused)),
      ])
  }
}

/// Lines of the format: help, type, then a sample a line.
struct MetricsText {
  private(set) var text = ""

  mutating func gauge(_ name: String, _ help: String, _ samples: [([String: String], Int64)]) {
    add(name, "gauge", help, samples)
  }

  mutating func counter(_ name: String, _ help: String, _ samples: [([String: String], Int64)]) {
    add(name, "counter", help, samples)
  }

  private mutating func add(_ name: String, _ type: String, _ help: String, _ samples: [([String: String], Int64)]) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    for (labels, value) in samples {
      let inside = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
      text += name + (inside.isEmpty ? "" : "{\(inside.joined(separator: ","))}") + " \(value)\n"
    }
  }

  private static func escaped(_ value: String) -> String {
    var escaped = ""
    for character in value.unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}
