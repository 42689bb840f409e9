import Events
import Formats
import Posix
import Support
import Testing

@testable import Queue

/// What is settled goes after its time, and nothing else does.
@Suite struct RetentionTests {
  let disk = FaultyDisk()
  let clock = ManualClock()
  static let why = Reason("no", .validation, "It will not do.")
  static let day: Int64 = 86_400

  func open(_ change: (inout Retention) -> Void = { _ in }) throws -> FileQueue {
    var options = DamageTests.options
    options.retention.settled = Self.day
    change(&options.retention)
    return try FileQueue.open(folder: "/q", disk: disk, clock: clock, options: options)
  }

  /// Events 1 to 12 over several segments: all done, but for 2, which is dead, and 3, which is held.
  func fill(_ queue: FileQueue) async throws {
    for number in 1...12 {
      _ = try await queue.append([DamageTests.event(number, size: 2000)])
      let lease = try await queue.lease(lanes: 1, eventsPerLane: 1, except: [])[0]
      if number == 3 { try await queue.note(lease, Note("intent create")) }
      let outcome: Outcome = number == 2 ? .dead(Self.why) : number == 3 ? .held(Self.why) : .done(nil, then: [])
      try await queue.settle(lease, outcome)
    }
  }

  func pass(_ queue: FileQueue, days: Int64) async throws {
    clock.advance(milliseconds: days * Self.day * 1000)
    for _ in 0..<12 {
      clock.advance(milliseconds: 100)
      _ = try await queue.list(Filter(), after: nil, limit: 1)
    }
  }

  var segments: [String] { SealingTests.segments(disk.image) }

  @Test func `what is done goes with its segment, what is dead or held is carried on with all that is known of it`()
    async throws
  {
    let queue = try open()
    try await fill(queue)
    let before = segments
    try await pass(queue, days: 20)
    #expect(segments.allSatisfy { !before.contains($0) })
    for again in [false, true] {
      let looked =
        again
        ? try FileQueue.open(
          folder: "/q", disk: disk, clock: clock, options: DamageTests.options) : queue
      let entries = try await looked.list(Filter(), after: nil, limit: 99)
      #expect(entries.map(\.sequence) == entries.map(\.sequence).sorted())
      #expect(entries.map(\.event) == [DamageTests.event(2, size: 2000), DamageTests.event(3, size: 2000)])
      #expect(entries.map(\.state) == [.dead, .held] && entries.map(\.attempts) == [1, 1])
      #expect(entries.map(\.reason) == [Self.why, Self.why])
      let counts = await looked.counts()
      #expect(counts.received == 12 && counts.expired == 10)
      #expect(looked.recovery.damage.isEmpty)
      if again {
        #expect(try await looked.change(Filter(states: [.held]), .retry()) == 1)
        let lease = try await looked.lease(lanes: 1, eventsPerLane: 1, except: [])[0]
        #expect(lease.events.map(\.event.id) == ["3"] && lease.notes == [Note("intent create")])
      }
      await looked.close()
    }
  }

  @Test func `without checkpoints the log alone says the same of what went`() async throws {
    let queue = try open()
    try await fill(queue)
    _ = try await queue.append([DamageTests.event(12, size: 2000)])
    try await pass(queue, days: 20)
    let counts = await queue.counts()
    await queue.close()
    var image = disk.image
    for path in image.paths where path.hasSuffix(".checkpoint") { image[path] = nil }
    let again = try DamageTests.open(image.disk())
    #expect(again.recovery.damage.isEmpty)
    #expect(await again.counts() == counts && counts.duplicates == 1)
    await again.close()
  }

  /// Regression: a pause was forgotten with the segment that said so, where no checkpoint knew of it.
  @Test func `what is paused stays so, and since when, after the segment that said so went`() async throws {
    let queue = try open()
    for part: WorkPart in [.lane(DamageTests.event(99).lane), .flow("orders"), .destination(System(.netsuite, "1"))] {
      #expect(try await queue.pause(part))
      clock.advance(milliseconds: 1000)
    }
    #expect(try await queue.pause(.flow("invoices")))
    try await fill(queue)
    let pauses = try await queue.pauses()
    #expect(try await queue.resume(.flow("invoices")))
    let before = segments
    try await pass(queue, days: 20)
    #expect(segments.allSatisfy { !before.contains($0) })
    await queue.close()
    var image = disk.image
    for path in image.paths where path.hasSuffix(".checkpoint") { image[path] = nil }
    let again = try DamageTests.open(image.disk())
    let left = pauses.filter { $0.part != .flow("invoices") }
    #expect(left.count == 3)
    #expect(try await again.pauses() == left)
    await again.close()
  }

