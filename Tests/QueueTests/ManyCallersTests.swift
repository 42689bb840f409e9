import Events
import Glibc
import Posix
import Support
import Testing

@testable import Queue

/// Many who call at once, by the machine's clock: batches wait for company, and carry the calls of many.
@Suite struct ManyCallersTests {
  @Test(arguments: 0..<3) func `Among many clients a crash at any storage call loses nothing, and nothing comes twice`(
    _ seed: Int
  ) async throws {
    let life = ConcurrentLife(seed: UInt64(seed))
    life.watch(oneIn: 3)
    let queue = try life.open()
    #expect(await life.run(queue, clients: 48, events: 16) == 0)
    #expect(await queue.counts().unaccounted == 0)
    await queue.close()
    life.disk.watch(nil)
    #expect(life.syncs.withLock { $0 } > 10)
    #expect(life.twice.withLock { $0 } == [])
    #expect(life.doubly.withLock { $0 } == [])
    #expect(life.points.withLock { $0.count } > 10)
    await expectNothingLost(life, seed)
  }

  @Test(arguments: 0..<3) func `A disk that is full now and then refuses a batch, and takes the next one`(
    _ seed: Int
  ) async throws {
    let life = ConcurrentLife(seed: UInt64(seed))
    let random = Lock(SeededRandom(seed: UInt64(seed)))
    life.watch(oneIn: 60) { call in
      let isHit = random.withLock { Int.random(in: 0..<5, using: &$0) == 0 }
      guard isHit, call == "pwrite", ConcurrentLife.threadName == "queue-write" else {
        return nil
      }
      return .shortWrite(.noSpace)
    }
    let queue = try life.open()
    #expect(await life.run(queue, clients: 48, events: 16) > 0)
    life.disk.watch(nil)
    #expect(queue.failure == nil)
    #expect(life.twice.withLock { $0 } == [])
    #expect(life.doubly.withLock { $0 } == [])
    await queue.close()
    life.watch(oneIn: 1)
    let again = try life.open()
    // Half of a batch that was refused may stand behind the end.
    #expect(again.recovery.damage.allSatisfy { $0.kind == .tornTail && $0.sequences.isEmpty })
    await again.close()
    await expectNothingLost(life, seed)
  }

  /// After a crash at each of the moments that were kept.
  private func expectNothingLost(_ life: ConcurrentLife, _ seed: Int) async {
    var wrong: [String] = []
    for (number, point) in life.points.withLock({ $0 }).enumerated() {
      let crash = UInt64(seed * 1000 + number)
      wrong += await CrashOracle(point: point, seed: crash).judge(point.image.afterCrash(seed: crash))
    }
    #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(5))")
  }

  /// Regression: what was asked behind a lease went into its batch, by a state that did not know of the lease: an event
  /// was said to be dropped, and was worked on.
  @Test(.timeLimit(.minutes(10))) func `what is dropped is not leased by the same batch`() async throws {
    let disk = FaultyDisk()
    let queue = try FileQueue.open(folder: "/q", disk: disk, clock: MachineClock(), options: DamageTests.options)
    _ = try await queue.append([DamageTests.event(1)])
    let sync = HeldSync(disk)
    let second = Task { try await queue.append([DamageTests.event(2)]) }
    await sync.wait()
    let lease = Task { try await queue.lease(lanes: 1, eventsPerLane: 1, except: []) }
    await sync.wait(queue, calls: 1)
    let drop = Task { try await queue.ask { .drop([1], RetentionTests.why, $0) } }
    await sync.wait(queue, calls: 2)
    sync.end()
    // Who came first does not matter, as long as it is one of them.
    let leased = try await lease.value.flatMap(\.events).map(\.event.id)
    #expect(try await drop.value == (leased == ["1"] ? 0 : 1))
    #expect(leased == ["1"] || leased == ["2"])
    #expect(try await second.value.map(\.verdict) == [.stored])
    await queue.close()
  }

  @Test func `A sync that fails is final: nobody who waits is told that it was stored`()
    async throws
  {
    let life = ConcurrentLife(seed: 9)
    life.watch(oneIn: 50) { call in
      guard call == "fdatasync", ConcurrentLife.threadName == "queue-write" else { return nil }
      return life.syncs.withLock { $0 } >= 5 ? .lostSync(Errno(rawValue: EIO)) : nil
    }
    let queue = try life.open()
    #expect(await life.run(queue, clients: 48, events: 16) >= 48)
    #expect(queue.failure != nil)
    life.disk.watch(nil)
    let known = life.ledger.withLock { $0 }
    let point = CrashPoint(
      call: "end", image: life.disk.image, ledger: known, time: MachineClock().wall(), options: life.options)
    for seed: UInt64 in 0..<8 {
      #expect(await CrashOracle(point: point, seed: seed).judge(point.image.afterCrash(seed: seed)) == [])
    }
  }
}
