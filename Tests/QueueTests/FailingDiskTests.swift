import Events
import Formats
import Glibc
import Posix
import Support
import Testing

@testable import Queue

/// What a disk that refuses does: nothing is acknowledged that is not there.
@Suite struct FailingDiskTests {
  private func fail(_ disk: FaultyDisk, _ name: String, _ fault: FaultyDisk.Fault) {
    disk.watch { _, call, _ in call == name ? fault : nil }
  }

  /// A queue, and why it failed, told once everybody was answered and the folder is let go.
  private func open(_ disk: FaultyDisk) throws -> (FileQueue, AsyncStream<QueueError>) {
    let (failures, failed) = AsyncStream.makeStream(of: QueueError.self)
    var options = DamageTests.options
    options.onFailure = { failed.yield($0) }
    return (try FileQueue.open(folder: "/q", disk: disk, clock: ManualClock(), options: options), failures)
  }

  /// The next sync fails and loses what it was for; one after it would say that all is well.
  private func failOneSync(_ disk: FaultyDisk, _ code: Errno = .inputOutput) {
    let isOver = Lock(false)
    disk.watch { _, call, _ in
      guard call == "fdatasync" else { return nil }
      return isOver.withLock { isOver in
        defer { isOver = true }
        return isOver ? nil : .lostSync(code)
      }
    }
  }

  /// A full disk's too: what was written is lost as well.
  @Test(arguments: [Errno.inputOutput, .noSpace, .quota])
  func `A failed sync is final, for those who wait and for all who come`(_ code: Errno) async throws {
    let disk = FaultyDisk()
    let (queue, failures) = try open(disk)
    _ = try await queue.append([DamageTests.event(1)])
    failOneSync(disk, code)
    let first = try #require(
      await #expect(throws: QueueError.self) { try await queue.append([DamageTests.event(2)]) })
    disk.watch(nil)
    await #expect(throws: first) { try await queue.append([DamageTests.event(3)]) }
    await #expect(throws: first) { try await queue.list(Filter(), after: nil, limit: 1) }
    #expect(queue.failure == first)
    var told = failures.makeAsyncIterator()
    #expect(await told.next() == first)
    // The pages were readable until the power went: what was refused is not there.
    let again = try DamageTests.open(disk.image.afterCrash(seed: 1))
    #expect(try await again.list(Filter(), after: nil, limit: 9).map(\.event.id) == ["1"])
  }

  @Test func `A failed write is final, unless it is that the disk is full`() async throws {
    let disk = FaultyDisk()
    let (queue, failures) = try open(disk)
    _ = try await queue.append([DamageTests.event(1)])
    fail(disk, "pwrite", .shortWrite(.inputOutput))
    let first = try #require(
      await #expect(throws: QueueError.self) { try await queue.append([DamageTests.event(2)]) })
    disk.watch(nil)
    await #expect(throws: first) { try await queue.append([DamageTests.event(3)]) }
    #expect(queue.failure == first)
    var told = failures.makeAsyncIterator()
    #expect(await told.next() == first)
    let again = try DamageTests.open(disk)
    #expect(try await again.list(Filter(), after: nil, limit: 9).map(\.event.id) == ["1"])
    await again.close()
  }

  @Test func `What a failed sync left in the cache is written again before it is believed`() async throws {
    let disk = FaultyDisk()
    let (queue, failures) = try open(disk)
    _ = try await queue.append([DamageTests.event(1)])
    failOneSync(disk)
    await #expect(throws: QueueError.self) { try await queue.append([DamageTests.event(2)]) }
    disk.watch(nil)
    var told = failures.makeAsyncIterator()
    _ = await told.next()
    // The process starts again on the same machine: it reads event 2 from the cache, although the disk has lost it.
    let second = try DamageTests.open(disk)
    let believed = try await second.list(Filter(), after: nil, limit: 9).map(\.event.id)
    #expect(believed == ["1", "2"])
    let third = try DamageTests.open(disk.image.afterCrash(seed: 0))
    #expect(try await third.list(Filter(), after: nil, limit: 9).map(\.event.id) == believed)
  }

