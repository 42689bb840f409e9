import Events
import Foundation
import Posix
import Support
import Testing

@testable import Queue

/// Bits that turn anywhere in a log that was closed in order: found each time, at the cost of the record that was hit.
///
/// `CAUSEWAY_FLIPS=1000000` turns as many, one after the other:
///
///     CAUSEWAY_FLIPS=1000000 swift test -c release -Xswiftc -enable-testing --filter FlipTests
@Suite struct FlipTests {
  static let flips = ProcessInfo.processInfo.environment["CAUSEWAY_FLIPS"].flatMap { Int($0) } ?? 20_000

  /// A log of some segments, with batches of one event and of several.
  private static func log() async throws -> DiskImage {
    let disk = FaultyDisk()
    let queue = try DamageTests.open(disk)
    var number = 0
    for size in [1, 4, 2, 7, 1, 3, 12, 1, 1, 5] {
      let events = (0..<size).map { DamageTests.event(number + $0, size: 40 + 90 * ($0 % 5)) }
      number += size
      _ = try await queue.append(events)
      for lease in try await queue.lease(lanes: 2, eventsPerLane: 1, except: []) {
        try await queue.note(lease, Note("intent"))
        try await queue.settle(lease, .done(nil, then: []))
      }
    }
    await queue.close()
    return disk.image
  }

  /// A record and where it stands.
  private struct Hit {
    let sequence: UInt64
    let range: Range<Int>
  }

  private static func records(_ bytes: [UInt8]) throws -> [Hit] {
    var records: [Hit] = []
    try bytes.withUnsafeBytes { all in
      var scan = SegmentScan(all, salt: try #require(SegmentHead(all)?.salt))
      while let found = scan.next() {
        guard case .batch(let head, _, let range) = found, head.kind == .records else { continue }
        SegmentScan.records(head, range, in: all) {
          records.append(Hit(sequence: $0.sequence, range: $0.offset..<$0.end))
        }
      }
    }
    return records
  }

  private static func events(_ look: QueueLook) -> Set<UInt64> {
    var sequences: Set<UInt64> = []
    look.recovery.state.rows.forEach(after: 0) { row in
      sequences.insert(row.sequence)
      return true
    }
    return sequences
  }

  @Test func `A flipped bit is found, costs no more than the record it hit, and that one is named`() async throws {
    let image = try await Self.log()
    let paths = image.paths.filter { $0.hasSuffix(".log") }
    #expect(paths.count >= 3)
    let files = try paths.map { (path: $0, bytes: try #require(image[$0])) }
    let records = try files.map { try Self.records($0.bytes) }
    let whole = Self.events(try QueueLook(DamageTests.folder, image.disk(), QueueEncryption()))
    var random = SeededRandom(seed: 11)
    var lost = 0
    for _ in 0..<Self.flips {
      let place = Int.random(in: files.indices, using: &random)
      let (path, bytes) = files[place]
      let offset = Int.random(in: bytes.indices, using: &random)
      var flipped = bytes
      flipped[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      var damaged = image
      damaged[path] = flipped
      let disk = damaged.disk()
      let look = try QueueLook(DamageTests.folder, disk, QueueEncryption())
      var damage = look.recovery.report.damage
      if damage.isEmpty { damage = try FileQueue.verify(folder: DamageTests.folder, disk: disk).damage }
      let named = damage.flatMap(\.sequences)
      let hit = records[place].first { $0.range.contains(offset) }?.sequence
      let gone = whole.subtracting(Self.events(look))
      #expect(!damage.isEmpty, "\(path) at \(offset)")
      #expect(gone.isEmpty || gone == [hit], "\(path) at \(offset): \(gone)")
      #expect(
        gone.allSatisfy { sequence in named.contains { $0.contains(sequence) } }, "\(path) at \(offset): \(named)")
      lost += gone.count
    }
    print("flips: \(Self.flips), each found; \(lost) events lost, each the one that was hit, and named")
    #expect(lost > 0)
  }
}
