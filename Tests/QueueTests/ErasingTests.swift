import Events
import Formats
import Posix
import Support
import Testing

@testable import Queue

/// What is erased is gone from the disk, and everything else is as it was.
@Suite struct ErasingTests {
  let disk = FaultyDisk()
  static let reason = Reason("erased", .none, "The person asked for it.")

  /// Whether the person is anywhere on the disk.
  func holds(_ disk: FaultyDisk) -> Bool {
    disk.image.paths.contains { CrashWorkload.contains(disk.image[$0] ?? [], CrashWorkload.secret) }
  }

  func event(_ number: Int, isSecret: Bool) -> Event {
    var event = DamageTests.event(number, size: 900)
    if isSecret { event.payload += CrashWorkload.secret }
    return event
  }

  /// Twelve events over several segments; each third is the person's. 3 is done, 6 dead, 9 leased, 12 waits.
  func fill(_ queue: FileQueue) async throws -> Lease {
    var held: Lease?
    for number in 1...12 {
      _ = try await queue.append([event(number, isSecret: number % 3 == 0)])
      if number == 12 { break }
      let lease = try await queue.lease(lanes: 1, eventsPerLane: 1, except: [])[0]
      if number == 9 {
        try await queue.note(lease, Note("intent Ada Lovelace"))
        held = lease
        continue
      }
      try await queue.settle(lease, number == 6 ? .dead(Self.reason) : .done(nil, then: []))
    }
    return try #require(held)
  }

  @Test func `a person is erased from every segment, and what is left says so`() async throws {
    let queue = try DamageTests.open(disk)
    let lease = try await fill(queue)
    #expect(holds(disk))
    #expect(try await queue.change(Filter(), .erase(containing: "Ada Lovelace", Self.reason)) == 4)
    #expect(!holds(disk))
    await #expect(throws: Never.self) { try await queue.settle(lease, .done(nil, then: [])) }
    let counts = await queue.counts()
    #expect(counts.byState[.dropped] == 3 && counts.byState[.done] == 9 && counts.received == 12)
    let entries = try await queue.list(Filter(), after: nil, limit: 99)
    #expect(entries.map(\.sequence).count == 12)
    #expect(entries.filter { $0.reason == Self.reason }.map(\.state) == [.done, .dropped, .dropped, .dropped])
    #expect(entries.filter { $0.reason == Self.reason }.allSatisfy { $0.event.payload.isEmpty && $0.event.id.isEmpty })
    // Their repeats are told.
    #expect(try await queue.append([event(3, isSecret: true)]).map(\.verdict) == [.duplicate])
    await queue.close()
    for keepsCheckpoints in [true, false] {
      var image = disk.image
      for path in image.paths where !keepsCheckpoints && path.hasSuffix(".checkpoint") { image[path] = nil }
      let again = try DamageTests.open(image.disk())
      #expect(again.recovery.damage.isEmpty)
      #expect(try await again.list(Filter(), after: nil, limit: 99) == entries)
      #expect(try await again.append([event(6, isSecret: true)]).map(\.verdict) == [.duplicate])
      #expect(await again.counts().byState == counts.byState)
      await again.close()
    }
  }

  /// Regression: of a record that was being overwritten a crash left one sector new and the next one old; both were
  /// named as damage.
  @Test func `a crash at any moment of an erasure is no damage, and the next start erases the rest`() async throws {
    let queue = try DamageTests.open(disk)
    _ = try await fill(queue)
    let images = Lock<[DiskImage]>([])
    disk.watch { _, _, disk in
      images.withLock { $0.append(disk.image) }
      return nil
    }
    #expect(try await queue.change(Filter(), .erase(containing: "Ada Lovelace", Self.reason)) == 4)
    disk.watch(nil)
    await queue.close()
    for (index, image) in images.withLock({ $0 }).enumerated() {
      for seed in 0..<12 as Range<UInt64> {
        let crashed = image.afterCrash(seed: seed)
        let again = try DamageTests.open(crashed)
        #expect(!again.recovery.isCorrupt, "call \(index), seed \(seed): \(again.recovery.damage)")
        let entries = try await again.list(Filter(), after: nil, limit: 99)
        #expect(entries.count == 12)
        await again.close()
        let erased = entries.filter { $0.reason == Self.reason && $0.state != .dead }.count
        #expect(erased == 0 || erased == 4 && !holds(crashed), "call \(index), seed \(seed)")
        #expect(!crashed.image.paths.contains { $0.hasSuffix(Overwriting.ending) })
      }
    }
  }

  @Test func `a lane whose leased event was erased goes on`() async throws {
    let queue = try DamageTests.open(disk)
    var second = event(2, isSecret: false)
    second.key = "1"
    _ = try await queue.append([event(1, isSecret: true), second])
    let lease = try await queue.lease(lanes: 1, eventsPerLane: 1, except: [])[0]
    #expect(try await queue.change(Filter(id: "1"), .erase(containing: nil, Self.reason)) == 1)
    try await queue.settle(lease, .done(nil, then: []))
    let next = try await queue.lease(lanes: 1, eventsPerLane: 1, except: [])[0]
    #expect(next.events.map(\.event.id) == ["2"])
    await queue.close()
  }

  @Test func `nothing is erased that does not match, and a seal still holds`() async throws {
    let queue = try DamageTests.open(disk)
    _ = try await fill(queue)
    #expect(try await queue.change(Filter(key: "99"), .erase(containing: nil, Self.reason)) == 0)
    #expect(try await queue.change(Filter(id: "1"), .erase(containing: "Ada Lovelace", Self.reason)) == 0)
    let before = disk.image
    #expect(try await queue.change(Filter(key: "3"), .erase(containing: nil, Self.reason)) == 1)
    let path = try #require(SealingTests.segments(before).first)
    let (old, new) = (try #require(before[path]), try #require(disk.image[path]))
    #expect(old != new && old.suffix(Seal.batchSize) == new.suffix(Seal.batchSize))
    await queue.close()
  }
}
