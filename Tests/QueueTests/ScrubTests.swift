import Events
import Posix
import Support
import Testing

@testable import Queue

/// Damage that comes later is found by reading again, and by whoever asks.
@Suite struct ScrubTests {
  /// Every sealed segment of a closed log, with one bit of it flipped.
  static func damaged(_ body: (DiskImage, String) async throws -> Void) async throws {
    let image = try await SealingTests.severalSegments().image
    for (index, path) in SealingTests.segments(image).dropLast().enumerated() {
      var damaged = image
      let size = try #require(damaged[path]).count
      damaged[path]?[(size / 4) * (index + 1)] ^= 1
      try await body(damaged, String(path.dropFirst(3)))
    }
  }

  @Test func `a sealed segment that was damaged is found within the time of a pass, and told`() async throws {
    try await Self.damaged { image, name in
      let told = Lock<[Damage]>([])
      let clock = ManualClock()
      var options = DamageTests.options
      options.onDamage = { damage in told.withLock { $0.append(damage) } }
      // Bodies before the checkpoint's place are not read at a start.
      let queue = try FileQueue.open(folder: "/q", disk: image.disk(), clock: clock, options: options)
      for _ in 0..<5 {
        clock.advance(milliseconds: 3 * 86_400_000)
        for _ in 0..<2 { _ = try await queue.list(Filter(), after: nil, limit: 1) }
      }
      #expect(Set(told.withLock { $0.map(\.segment) }) == [name])
      #expect(Set(queue.damageFound.map(\.segment)) == [name])
      await queue.close()
    }
  }

  @Test func `a segment is read back as soon as it is sealed`() async throws {
    let disk = FaultyDisk()
    let told = Lock<[Damage]>([])
    var options = DamageTests.options
    options.onDamage = { damage in told.withLock { $0.append(damage) } }
    let queue = try FileQueue.open(folder: "/q", disk: disk, clock: ManualClock(), options: options)
    let count = Lock(0)
    // The disk takes the third write and keeps something else.
    disk.watch { _, call, disk in
      let number = count.withLock { count in
        if call == "pwrite" { count += 1 }
        return count
      }
      if call == "fdatasync", number == 3 { disk.flip("/q/00000000000000000001.log", 2600) }
      return nil
    }
    for number in 1...4 { _ = try await queue.append([DamageTests.event(number, size: 2000)]) }
    _ = try await queue.list(Filter(), after: nil, limit: 1)
    #expect(told.withLock { Set($0.map(\.segment)) } == ["00000000000000000001.log"])
    await queue.close()
  }

  @Test func `verify reads everything, changes nothing, and needs nobody to have it open or not`() async throws {
    let disk = try await SealingTests.severalSegments()
    let before = disk.image
    let found = try FileQueue.verify(folder: "/q", disk: disk)
    #expect(found.damage.isEmpty && found.counts.byState[.queued] == 12 && found.segments > 3)
    #expect(disk.image.paths == before.paths)
    for path in before.paths { #expect(disk.image[path] == before[path]) }
    let queue = try DamageTests.open(disk)
    #expect(try FileQueue.verify(folder: "/q", disk: disk).damage.isEmpty)
    await queue.close()
    try await Self.damaged { image, name in
      let found = try FileQueue.verify(folder: "/q", disk: image.disk())
      #expect(found.isCorrupt && found.damage.allSatisfy { $0.segment == name })
    }
  }
}
