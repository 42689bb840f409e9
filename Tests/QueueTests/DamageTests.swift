import Events
import Formats
import Posix
import Queue
import Support
import Testing

/// What damage to the files does: a torn tail is dropped, anything else is named, and the rest is delivered.
@Suite struct DamageTests {
  static let folder = "/q"
  static let segment = "/q/00000000000000000001.log"

  static var options: QueueOptions {
    var options = QueueOptions()
    options.suspectDelay = 0
    options.segmentSize = 8192
    options.reserve = 512
    options.minimumFree = 0
    return options
  }

  static func open(_ disk: FaultyDisk, _ clock: ManualClock = ManualClock()) throws -> FileQueue {
    try FileQueue.open(folder: folder, disk: disk, clock: clock, options: options)
  }

  static func event(_ number: Int, size: Int = 60) -> Event {
    Event(
      system: System(.json, "in"), endpoint: "in", id: "\(number)", kind: .json, key: "\(number)", subject: "s",
      receivedAt: Instant(secondsSince1970: 1_795_478_400), payload: [UInt8](repeating: 97, count: size))
  }

  /// Three batches of one event each; the length after each.
  static func threeBatches() async throws -> (DiskImage, ends: [Int]) {
    let disk = FaultyDisk()
    let queue = try open(disk)
    var ends: [Int] = []
    for number in 1...3 {
      _ = try await queue.append([event(number)])
      ends.append(try end(disk.image))
    }
    return (disk.image, ends)
  }

  private static func end(_ image: DiskImage) throws -> Int {
    let bytes = try #require(image[segment])
    let last = bytes.lastIndex { $0 != 0 } ?? 0
    return (last / 8 + 1) * 8
  }

  private func ids(_ image: DiskImage) async throws -> ([String], RecoveryReport) {
    let queue = try Self.open(image.disk())
    let entries = try await queue.list(Filter(), after: nil, limit: 100)
    await queue.close()
    return (entries.map(\.event.id), queue.recovery)
  }

