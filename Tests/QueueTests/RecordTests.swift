import Events
import Formats
import Testing

@testable import Queue

/// Room is made for a record before it is encoded.
@Suite struct RecordTests {
  private static let settlements: [Settlement] = [.done, .retry, .held, .expired].flatMap { kind in
    [[1], [1, 2, 3], []].flatMap { sequences in
      [nil, CheckpointFieldsTests.why].map { reason in
        Settlement(
          kind: kind, token: 7, sequences: sequences,
          dueAt: kind == .retry ? Instant(secondsSince1970: 5_000) : nil, reason: reason)
      }
    }
  }

  private static let others: [LogRecord] = [
    .duplicates(3), .lease([1, 2]), .note(1, "intent"), .changed(.drop, [4], nil), .started(deaths: 3), .closed,
    .paused(.flow("order"), isPaused: true), .carried(CheckpointFieldsTests.carried(9)),
    .expired(Expiry(keptFrom: 1, events: 2, duplicates: 3, parked: [4])),
    .retried(Retrying(from: 1, over: 2, isBulk: true, sequences: [4, 5])),
  ]

  @Test func `a record takes as many bytes as it says, and is read back`() {
    for record in Self.others + Self.settlements.map({ .settled($0) }) {
      var bytes: [UInt8] = []
      record.encode(into: &bytes)
      #expect(record.size == bytes.count, "\(record)")
      #expect(bytes.withUnsafeBytes { LogRecord.decode(record.kind, $0) } == record)
    }
  }
}
