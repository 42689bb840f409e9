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

  @Test func `a scrub by parts finds what a scrub of the whole finds, wherever the parts end`() async throws {
    let disk = FaultyDisk()
    let queue = try DamageTests.open(disk)
    for number in 1...30 { _ = try await queue.append([DamageTests.event(number, size: 300 * (number % 11))]) }
    await queue.close()
    let keys = EncryptionKeys(disk, "/q", QueueEncryption())
    var random = SeededRandom(seed: 27)
    var found = 0
    for path in disk.image.paths.filter({ $0.hasSuffix(".log") }).sorted().dropLast() {
      for window in [1, 100, 160, 700, 4096, 1 << 20] {
        for change in 0..<24 {
          var image = disk.image
          let size = image[path]?.count ?? 0
          // As it is; with zeros behind it; with a batch behind these; with zeros between two batches, to where a part
          // ends; cut; with a bit that turned.
          switch change {
          case 0: break
          case 1: image[path]?.append(contentsOf: [UInt8](repeating: 0, count: 3000))
          case 2:
            let batch = Array(image[path]?[64...] ?? [])
            image[path]?.append(contentsOf: [UInt8](repeating: 0, count: 800) + batch)
          case 3:
            guard case .batch(_, _, let first)? = ScannedSegment(image[path] ?? []).found.first else { break }
            let zeros = [UInt8](repeating: 0, count: max(8, min(window, 4096) - first.upperBound))
            image[path]?.insert(contentsOf: zeros, at: first.upperBound)
          case 4..<9: image[path]?.removeLast(Int.random(in: 1...size, using: &random))
          default: image[path]?[Int.random(in: 0..<size, using: &random)] ^= 1 << Int.random(in: 0..<8, using: &random)
          }
          let changed = image.disk()
          let name = String(path.dropFirst("/q/".count))
          let scrub = SegmentScrub(disk: changed, folder: "/q", name: name, keys: keys, window: window)
          let whole = scrub.run(ScannedSegment(image[path] ?? []))
          #expect(scrub.run() == whole, "\(name), by \(window), change \(change)")
          #expect(whole.isEmpty == (change < 2), "\(name), change \(change)")
          if !whole.isEmpty { found += 1 }
        }
      }
    }
    #expect(found > 500)
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
