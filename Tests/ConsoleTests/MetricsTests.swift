import Events
import Queue
import Testing

@testable import Console

@Suite struct MetricsTests {
  /// Samples by name and labels.
  private func samples(_ text: String) -> [String: Int64] {
    var samples: [String: Int64] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      guard let blank = line.lastIndex(of: " ") else { continue }
      samples[String(line[..<blank])] = Int64(line[line.index(after: blank)...])
    }
    return samples
  }

  @Test func `what was received is accounted for in every state`() async throws {
    let console = try ConsoleFixture()
    try await console.append(3)
    try await console.append(2)
    try await console.settle(.dead(Reason("bad", .validation, "No.")))
    _ = try await console.queue.append([ConsoleFixture.event(7)])
    let samples = samples(await console.get("/metrics").text)
    #expect(samples["causeway_events_received_total"] == 6)
    #expect(samples["causeway_events_duplicate_total"] == 2)
    #expect(samples["causeway_events{state=\"dead\"}"] == 3)
    #expect(samples["causeway_events{state=\"queued\"}"] == 1)
    #expect(samples["causeway_queue_conservation"] == 0)
    #expect(samples["causeway_oldest_pending_seconds"] == 600)
    #expect(samples["causeway_ready"] == 1)
  }

  @Test func `an event that no state has is seen`() {
    var counts = Counts()
    counts.received = 5
    counts.byState[.done] = 3
    counts.duplicates = 1
    #expect(counts.unaccounted == 1)
    counts.expired = 3
    #expect(counts.unaccounted == -2)
  }

  @Test func `connections have their names as labels, escaped`() async throws {
    let console = try ConsoleFixture(connections: [
      ConsoleParts.Connection(name: "c\"r\\m", kind: "salesforce", account: "00D", calls: 12, failuresInARow: 2)
    ])
    let text = await console.get("/metrics").text
    #expect(text.contains(#"causeway_api_calls_total{connection="c\"r\\m",kind="salesforce"} 12"#))
    #expect(text.contains(#"causeway_connection_failures{connection="c\"r\\m",kind="salesforce"} 2"#))
  }

  @Test func `handshakes are counted by what became of them, where there is TLS`() async throws {
    let handshakes = ConsoleParts.Handshakes(finished: 7, resumed: 3, certificatesRefused: 2, failed: 1)
    let samples = samples(await (try ConsoleFixture(handshakes: handshakes)).get("/metrics").text)
    let expected: [String: Int64] = ["full": 4, "resumed": 3, "certificate-refused": 2, "failed": 1]
    for (outcome, count) in expected {
      #expect(samples["causeway_tls_handshakes_total{outcome=\"\(outcome)\"}"] == count)
    }
    #expect(await !(try ConsoleFixture()).get("/metrics").text.contains("causeway_tls"))
  }

  @Test func `each metric is helped and typed once`() async throws {
    let lines = try await ConsoleFixture().get("/metrics").text.split(separator: "\n")
    let types = lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
    #expect(Set(types).count == types.count)
    #expect(lines.filter { $0.hasPrefix("# HELP ") }.map { $0.split(separator: " ")[2] } == types)
    #expect(types.contains("causeway_runs"))
  }
}
