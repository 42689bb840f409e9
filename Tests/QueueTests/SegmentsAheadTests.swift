import Events
import Posix
import Support
import Testing

@testable import Queue

/// Segments are read on another thread, in memory that is used again: none is seen for another.
@Suite struct SegmentsAheadTests {
  private static func damaged(_ events: Int) async throws -> (disk: FaultyDisk, names: [String]) {
    let disk = FaultyDisk()
    let queue = try DamageTests.open(disk)
    for number in 1...events { _ = try await queue.append([DamageTests.event(number, size: 900 * (number % 7))]) }
    await queue.close()
    var image = disk.image
    let names = image.paths.filter { $0.hasSuffix(".log") }.sorted().map { String($0.dropFirst("/q/".count)) }
    // One that is longer and one that is shorter than those around it, and one with a wrong byte.
    image["/q/\(names[2])"]?.removeLast(600)
    image["/q/\(names[4])"]?.append(contentsOf: [UInt8](repeating: 7, count: 5000))
    image["/q/\(names[5])"]?[700] ^= 1
    return (image.disk(), names)
  }

  @Test func `each segment is there as it is on disk, and so are its records`() async throws {
    let (disk, names) = try await Self.damaged(60)
    #expect(names.count > 8)
    let keys = EncryptionKeys(disk, "/q", QueueEncryption())
    let key = IdentityKey(low: 1, high: 2)
    let ahead = try SegmentsAhead(disk, "/q", names, keys, key, scrubs: true)
    for name in names {
      try ahead.withNext { segment in
        #expect(segment.bytes == disk.image["/q/\(name)"])
        let alone = ScannedSegment(segment.bytes)
        #expect("\(segment.found)" == "\(alone.found)")
        for item in segment.found.indices {
          let read = segment.records(of: item, .plain, key)
          #expect("\(read)" == "\(alone.records(of: item, .plain, key))")
          if case .batch(let head, _, _) = segment.found[item], head.kind == .records {
            #expect(segment.records[item]?.isEmpty == false)
          }
        }
      }
    }
    let found = ahead.end()
    for (place, name) in names.enumerated().dropLast() {
      #expect(found[name]?.isEmpty == ![2, 4, 5].contains(place), "\(name)")
      #expect(found[name] == SegmentScrub(disk: disk, folder: "/q", name: name, keys: keys).run())
    }
  }

  @Test func `a segment that cannot be read is an error in its turn, and nobody waits for the rest`() async throws {
    var (disk, names) = try await Self.damaged(30)
    names.insert("00000000000000000777.log", at: 2)
    disk = disk.image.disk()
    let ahead = try SegmentsAhead(
      disk, "/q", names, EncryptionKeys(disk, "/q", QueueEncryption()), IdentityKey(low: 1, high: 2), scrubs: false)
    for _ in 0..<2 { try ahead.withNext { #expect(!$0.found.isEmpty) } }
    #expect(throws: DiskError.self) { try ahead.withNext { _ in } }
    #expect(ahead.end().isEmpty)
  }
}
