import Events
import Posix
import Queue
import Support
import Testing

/// Whom a death of the process is counted against.
@Suite struct SuspectTests {
  @Test func `an event that ends the process is dead in the end, and those beside it are not`() async throws {
    var disk = FaultyDisk()
    var queue = try DamageTests.open(disk)
    _ = try await queue.append((1...6).map { DamageTests.event($0) })
    var deaths = 0
    while deaths < 20 {
      let leases = try await queue.lease(lanes: 8, eventsPerLane: 4, except: [])
      if leases.contains(where: { $0.events.contains { $0.event.id == "3" } }) {
        deaths += 1
        disk = disk.image.afterCrash(seed: 0)
        queue = try DamageTests.open(disk)
      } else {
        for lease in leases { try await queue.settle(lease, .done(nil, then: [])) }
      }
      let counts = await queue.counts()
      if counts.byState[.queued, default: 0] + counts.byState[.leased, default: 0] == 0 { break }
    }
    let entries = try await queue.list(Filter(), after: nil, limit: 9)
    #expect(entries.map(\.state) == [.done, .done, .dead, .done, .done, .done])
    #expect(deaths <= 4)
  }

  @Test func `suspects are tried one at a time, while others go on beside them`() async throws {
    let disk = FaultyDisk()
    let first = try DamageTests.open(disk)
    _ = try await first.append((1...3).map { DamageTests.event($0) })
    #expect(try await first.lease(lanes: 8, eventsPerLane: 4, except: []).count == 3)
    let queue = try DamageTests.open(disk.image.afterCrash(seed: 0))
    _ = try await queue.append([DamageTests.event(4)])
    let leases = try await queue.lease(lanes: 8, eventsPerLane: 4, except: [])
    #expect(leases.flatMap(\.events).map(\.event.id) == ["1", "4"])
    try await queue.settle(leases[0], .done(nil, then: []))
    let next = try await queue.lease(lanes: 8, eventsPerLane: 4, except: [])
    #expect(next.flatMap(\.events).map(\.event.id) == ["2"])
  }

  @Test func `an event that is there at many deaths, and is finished between them, is not dead`() async throws {
    var disk = FaultyDisk()
    var queue = try DamageTests.open(disk)
    var finished: Set<String> = []
    for round in 1...12 {
      _ = try await queue.append([DamageTests.event(round * 2), DamageTests.event(round * 2 + 1)])
      let lease = try await queue.lease(lanes: 1, eventsPerLane: 1, except: [])[0]
      finished.formUnion(lease.events.map(\.event.id))
      try await queue.settle(lease, .done(nil, then: []))
      _ = try await queue.lease(lanes: 8, eventsPerLane: 4, except: [])
      disk = disk.image.afterCrash(seed: 0)
      queue = try DamageTests.open(disk)
    }
    let dead = try await queue.list(Filter(states: [.dead]), after: nil, limit: 30)
    #expect(dead.isEmpty)
    #expect(finished.count == 12)
  }

  /// Regression: on a slow machine, kills from outside every other second made an event dead that did no harm.
  @Test func `a process that is killed every two seconds has nothing blamed on what it works on then`() async throws {
    let clock = ManualClock()
    var options = DamageTests.options
    options.suspectDelay = 1_000
    var disk = FaultyDisk()
    var queue = try FileQueue.open(folder: DamageTests.folder, disk: disk, clock: clock, options: options)
    _ = try await queue.append([DamageTests.event(1)])
    var deaths = 0
    var due = clock.wall()
    for _ in 0..<10 {
      if due <= clock.wall() {
        #expect(try await queue.lease(lanes: 1, eventsPerLane: 1, except: []).count == 1)
        deaths += 1
        due = clock.wall().adding(milliseconds: 2_000 + (deaths == 1 ? 1_000 : 60_000))
      }
      clock.advance(milliseconds: 2_000)
      disk = disk.image.afterCrash(seed: 0)
      queue = try FileQueue.open(folder: DamageTests.folder, disk: disk, clock: clock, options: options)
      #expect(try await queue.list(Filter(), after: nil, limit: 1)[0].state == .retrying)
    }
    #expect(deaths == 2)
    // It is not spared for ever.
    clock.advance(milliseconds: 60_000)
    _ = try await queue.lease(lanes: 1, eventsPerLane: 1, except: [])
    queue = try FileQueue.open(
      folder: DamageTests.folder, disk: disk.image.afterCrash(seed: 1), clock: clock, options: options)
    #expect(try await queue.list(Filter(), after: nil, limit: 1)[0].state == .dead)
  }

  @Test func `an event that kills the process delays no other by five seconds`() async throws {
    var disk = FaultyDisk()
    let clock = ManualClock()
    let start = clock.monotonic()
    var options = QueueOptions()
    options.segmentSize = 1 << 16
    options.reserve = 1 << 12
    func open() throws -> FileQueue { try FileQueue.open(folder: "/q", disk: disk, clock: clock, options: options) }
    var queue = try open()
    _ = try await queue.append((1...6).map { DamageTests.event($0) })
    var doneAt: [String: Int64] = [:]
    var number = 100
    while try await queue.list(Filter(states: [.dead]), after: nil, limit: 1).isEmpty {
      // One more comes at each turn, and is there to be leased: nothing here waits for the clock.
      number += 1
      _ = try await queue.append([DamageTests.event(number)])
      var isKilled = false
      for lease in try await queue.lease(lanes: 64, eventsPerLane: 4, except: []) {
        let ids = lease.events.map(\.event.id)
        if ids.contains("3") {
          isKilled = true
        } else {
          try await queue.settle(lease, .done(nil, then: []))
          for id in ids { doneAt[id] = clock.monotonic() - start }
        }
      }
      if isKilled {
        disk = disk.image.afterCrash(seed: 0)
        queue = try open()
      } else {
        clock.advance(milliseconds: 100)
      }
    }
    #expect(Set(doneAt.keys).isSuperset(of: ["1", "2", "4", "5", "6"]))
    let waits = doneAt.filter { ["1", "2", "4", "5", "6"].contains($0.key) }.values
    #expect((waits.max() ?? .max) < 5_000_000_000)
  }
}
