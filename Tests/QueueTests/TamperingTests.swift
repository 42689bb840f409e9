import Events
import Formats
import Posix
import Support
import Testing

@testable import Queue

/// Who can write to the folder, and make every checksum right, still cannot change an encrypted record unseen.
@Suite struct TamperingTests {
  /// A batch of three events of one size, and where its records are.
  private func batch() async throws -> (DiskImage, String, records: [RecordFrame]) {
    let disk = FaultyDisk()
    let queue = try Encrypted.open(disk, Encrypted.options(1))
    _ = try await queue.append((1...3).map { DamageTests.event($0) })
    await queue.close()
    let name = try #require(disk.image.files(".log").first)
    return (disk.image, name, try Self.records(disk.image, name))
  }

  private static func records(_ image: DiskImage, _ name: String) throws -> [RecordFrame] {
    let bytes = try #require(image[name])
    return bytes.withUnsafeBytes { all in
      var found: [RecordFrame] = []
      var scan = SegmentScan(all, salt: SegmentHead(all)?.salt ?? 0)
      while let next = scan.next() {
        if case .batch(let head, _, let range) = next {
          SegmentScan.records(head, range, in: all) { found.append($0) }
        }
      }
      return found
    }
  }

  /// Makes the checksums of the first batch and its records right again.
  private static func reseal(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { all in
      let start = Format.segmentHeadSize
      guard let (head, _) = BatchHead.read(UnsafeRawBufferPointer(all).part(start, Format.batchHeadSize)) else {
        return
      }
      var new = head
      let body = start + Format.batchHeadSize
      let end = body + Int(head.bodyLength)
      let part = UnsafeMutableRawBufferPointer(rebasing: all[..<end])
      RecordFrame.seal(part, from: body + Format.bodySaltSize, seed: Format.seed(head.salt), cipher: nil)
      new.bodyChecksum = crc32c(UnsafeRawBufferPointer(all).part(body, Int(head.bodyLength)))
      _ = new.write(into: UnsafeMutableRawBufferPointer(rebasing: all[start..<body]))
    }
  }

  private func read(_ image: DiskImage) async throws -> ([String], RecoveryReport) {
    // Without a checkpoint: records before its place are opened when they are read, or by the scrub.
    var whole = image
    for path in image.files(".checkpoint") { whole[path] = nil }
    return try await Encrypted.read(whole.disk(), Encrypted.options(1))
  }

  @Test func `every flipped bit of a record, its checksums made right, costs that record and is named`() async throws {
    let (image, name, records) = try await batch()
    let second = records[1]
    let bytes = try #require(image[name])
    // The head's length is left out: another length is another place of the next record. So are the sequence, which says
    // which record it is, and the checksum.
    let places =
      Array(second.offset + 4..<second.offset + 8) + Array(second.offset + 16..<second.offset + 20)
      + Array(second.offset + Format.recordHeadSize..<second.offset + Format.recordHeadSize + second.payloadLength)
    for place in places {
      for bit in [0, 3] where place != second.offset + 5 || bit == 0 {
        var changed = bytes
        changed[place] ^= 1 << bit
        Self.reseal(&changed)
        var image = image
        image[name] = changed
        let (ids, report) = try await read(image)
        #expect(ids == ["1", "3"], "byte \(place - second.offset)")
        let named = report.damage.filter { $0.kind == .notAuthentic }
        #expect(named.map(\.sequences) == [[2...2]], "byte \(place - second.offset)")
      }
    }
  }

  @Test func `two records that changed places are neither delivered nor taken for each other`() async throws {
    let (image, name, records) = try await batch()
    var bytes = try #require(image[name])
    let (first, third) = (records[0], records[2])
    try #require(first.payloadLength == third.payloadLength)
    for at in Format.recordHeadSize..<Format.recordHeadSize + first.payloadLength {
      bytes.swapAt(first.offset + at, third.offset + at)
    }
    Self.reseal(&bytes)
    var swapped = image
    swapped[name] = bytes
    let (ids, report) = try await read(swapped)
    #expect(ids == ["2"])
    #expect(report.damage.filter { $0.kind == .notAuthentic }.map(\.sequences) == [[1...1, 3...3]])
  }

  @Test func `a record that is not encrypted is none of an encrypted segment`() async throws {
    let (image, name, records) = try await batch()
    var bytes = try #require(image[name])
    bytes[records[1].offset + 5] = 0
    var plain: [UInt8] = []
    EventCoding.encode(DamageTests.event(2), into: &plain)
    bytes.replaceSubrange(records[1].offset + Format.recordHeadSize..<records[1].offset + 24 + plain.count, with: plain)
    bytes[records[1].offset] = UInt8(plain.count)
    Self.reseal(&bytes)
    var forged = image
    forged[name] = bytes
    #expect(try await !read(forged).0.contains("2"))
  }

  @Test func `segments that changed places do not open`() async throws {
    var images: [DiskImage] = []
    for first in [1, 10] {
      let disk = FaultyDisk()
      let queue = try Encrypted.open(disk, Encrypted.options(1))
      _ = try await queue.append((first..<first + 3).map { DamageTests.event($0) })
      await queue.close()
      images.append(disk.image)
    }
    let name = try #require(images[0].files(".log").first)
    let key = try #require(images[0].files(".key").first)
    // The segment alone: its key is another.
    var alone = images[0]
    alone[name] = images[1][name]
    let (ids, report) = try await read(alone)
    #expect(ids.isEmpty && report.damage.map(\.kind) == [.key])
    #expect(report.damage.map(\.sequences) == [[1...3]])
    // The key file alone.
    var keyed = images[0]
    keyed[key] = images[1][key]
    #expect(try await read(keyed).0.isEmpty)
  }
}
