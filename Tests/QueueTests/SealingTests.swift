import Events
import Posix
import Support
import Testing

@testable import Queue

/// How a segment ends and the next one begins.
@Suite struct SealingTests {
  /// A log of several segments, closed.
  static func severalSegments() async throws -> FaultyDisk {
    let disk = FaultyDisk()
    let queue = try DamageTests.open(disk)
    for number in 1...12 { _ = try await queue.append([DamageTests.event(number, size: 2000)]) }
    await queue.close()
    return disk
  }

  static func segments(_ image: DiskImage) -> [String] { image.paths.filter { $0.hasSuffix(".log") } }

  /// Regression: the second segment was to have the first one's name, and the queue failed with "File exists".
  @Test func `a first batch that has no room in an empty segment begins another under another name`() async throws {
    let disk = FaultyDisk()
    var queue = try DamageTests.open(disk)
    _ = try await queue.append([DamageTests.event(1, size: 3 * Int(DamageTests.options.segmentSize))])
    await queue.close()
    #expect(Self.segments(disk.image).count == 2)
    queue = try DamageTests.open(disk)
    #expect(try await queue.list(Filter(), after: nil, limit: 9).map(\.event.id) == ["1"])
    #expect(queue.recovery.damage.isEmpty)
    await queue.close()
  }

