import Events
import Posix
import Support
import Testing

@testable import Queue

/// A backup is a log of its own, and restoring it is tried.
@Suite struct BackupTests {
  @Test func `a copy that is made while events come has all that was acknowledged before, and opens`() async throws {
    let disk = FaultyDisk()
    let queue = try DamageTests.open(disk)
    for number in 1...12 { _ = try await queue.append([DamageTests.event(number, size: 2000)]) }
    let made = try QueueBackup.copy(from: "/q", to: "/backup", disk: disk)
    #expect(made.damage.isEmpty && made.counts.received == 12)
    _ = try await queue.append([DamageTests.event(13)])
    await queue.close()
    try QueueBackup.restore(from: "/backup", to: "/again", disk: disk)
    let restored = try FileQueue.open(
      folder: "/again", disk: disk, clock: ManualClock(), options: DamageTests.options)
    #expect(try await restored.list(Filter(), after: nil, limit: 99).map(\.event.id) == (1...12).map { "\($0)" })
    #expect(restored.recovery.damage.isEmpty)
    await restored.close()
  }

  @Test func `finished segments are linked where they can be, and copied where not`() async throws {
    for refusal in [nil, FaultyDisk.Fault.error(Errno.otherFileSystem)] {
      let disk = FaultyDisk()
      let queue = try DamageTests.open(disk)
      for number in 1...12 { _ = try await queue.append([DamageTests.event(number, size: 2000)]) }
      disk.watch { _, call, _ in call == "link" ? refusal : nil }
      let made = try QueueBackup.copy(from: "/q", to: "/backup", disk: disk, links: true)
      disk.watch(nil)
      #expect(made.damage.isEmpty && made.counts.received == 12)
      // What is written to the queue afterwards is not in it.
      for number in 13...24 { _ = try await queue.append([DamageTests.event(number, size: 2000)]) }
      await queue.close()
      try QueueBackup.restore(from: "/backup", to: "/again", disk: disk)
      let restored = try FileQueue.open(
        folder: "/again", disk: disk, clock: ManualClock(), options: DamageTests.options)
      #expect(try await restored.list(Filter(), after: nil, limit: 99).map(\.event.id) == (1...12).map { "\($0)" })
      await restored.close()
    }
  }

  @Test func `a folder that is not empty, and a backup that is damaged or none, are refused`() async throws {
    let disk = try await SealingTests.severalSegments()
    try QueueBackup.copy(from: "/q", to: "/backup", disk: disk)
    #expect(throws: QueueError.self) { try QueueBackup.copy(from: "/q", to: "/backup", disk: disk) }
    #expect(throws: QueueError.self) { try QueueBackup.restore(from: "/nothing", to: "/again", disk: disk) }
    var image = disk.image
    image["/backup/00000000000000000001.log"]?[3000] ^= 1
    let damaged = image.disk()
    #expect(throws: QueueError.self) { try QueueBackup.restore(from: "/backup", to: "/again", disk: damaged) }
    #expect(damaged.image.paths.allSatisfy { !$0.hasPrefix("/again") })
  }
}
