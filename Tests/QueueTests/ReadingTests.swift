import Events
import Formats
import Posix
import Support
import Testing

@testable import Queue

/// Events are read back in the order of the log, many at a time, and always as they are.
@Suite struct ReadingTests {
  let disk = FaultyDisk()

  private func open() throws -> FileQueue {
    var options = DamageTests.options
    options.segmentSize = 1 << 20
    return try FileQueue.open(folder: "/q", disk: disk, clock: ManualClock(), options: options)
  }

  /// Of noise, which is not compressed.
  private func event(_ number: Int, size: Int) -> Event {
    var noise = SeededRandom(seed: UInt64(number))
    let words = (0..<(size + 7) / 8).map { _ in noise.next() }
    return Event(
      system: System(.json, "in"), endpoint: "in", id: "n\(number)", kind: .json, key: "lane \(number)", subject: "s",
      receivedAt: Instant(secondsSince1970: 1_795_478_400),
      payload: words.withUnsafeBytes { [UInt8]($0.prefix(size)) })
  }

  /// Reads of a call.
  private func reads(_ body: () async throws -> Void) async rethrows -> Int {
    let count = Lock(0)
    disk.watch { _, call, _ in
      if call == "pread" { count.withLock { $0 += 1 } }
      return nil
    }
    try await body()
    disk.watch(nil)
    return count.withLock { $0 }
  }

  @Test func `events that follow each other are read together, and are what was sent`() async throws {
    let queue = try open()
    var random = SeededRandom(seed: 1)
    // Some are longer than what is read at a time, with or without what follows.
    let sent = (0..<600).map { number in
      event(
        number, size: number % 50 == 49 ? 100_000 : number % 9 == 8 ? 5000 : Int.random(in: 0...1400, using: &random))
    }
    for first in stride(from: 0, to: sent.count, by: 20) { _ = try await queue.append(Array(sent[first..<first + 20])) }
    var leases: [Lease] = []
    let count = try await reads { leases = try await queue.lease(lanes: 600, eventsPerLane: 1, except: []) }
    #expect(leases.map { $0.events[0].event } == sent)
    #expect(count < 100, "\(count) reads")
    for _ in 0..<100 {
      let sequences = leases.map { $0.events[0].sequence }.shuffled(using: &random).prefix(3)
      for sequence in sequences {
        let found = try await queue.list(Filter(sequences: sequence...sequence), after: nil, limit: 1)
        #expect(found == leases.first { $0.events[0].sequence == sequence }?.events)
      }
    }
    await queue.close()
  }

  @Test func `what was overwritten since is not read from memory`() async throws {
    let queue = try open()
    _ = try await queue.append((1...6).map { event($0, size: 300) })
    let before = try await queue.list(Filter(), after: nil, limit: 9)
    #expect(before.map(\.event.id) == (1...6).map { "n\($0)" })
    let reason = Reason("erased", .none, "The person asked for it.")
    #expect(
      try await queue.change(
        Filter(sequences: before[3].sequence...before[3].sequence), .erase(containing: nil, reason)) == 1)
    let after = try await queue.list(Filter(), after: nil, limit: 9)
    #expect(after.map(\.event.id) == ["n1", "n2", "n3", "", "n5", "n6"])
    await queue.close()
  }
}