  @Test func `A last batch that ends at any byte is dropped whole, and a copy is kept`() async throws {
    let (image, ends) = try await Self.threeBatches()
    for length in ends[1]..<ends[2] {
      var cut = image
      cut[Self.segment] = Array(try #require(image[Self.segment])[..<length])
      let (ids, report) = try await ids(cut)
      #expect(ids == ["1", "2"] && !report.isCorrupt, "\(length)")
      #expect(report.damage.count == (length == ends[1] ? 0 : 1), "\(length)")
      for damage in report.damage { #expect(damage.kind == .tornTail && damage.copy != nil) }
    }
  }

  @Test func `A last batch that turns into zeros at any byte is dropped whole`() async throws {
    let (image, ends) = try await Self.threeBatches()
    for start in ends[1]..<ends[2] - 8 {
      var cut = image
      var bytes = try #require(image[Self.segment])
      for index in start..<ends[2] { bytes[index] = 0 }
      cut[Self.segment] = bytes
      let (ids, report) = try await ids(cut)
      #expect(ids == ["1", "2"] && !report.isCorrupt, "\(start)")
    }
  }

  @Test func `Every flipped bit of a batch before the last costs that batch's event only, and is named`() async throws {
    let (image, ends) = try await Self.threeBatches()
    for index in ends[0]..<ends[1] {
      for bit in [0, 5] {
        var flipped = image
        var bytes = try #require(image[Self.segment])
        bytes[index] ^= 1 << bit
        flipped[Self.segment] = bytes
        let (ids, report) = try await ids(flipped)
        #expect(ids == ["1", "3"] || ids == ["1", "2", "3"], "byte \(index)")
        #expect(report.isCorrupt, "byte \(index)")
        if ids.count == 2 { #expect(report.damage.flatMap(\.sequences) == [2...2], "byte \(index)") }
      }
    }
  }

  @Test func `Every flipped bit of the last batch is found`() async throws {
    let (image, ends) = try await Self.threeBatches()
    for index in ends[1]..<ends[2] {
      var flipped = image
      var bytes = try #require(image[Self.segment])
      bytes[index] ^= 4
      flipped[Self.segment] = bytes
      let (ids, report) = try await ids(flipped)
      #expect(ids == ["1", "2"], "byte \(index)")
      #expect(report.damage.map(\.kind) == [.tornTail], "byte \(index)")
    }
  }

  @Test func `a batch that is missing between others is named`() async throws {
    let (image, ends) = try await Self.threeBatches()
    var bytes = try #require(image[Self.segment])
    bytes.replaceSubrange(ends[0]..<ends[1], with: [])
    var shorter = image
    shorter[Self.segment] = bytes
    let (ids, report) = try await ids(shorter)
    #expect(ids == ["1", "3"])
    #expect(report.damage.map(\.kind) == [.chain] && report.damage.flatMap(\.sequences) == [2...2])
  }

  @Test func `a batch that was written behind another one than it stands behind is named`() async throws {
    let (image, ends) = try await Self.threeBatches()
    // The log as it was after the first batch goes on otherwise.
    var bytes = try #require(image[Self.segment])
    for index in ends[0]..<ends[2] { bytes[index] = 0 }
    var early = image
    early[Self.segment] = bytes
    let disk = early.disk()
    let queue = try Self.open(disk)
    _ = try await queue.append([Self.event(8)])
    var mixed = disk.image
    await queue.close()
    var spliced = try #require(mixed[Self.segment])
    #expect(spliced[ends[0]..<ends[1]].contains { $0 != 0 })
    spliced.replaceSubrange(ends[1]..<ends[2], with: try #require(image[Self.segment])[ends[1]..<ends[2]])
    mixed[Self.segment] = spliced
    let (ids, report) = try await ids(mixed)
    #expect(ids == ["1", "8", "3"])
    #expect(report.damage.map(\.kind) == [.chain] && report.damage.flatMap(\.sequences) == [])
  }

  @Test func `a batch of another segment does not stand in for one of this`() async throws {
    let (image, ends) = try await Self.threeBatches()
    let (other, others) = try await Self.threeBatches()
    #expect(others == ends)
    for place in 1...2 {
      let range = ends[place - 1]..<ends[place]
      var bytes = try #require(image[Self.segment])
      bytes.replaceSubrange(range, with: try #require(other[Self.segment])[range])
      var mixed = image
      mixed[Self.segment] = bytes
      let (ids, report) = try await ids(mixed)
      #expect(ids == (place == 1 ? ["1", "3"] : ["1", "2"]))
      #expect(report.isCorrupt == (place == 1) && report.damage.count >= 1)
    }
  }

  @Test func `After an idle mark, damage to the last batch is corruption`() async throws {
    let disk = FaultyDisk()
    let clock = ManualClock()
    let queue = try Self.open(disk, clock)
    for number in 1...3 { _ = try await queue.append([Self.event(number)]) }
    let end = try Self.end(disk.image)
    clock.advance(milliseconds: 100)
    for _ in 0..<2 { _ = try await queue.list(Filter(), after: nil, limit: 1) }
    var image = disk.image
    var bytes = try #require(image[Self.segment])
    bytes[end - 20] ^= 1
    image[Self.segment] = bytes
    let (ids, report) = try await ids(image)
    #expect(ids == ["1", "2"] && report.isCorrupt)
    #expect(report.damage.map(\.sequences) == [[3...3]] && report.damage[0].kind == .body)
  }

  @Test func `One damaged record of a batch does not cost the others`() async throws {
    let disk = FaultyDisk()
    let queue = try Self.open(disk)
    _ = try await queue.append((1...5).map { Self.event($0, size: 200) })
    _ = try await queue.append([Self.event(6)])
    var image = disk.image
    var bytes = try #require(image[Self.segment])
    bytes[96 + 72 + 8 + 2 * 288 + 100] ^= 1
    image[Self.segment] = bytes
    let (ids, report) = try await ids(image)
    #expect(ids == ["1", "2", "4", "5", "6"])
    #expect(report.damage.map(\.sequences) == [[3...3]] && report.isCorrupt)
  }

  @Test func `Garbage behind the last batch is dropped, and does not come back`() async throws {
    let (image, ends) = try await Self.threeBatches()
    var random = SeededRandom(seed: 5)
    var bad = image
    var bytes = try #require(image[Self.segment])
    for index in ends[2]..<ends[2] + 999 { bytes[index] = UInt8.random(in: 0...255, using: &random) }
    bad[Self.segment] = bytes
    let disk = bad.disk()
    let first = try Self.open(disk)
    #expect(first.recovery.damage.map(\.kind) == [.tornTail])
    #expect(try await first.append([Self.event(4)]).map(\.verdict) == [.stored])
    await first.close()
    let (ids, report) = try await ids(disk.image)
    #expect(ids == ["1", "2", "3", "4"] && report.damage.isEmpty)
  }

  @Test func `A copy of a segment under another name is put aside`() async throws {
    let (image, _) = try await Self.threeBatches()
    var twice = image
    twice["/q/00000000000000000009.log"] = image[Self.segment]
    let (ids, report) = try await ids(twice)
    #expect(ids == ["1", "2", "3"] && report.damage.map(\.kind) == [.segment])
  }

  @Test func `A missing segment is named, and the rest is delivered`() async throws {
    let disk = FaultyDisk()
    let queue = try Self.open(disk)
    for number in 1...12 { _ = try await queue.append([Self.event(number, size: 2000)]) }
    await queue.close()
    var image = disk.image
    let segments = image.paths.filter { $0.hasSuffix(".log") }
    try #require(segments.count > 3)
    image[segments[1]] = nil
    let (ids, report) = try await ids(image)
    let missing = report.damage.flatMap(\.sequences).reduce(0) { $0 + $1.count }
    #expect(report.isCorrupt && missing > 0 && ids.count + missing == 12)
  }

  @Test func `A log of a later version is refused and left as it is`() async throws {
    let (image, _) = try await Self.threeBatches()
    var later = image
    let head = SegmentHeadBytes.version2
    later["/q/00000000000000000100.log"] = head
    let disk = later.disk()
    #expect(throws: QueueError.self) { try Self.open(disk) }
    #expect(disk.image[Self.segment] == image[Self.segment])
    #expect(disk.image["/q/00000000000000000100.log"] == head)
  }

  /// Found by fuzzing: the sum of both was taken without a look.
  @Test func `A head with more sequences than there are is none, whatever its checksum`() throws {
    for (first, isHead) in [(UInt64.max - 2, true), (.max - 1, false), (.max, false)] {
      #expect(SegmentHeadBytes.isBatchHead(firstSequence: first, count: 2) == isHead)
    }
  }
}
