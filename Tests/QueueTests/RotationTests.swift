import Events
import Posix
import Queue
import Support
import Testing

@Suite struct RotationTests {
  @Test func `a hundred rotations while the queue works lose nothing, and only the last key is needed`() async throws {
    let disk = FaultyDisk()
    let queue = try Encrypted.open(disk, Encrypted.options(0))
    async let appended: Void = {
      for number in 1...400 { _ = try await queue.append([DamageTests.event(number, size: 700)]) }
    }()
    async let worked: Int = {
      var done = 0
      while done < 300 {
        for lease in try await queue.lease(lanes: 8, eventsPerLane: 4, except: []) {
          try await queue.settle(lease, .done(nil, then: []))
          done += lease.events.count
        }
      }
      return done
    }()
    for round in 1...100 { _ = try await queue.rotate(to: Encrypted.key(UInt8(round))) }
    try await appended
    #expect(try await worked >= 300)
    _ = try await queue.rotate(to: Encrypted.key(101))
    #expect(try await queue.rotate(to: Encrypted.key(101)) == 0)
    await queue.close()
    #expect(disk.image.files(".key").count > 20 && disk.image.files(".part").isEmpty)
    let (ids, report) = try await Encrypted.read(disk, Encrypted.options(101))
    #expect(ids == (1...400).map { "\($0)" } && report.damage.isEmpty)
    #expect(throws: QueueError.self) { try Encrypted.open(disk, Encrypted.options(100)) }
  }

  @Test func `a crash at any storage call of a rotation leaves every key under one of both`() async throws {
    let disk = FaultyDisk()
    let queue = try Encrypted.open(disk, Encrypted.options(1))
    for number in 1...12 { _ = try await queue.append([DamageTests.event(number, size: 2000)]) }
    let images = Lock<[DiskImage]>([])
    disk.watch { _, _, disk in
      let image = disk.image
      images.withLock { $0.append(image) }
      return nil
    }
    #expect(try await queue.rotate(to: Encrypted.key(2)) > 3)
    disk.watch(nil)
    await queue.close()
    let points = images.withLock { $0 }
    #expect(points.count > 24)
    for (number, image) in points.enumerated() {
      for seed in 0..<6 as Range<UInt64> {
        let (ids, report) = try await Encrypted.read(image.afterCrash(seed: seed), Encrypted.options(2, 1))
        #expect(ids.count == 12 && !report.isCorrupt, "call \(number), seed \(seed)")
      }
    }
  }

  @Test func `a rotation that fails says where, and can be asked for again`() async throws {
    let disk = FaultyDisk()
    let queue = try Encrypted.open(disk, Encrypted.options(1))
    for number in 1...12 { _ = try await queue.append([DamageTests.event(number, size: 2000)]) }
    let renames = Lock(0)
    disk.watch { _, call, _ in
      guard call == "rename" else { return nil }
      return renames.withLock { count in
        count += 1
        return count == 2 ? .error(.inputOutput) : nil
      }
    }
    let error = await #expect(throws: QueueError.self) { _ = try await queue.rotate(to: Encrypted.key(2)) }
    #expect("\(try #require(error))".contains(".key"))
    disk.watch(nil)
    #expect(try await queue.rotate(to: Encrypted.key(2)) == 1)
    await queue.close()
    #expect(try await Encrypted.read(disk, Encrypted.options(2)).0.count == 12)
  }

  @Test func `a queue that is not encrypted has no key to rotate`() async throws {
    let queue = try Encrypted.open(FaultyDisk(), DamageTests.options)
    await #expect(throws: QueueError.self) { _ = try await queue.rotate(to: Encrypted.key(1)) }
    await queue.close()
  }
}
