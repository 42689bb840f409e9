import Events
import Posix
import Queue
import Support
import Testing

/// The crash loop over encrypted records: nothing is lost, and along every history, with all that a crash took, no nonce
/// serves twice with a key.
@Suite struct EncryptedCrashTests {
  static let key = Encrypted.key(1)

  @Test func `A crash after any storage call loses nothing and repeats no nonce`() async throws {
    let points = try await CrashWorkload(Self.key).run()
    #expect(points.count > 80)
    let wrong = await Self.judge(points, seeds: 0..<6)
    #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(5))")
    let last = try #require(points.last).sealed
    #expect(last.records.count > 20)
    #expect(last.keys.count > 3)
  }

  @Test func `A crash after any storage call of a recovery does not either`() async throws {
    let points = try await CrashWorkload(Self.key).run().enumerated().filter { $0.offset % 4 == 3 }.map(\.element)
    let wrong = await Self.judgeRecoveries(points, seeds: [1, 3])
    #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(5))")
  }

  @Test(arguments: [Errno.noSpace, .quota])
  func `What a failed write left behind is not encrypted a second time as something else`(_ code: Errno) async throws {
    let disk = FaultyDisk()
    let monitor = SealingMonitor(disk, Self.key)
    let queue = try Encrypted.open(monitor, Encrypted.options(1))
    _ = try await queue.append([DamageTests.event(1)])
    disk.watch { _, call, _ in call == "pwrite" ? .shortWrite(code) : nil }
    await #expect(throws: QueueError.full) { try await queue.append([DamageTests.event(2)]) }
    disk.watch(nil)
    _ = try await queue.append([DamageTests.event(3)])
    #expect(monitor.seen.repeats.isEmpty && monitor.seen.records.count == 3)
    await queue.close()
    let (ids, report) = try await Encrypted.read(disk, Encrypted.options(1))
    #expect(ids == ["1", "3"] && report.damage.isEmpty)
  }

  /// What a queue would do that goes on, after a crash, where the one before stopped.
  @Test func `The watch finds a nonce that serves twice`() async throws {
    let disk = FaultyDisk()
    let monitor = SealingMonitor(disk, Self.key)
    let queue = try Encrypted.open(monitor, Encrypted.options(1))
    _ = try await queue.append([DamageTests.event(1)])
    var seen = monitor.seen
    #expect(seen.repeats.isEmpty)
    let first = try #require(seen.records.first)
    seen.records.append(first)
    #expect(seen.repeats.isEmpty, "the same bytes once more tell nothing")
    seen.records.append(SealedRecord(key: first.key, sequence: first.sequence, bytes: first.bytes.reversed()))
    #expect(seen.repeats == [1])
    await queue.close()
  }

  private static func judge(_ points: [CrashPoint], seeds: Range<UInt64>) async -> [String] {
    await withTaskGroup(of: [String].self) { group in
      for point in points {
        group.addTask {
          var wrong: [String] = []
          for seed in seeds { wrong += await judge(point, point.sealed, point.image, seed) }
          return wrong
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
  }

  /// Opens what the crash left, works on it, and looks at all that was sealed on the way there.
  private static func judge(
    _ point: CrashPoint, _ sealed: SealingMonitor.Seen, _ image: DiskImage, _ seed: UInt64, _ during: String = "",
    onRecovery: ((String, DiskImage, SealingMonitor.Seen) -> Void)? = nil
  ) async -> [String] {
    let disk = image.afterCrash(seed: seed)
    let monitor = SealingMonitor(disk, key, after: sealed)
    let oracle = CrashOracle(point: point, seed: seed, during: during) { _ in monitor }
    var images: [(String, DiskImage)] = []
    var wrong = await oracle.judge(disk, onRecovery: onRecovery == nil ? nil : { images.append(($0, $1)) })
    // All that the recovery sealed: more than the disk had seen at some of its calls.
    for (call, image) in images { onRecovery?(call, image, monitor.seen) }
    let repeats = monitor.seen.repeats
    if !repeats.isEmpty { wrong.append("nonces \(repeats) repeat [crash before \(point.call)\(during), seed \(seed)]") }
    return wrong
  }

  private static func judgeRecoveries(_ points: [CrashPoint], seeds: [UInt64]) async -> [String] {
    await withTaskGroup(of: [String].self) { group in
      for point in points {
        group.addTask {
          var wrong: [String] = []
          for seed in seeds {
            var inner: [(String, DiskImage, SealingMonitor.Seen)] = []
            wrong += await judge(point, point.sealed, point.image, seed) { inner.append(($0, $1, $2)) }
            for (call, image, sealed) in inner {
              wrong += await judge(point, sealed, image, seed + 1, ", again before \(call)")
            }
          }
          return wrong
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
  }
}