  /// Regression: while the next segment was still on its way to the writer, another one was allocated under the same name,
  /// in the same file; it became a segment twice, and what was in it was lost.
  @Test(.timeLimit(.minutes(10))) func `segments that fill faster than the next ones are allocated lose nothing`()
    async throws
  {
    let disk = FaultyDisk()
    let queue = try DamageTests.open(disk)
    let sync = HeldSync(disk)
    let events = (1...20).map { DamageTests.event($0, size: 5000) }
    var calls = [Task { try await queue.append([events[0]]) }]
    // Two more at each sync: what tells of the next segment always comes behind a call that needs one.
    while calls.count < events.count {
      await sync.wait()
      let waiting = queue.inbox.count
      let next = events[calls.count..<min(events.count, calls.count + 2)]
      calls += next.map { event in Task { try await queue.append([event]) } }
      await sync.wait(queue, calls: waiting + next.count)
      sync.release()
    }
    sync.end()
    for call in calls { #expect(try await call.value.map(\.verdict) == [.stored]) }
    #expect(Set(try await queue.list(Filter(), after: nil, limit: 99).map(\.event)) == Set(events))
    await queue.close()
    #expect(Self.segments(disk.image).count >= events.count)
    let again = try DamageTests.open(disk.image.afterCrash(seed: 0))
    #expect(again.recovery.damage == [])
    #expect(Set(try await again.list(Filter(), after: nil, limit: 99).map(\.event)) == Set(events))
    await again.close()
  }

  @Test func `every segment but the last ends with its seal, which says what is in it`() async throws {
    let image = try await Self.severalSegments().image
    let segments = Self.segments(image)
    try #require(segments.count > 3)
    var next: UInt64 = 1
    for path in segments.dropLast() {
      let bytes = try #require(image[path])
      let seal = try #require(bytes.suffix(Seal.size).withUnsafeBytes { Seal($0) }, "\(path)")
      var draft = SealDraft()
      bytes.withUnsafeBytes { all in
        let salt = SegmentHead(all)?.salt ?? 0
        var scan = SegmentScan(all, salt: salt)
        while case .batch(let head, _, let range)? = scan.next(), head.kind != .seal {
          draft.add(head, all.part(range.lowerBound, range.count))
        }
        #expect(scan.at == all.count)
      }
      #expect(draft.finished(nextSequence: 0, at: 0) == seal)
      #expect(seal.firstSequence == next && seal.count == seal.lastSequence - seal.firstSequence + 1)
      next = seal.lastSequence + 1
    }
    #expect(try #require(image[segments.last ?? ""]).count == 8192)
  }

  @Test func `a seal that is lost is found, and so is a segment behind it that has no batch yet`() async throws {
    let image = try await Self.severalSegments().image
    let first = try #require(Self.segments(image).first)
    for keepsRest in [true, false] {
      var damaged = image
      damaged[first]?.removeLast(Seal.batchSize)
      if !keepsRest {
        let second = Self.segments(image)[1]
        for path in Self.segments(image).dropFirst(2) { damaged[path] = nil }
        for path in image.paths where path.hasSuffix(".checkpoint") { damaged[path] = nil }
        damaged[second] = Array(try #require(image[second])[..<Format.segmentHeadSize])
      }
      let queue = try DamageTests.open(damaged.disk())
      #expect(queue.recovery.damage.map(\.kind) == [.chain])
      await queue.close()
    }
  }

  @Test func `what a sealed segment was allocated beyond its end is taken from it, by the next start if need be`()
    async throws
  {
    let disk = try await Self.severalSegments()
    let first = try #require(Self.segments(disk.image).first)
    let bytes = try #require(disk.image[first])
    var longer = disk.image
    longer[first]?.append(contentsOf: [UInt8](repeating: 0, count: 1000))
    let again = longer.disk()
    let queue = try DamageTests.open(again)
    #expect(queue.recovery.damage.isEmpty)
    #expect(again.image[first] == bytes)
    await queue.close()
  }

  @Test func `a full disk keeps the next segment for settling, and takes events again once there is room`() async throws
  {
    let disk = FaultyDisk()
    var options = DamageTests.options
    options.reserve = 1024
    let queue = try FileQueue.open(folder: "/q", disk: disk, clock: ManualClock(), options: options)
    disk.setFree(0)
    var stored = 0
    await #expect(throws: QueueError.full) {
      while true {
        _ = try await queue.append([DamageTests.event(stored, size: 150)])
        stored += 1
      }
    }
    for _ in 0..<stored {
      let lease = try await queue.lease(lanes: 1, eventsPerLane: 1, except: [])[0]
      try await queue.settle(lease, .done(nil, then: []))
    }
    #expect(await queue.counts().byState[.done] == UInt64(stored))
    #expect(Self.segments(disk.image).count == 2)
    await #expect(throws: QueueError.full) { _ = try await queue.append([DamageTests.event(stored, size: 150)]) }
    disk.setFree(1 << 30)
    _ = try await queue.append([DamageTests.event(stored, size: 150)])
    await queue.close()
  }

  @Test func `a crash between a seal and the next segment is gone on from, and a full disk then only refuses`()
    async throws
  {
    let disk = FaultyDisk()
    let images = Lock<[DiskImage]>([])
    let queue = try DamageTests.open(disk)
    for number in 1...3 { _ = try await queue.append([DamageTests.event(number, size: 2000)]) }
    disk.watch { _, call, disk in
      if call == "rename" { images.withLock { $0.append(disk.image) } }
      return nil
    }
    _ = try await queue.append([DamageTests.event(4, size: 2000)])
    disk.watch(nil)
    let image = try #require(images.withLock { $0.first })
    let again = image.afterCrash(seed: 0)
    let second = try DamageTests.open(again)
    #expect(second.recovery.damage.isEmpty && Self.segments(again.image).count == 2)
    _ = try await second.append([DamageTests.event(4, size: 2000)])
    await second.close()

    var withoutSpare = image
    for path in image.paths where path.contains("spare") { withoutSpare[path] = nil }
    let full = withoutSpare.afterCrash(seed: 0)
    full.setFree(0)
    let third = try DamageTests.open(full)
    await #expect(throws: QueueError.full) { _ = try await third.append([DamageTests.event(4, size: 2000)]) }
    full.setFree(1 << 30)
    _ = try await third.append([DamageTests.event(4, size: 2000)])
    await third.close()
  }
}
