import Events
import Formats
import GRDB
import Testing

@testable import Ledger

@Suite struct RunTests {
  @Test func `a run comes back with its steps and its reason`() async throws {
    let ledger = try Ledger.inMemory()
    var recorded = run(
      1, outcome: .held,
      steps: [
        Step(
          .read, side: .salesforce, record: RecordID(type: "Opportunity", id: "0061"),
          detail: ["Amount": FieldValue.number(try #require(ExactDecimal("10.50"))).typedJSON]),
        Step(.decide, detail: ["nothing": true]), Step(.note, side: .netsuite, detail: "closed period"),
      ])
    recorded.reason = Reason(
      "PERIOD_CLOSED", .conflict, "the period of {0} is closed", quoted: ["2026-10"], side: .netsuite,
      record: RecordID(type: "salesOrder", id: "1"), field: "tranDate")
    recorded.id = try await ledger.record(run: recorded)
    #expect(try await ledger.run(recorded.id ?? 0) == recorded)
    #expect(try await ledger.run(99) == nil)
    let text = try await ledger.run(recorded.id ?? 0)?.steps[0].detail.text
    #expect(text == #"{"Amount":{"number":10.50}}"#)
  }

  @Test func `a run without partner, sequence or reason comes back as it was`() async throws {
    let ledger = try Ledger.inMemory()
    var recorded = run(1, pair: Pair(salesforce: nil, netsuite: "7"))
    recorded.cause.sequence = nil
    recorded.id = try await ledger.record(run: recorded)
    #expect(try await ledger.run(recorded.id ?? 0) == recorded)
  }

  @Test func `runs are listed newest first, in pages, by what they are about`() async throws {
    let ledger = try Ledger.inMemory()
    for number in Int64(1)...10 {
      try await ledger.record(
        run: run(number, flow: number % 2 == 0 ? "order" : "customer", outcome: number > 8 ? .dead : .written))
    }
    let ids = { (filter: RunFilter, before: Int64?, limit: Int) async throws in
      try await ledger.runs(filter, before: before, limit: limit).compactMap(\.id)
    }
    #expect(try await ids(RunFilter(), nil, 3) == [10, 9, 8])
    #expect(try await ids(RunFilter(), 8, 3) == [7, 6, 5])
    #expect(try await ids(RunFilter(flow: "order"), nil, 100) == [10, 8, 6, 4, 2])
    #expect(try await ids(RunFilter(outcomes: [.dead, .held]), nil, 100) == [10, 9])
    #expect(try await ids(RunFilter(record: "0063"), nil, 100) == [3])
    #expect(try await ids(RunFilter(record: "4"), nil, 100) == [4])
    #expect(try await ids(RunFilter(sequence: 5), nil, 100) == [5])
    #expect(try await ids(RunFilter(entity: "customer"), nil, 100) == [])
    #expect(try await ids(RunFilter(flow: "order", since: instant(7)), nil, 100) == [10, 8])
    #expect(try await ids(RunFilter(), nil, -1) == [])
    #expect(try await ledger.runCounts() == [.dead: 2, .written: 8])
    #expect(try await ledger.runCounts(RunFilter(flow: "order")) == [.dead: 1, .written: 4])
  }

  @Test func `forgotten runs take their steps along, and their ids are not used again`() async throws {
    let ledger = try Ledger.inMemory()
    for number in Int64(1)...3 {
      try await ledger.record(run: run(number, steps: [Step(.note, detail: nil)]))
    }
    #expect(try await ledger.forgetRuns(startedBefore: instant(3)) == 2)
    #expect(try await ledger.runs().compactMap(\.id) == [3])
    #expect(try await ledger.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM step") } == 1)
    #expect(try await ledger.forgetRuns(startedBefore: instant(9)) == 1)
    #expect(try await ledger.record(run: run(4)) == 4)
  }
}