  /// Regression: dead events as large as a segment were carried on from segment to segment for ever.
  @Test func `where nothing goes for it, what is dead is not written again`() async throws {
    let queue = try open()
    for number in 1...5 {
      _ = try await queue.append([DamageTests.event(number, size: 7000)])
      let lease = try await queue.lease(lanes: 1, eventsPerLane: 1, except: [])[0]
      try await queue.settle(lease, .dead(Self.why))
    }
    try await pass(queue, days: 20)
    let before = segments
    for _ in 0..<5 { try await pass(queue, days: 1) }
    #expect(segments == before)
    // One event that goes pays for carrying them on, once.
    _ = try await queue.append([DamageTests.event(6, size: 7000)])
    try await queue.settle(queue.lease(lanes: 1, eventsPerLane: 1, except: [])[0], .done(nil, then: []))
    _ = try await queue.append([DamageTests.event(7, size: 7000)])
    try await queue.settle(queue.lease(lanes: 1, eventsPerLane: 1, except: [])[0], .done(nil, then: []))
    for _ in 0..<5 { try await pass(queue, days: 1) }
    #expect(await queue.counts().expired >= 1)
    #expect(segments.allSatisfy { !before.contains($0) })
    let dead = try await queue.list(Filter(states: [.dead]), after: nil, limit: 9)
    #expect(dead.map(\.event.id) == ["1", "2", "3", "4", "5"])
    let after = segments
    for _ in 0..<5 { try await pass(queue, days: 1) }
    #expect(segments == after)
    await queue.close()
  }

  /// Regression: the time of what is parked began anew each time it was carried on, so it never went.
  @Test(arguments: [false, true])
  func `what is dead goes after its time, however often it was carried on`(_ hasCheckpoints: Bool) async throws {
    let parked: Int64 = 20
    var queue = try open { $0.parked = parked * Self.day }
    _ = try await queue.append([DamageTests.event(1, size: 500)])
    try await queue.settle(queue.lease(lanes: 1, eventsPerLane: 1, except: [])[0], .dead(Self.why))
    var moved: Set<String> = []
    for day in 1...parked + 4 {
      for number in 0..<5 {
        _ = try await queue.append([DamageTests.event(100 + Int(day) * 10 + number, size: 2000)])
        try await queue.settle(queue.lease(lanes: 1, eventsPerLane: 1, except: [])[0], .done(nil, then: []))
      }
      try await pass(queue, days: 1)
      moved.formUnion(segments)
      let dead = await queue.counts().byState[.dead]
      if day < parked { #expect(dead == 1, "day \(day)") }
      if day == parked / 2 {
        await queue.close()
        for path in disk.image.paths where path.hasSuffix(".checkpoint") && !hasCheckpoints { try disk.unlink(path) }
        queue = try open { $0.parked = parked * Self.day }
      }
    }
    #expect(moved.count > 20 && segments.count < 10)
    #expect(await queue.counts().byState[.dead] == 0)
    await queue.close()
  }

  @Test func `what waits pins its segment and all behind it`() async throws {
    let queue = try open()
    _ = try await queue.append([DamageTests.event(100)])
    for lease in try await queue.lease(lanes: 1, eventsPerLane: 1, except: []) {
      try await queue.settle(lease, .retry(at: clock.wall().adding(seconds: 99 * Self.day), Self.why, counts: true))
    }
    try await fill(queue)
    let before = segments
    try await pass(queue, days: 20)
    #expect(segments.starts(with: before))
    await queue.close()
  }

  @Test func `nothing goes before its time, and nothing whose duplicates could not be told`() async throws {
    let queue = try open { $0.settled = 30 * Self.day }
    try await fill(queue)
    let before = segments
    try await pass(queue, days: 29)
    #expect(segments.starts(with: before))
    await queue.close()
    let second = try open()
    try await pass(second, days: 2)
    #expect(await second.counts().expired == 10)
    await second.close()
  }

  @Test func `beyond a size what is settled goes earlier`() async throws {
    let queue = try open {
      $0.settled = nil
      $0.size = 10_000
    }
    try await fill(queue)
    try await pass(queue, days: 9)
    let size = segments.dropLast().reduce(0) { $0 + (disk.image[$1]?.count ?? 0) }
    #expect(size <= 10_000)
    let counts = await queue.counts()
    #expect(counts.expired > 0 && counts.byState[.dead] == 1 && counts.byState[.held] == 1)
    await queue.close()
  }

  @Test
  func `a rule gives events of a kind or an endpoint a time of their own, and dead ones one where it is asked for`()
    async throws
  {
    let queue = try open {
      $0.rules = [Retention.Rule(kinds: [.json], endpoint: "in", settled: 40 * Self.day, parked: 50 * Self.day)]
    }
    try await fill(queue)
    try await pass(queue, days: 30)
    #expect(await queue.counts().expired == 0)
    try await pass(queue, days: 15)
    let counts = await queue.counts()
    #expect(counts.expired == 10 && counts.byState[.dead] == 1)
    try await pass(queue, days: 120)
    #expect(await queue.counts().expired == 12)
    await queue.close()
    let again = try DamageTests.open(disk)
    #expect(await again.counts().expired == 12 && again.recovery.damage.isEmpty)
    await again.close()
  }
}