  @Test func `A full disk refuses events and still lets work be settled, until there is room again`() async throws {
    let disk = FaultyDisk()
    var options = DamageTests.options
    options.reserve = 2048
    let queue = try FileQueue.open(folder: "/q", disk: disk, clock: ManualClock(), options: options)
    disk.setFree(0)
    var stored = 0
    await #expect(throws: QueueError.full) {
      while true {
        _ = try await queue.append([DamageTests.event(stored, size: 900)])
        stored += 1
      }
    }
    for _ in 0..<3 {
      for lease in try await queue.lease(lanes: 1, eventsPerLane: 1, except: []) {
        try await queue.settle(lease, .done(nil, then: []))
      }
    }
    disk.setFree(1 << 30)
    _ = try await queue.append([DamageTests.event(stored, size: 900)])
    let counts = await queue.counts()
    #expect(counts.byState[.done] == 3 && counts.received == UInt64(stored + 1))
  }

  @Test(arguments: [Errno.noSpace, .quota])
  func `A write cut short by a full disk is not acknowledged, and the next one takes its place`(_ code: Errno)
    async throws
  {
    let disk = FaultyDisk()
    let queue = try DamageTests.open(disk)
    _ = try await queue.append([DamageTests.event(1)])
    fail(disk, "pwrite", .shortWrite(code))
    await #expect(throws: QueueError.full) { try await queue.append([DamageTests.event(2, size: 900)]) }
    disk.watch(nil)
    _ = try await queue.append([DamageTests.event(3)])
    await queue.close()
    let again = try DamageTests.open(disk)
    #expect(try await again.list(Filter(), after: nil, limit: 9).map(\.event.id) == ["1", "3"])
    #expect(!again.recovery.isCorrupt)
  }

  /// Regression: where its end could not be written, a lease that was over was ended again in every turn.
  @Test func `the end of a lease that does not fit on the disk is tried again after a pause`() async throws {
    let disk = FaultyDisk()
    let clock = ManualClock()
    let queue = try FileQueue.open(folder: "/q", disk: disk, clock: clock, options: DamageTests.options)
    _ = try await queue.append([DamageTests.event(1)])
    _ = try await queue.lease(lanes: 1, eventsPerLane: 1, except: [])
    let tries = Lock(0)
    disk.watch { _, call, _ in
      guard call == "pwrite" else { return nil }
      tries.withLock { $0 += 1 }
      return .shortWrite(.noSpace)
    }
    clock.advance(milliseconds: DamageTests.options.leaseDuration + 1)
    for _ in 0..<20 { _ = try await queue.pauses() }
    // One for its end, and one for the mark of a log that nobody writes to.
    #expect(tries.withLock { $0 } == 2)
    clock.advance(milliseconds: 1001)
    for _ in 0..<20 { _ = try await queue.pauses() }
    #expect(tries.withLock { $0 } == 4)
    disk.watch(nil)
    clock.advance(milliseconds: 1001)
    #expect(try await queue.lease(lanes: 1, eventsPerLane: 1, except: []).count == 1)
    await queue.close()
  }

  @Test func `An event that was leased at three deaths of the process is dead`() async throws {
    var disk = FaultyDisk()
    for death in 1...3 {
      let queue = try DamageTests.open(disk)
      if death == 1 { _ = try await queue.append([DamageTests.event(1)]) }
      let lease = try await queue.lease(lanes: 1, eventsPerLane: 1, except: [])[0]
      #expect(lease.attempt == death)
      disk = disk.image.afterCrash(seed: 0)
    }
    let queue = try DamageTests.open(disk)
    let entry = try #require(try await queue.list(Filter(), after: nil, limit: 1).first)
    #expect(entry.state == .dead && entry.reason?.code == "process-deaths")
  }

  @Test func `A second opening of the folder is refused`() async throws {
    let disk = FaultyDisk()
    let queue = try DamageTests.open(disk)
    #expect(throws: QueueError.inUse(folder: "/q")) { try DamageTests.open(disk) }
    await queue.close()
    await #expect(throws: QueueError.closed) { try await queue.append([DamageTests.event(1)]) }
    _ = try DamageTests.open(disk)
  }

  @Test func `Identities are remembered for their days, across a restart, and then forgotten`() async throws {
    let disk = FaultyDisk()
    let clock = ManualClock()
    let first = try DamageTests.open(disk, clock)
    _ = try await first.append([DamageTests.event(1)])
    await first.close()
    clock.advance(milliseconds: 7 * 86_400_000 - 1000)
    let second = try DamageTests.open(disk, clock)
    #expect(try await second.append([DamageTests.event(1)]).map(\.verdict) == [.duplicate])
    clock.advance(milliseconds: 86_400_000)
    _ = try await second.append([DamageTests.event(2)])
    #expect(try await second.append([DamageTests.event(1)]).map(\.verdict) == [.stored])
  }

  /// Regression: a call that came right behind `close` kept the writer turning for ever, and neither was answered.
  @Test(.timeLimit(.minutes(10))) func `who calls right behind a close is told that it is closed`() async throws {
    let disk = FaultyDisk()
    let queue = try DamageTests.open(disk)
    let sync = HeldSync(disk)
    let first = Task { try await queue.append([DamageTests.event(1)]) }
    await sync.wait()
    let closing = Task { await queue.close() }
    await sync.wait(queue, calls: 1)
    let behind = Task { try await queue.append([DamageTests.event(2)]) }
    await sync.wait(queue, calls: 2)
    sync.end()
    #expect(try await first.value.map(\.verdict) == [.stored])
    await closing.value
    await #expect(throws: QueueError.closed) { try await behind.value }
  }
}
