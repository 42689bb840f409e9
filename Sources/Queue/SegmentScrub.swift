import Posix

/// Reads one sealed segment and says what is wrong with it.
struct SegmentScrub: Sendable {
  let disk: any Disk
  let folder: String
  let name: String
  let keys: EncryptionKeys
  /// Bytes that are read at a time, as long as nothing is wrong and no batch is longer.
  var window = 1 << 20

  func run() -> [Damage] {
    do throws(DiskError) {
      // Nearly all are whole, and are found to be so without all of it in memory.
      if try isWhole() { return [] }
      return run(ScannedSegment(try disk.segment(folder, name)))
    } catch {
      return unreadable
    }
  }

  /// The same for what was read already.
  func run(_ segment: ScannedSegment) -> [Damage] {
    guard let head = segment.head else {
      return [Damage(.segment, name, 0..<min(segment.bytes.count, Format.segmentHeadSize))]
    }
    do throws(DiskError) {
      var check = SegmentCheck(name, head, try cipher(of: head))
      segment.bytes.withUnsafeBytes { all in
        for (index, found) in segment.found.enumerated() { check.take(found, in: all, lost: segment.lost(in: index)) }
      }
      return check.finish(size: segment.bytes.count)
    } catch {
      return unreadable
    }
  }

  private var unreadable: [Damage] { [Damage(.unreadable, name, 0..<0)] }

  private func cipher(of head: SegmentHead) throws(DiskError) -> SegmentCipher {
    let key = try keys.find(head, firstSequence: head.firstSequence, salt: head.salt)
    return try keys.cipher(key, salt: head.salt)
  }

  /// Whether nothing is wrong with it, part by part. What is wrong is said by who has all of it before him.
  private func isWhole() throws(DiskError) -> Bool {
    let file = try disk.open(folder + "/" + name, .read)
    defer { disk.close(file) }
    let size = Int(try disk.size(file))
    var part = SegmentPart(length: min(size, max(window, Format.segmentHeadSize)))
    guard try part.read(disk, file), let head = part.withBytes(SegmentHead.init) else { return false }
    var check = SegmentCheck(name, head, try cipher(of: head))
    part.done = Format.segmentHeadSize
    while true {
      part.check(&check, salt: head.salt)
      guard check.damage.isEmpty else { return false }
      if part.end == size, part.done == part.count { return check.finish(size: size).isEmpty }
      guard try part.move(in: size, disk, file) else { return false }
    }
  }
}

/// A part of a segment, which moves on batch by batch.
private struct SegmentPart {
  private var bytes: [UInt8]
  /// Where it begins in the file.
  private var start = 0
  private(set) var count = 0
  /// Bytes of it that were looked at.
  var done = 0
  /// Only zeros may follow.
  private var isOver = false

  init(length: Int) { bytes = [UInt8](repeating: 0, count: length) }

  var end: Int { start + count }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    bytes.withUnsafeBytes { body($0.part(0, count)) }
  }

  /// False where the file ends before it.
  mutating func read(_ disk: any Disk, _ file: DiskFile) throws(DiskError) -> Bool {
    let start = UInt64(start)
    let read: Result<Int, DiskError> = bytes.withUnsafeMutableBytes { all in
      do throws(DiskError) { return .success(try disk.read(file, at: start, into: all)) } catch {
        return .failure(error)
      }
    }
    count = try read.get()
    return count == bytes.count
  }

  /// The batches that are whole in it; one that ends behind it is left.
  mutating func check(_ check: inout SegmentCheck, salt: UInt64) {
    bytes.withUnsafeBytes { all in
      var scan = SegmentScan(all.part(0, count), salt: salt, at: done)
      while case .batch(let head, let checksum, let range)? = scan.next(), !isOver {
        check.take(.batch(head, checksum: checksum, range), in: all, lost: nil)
        done = range.upperBound
      }
      if scan.isZero(from: done) {
        isOver = isOver || done < count
        done = count
      }
    }
  }

  /// Goes on behind what was looked at; false where that is nothing although all of the file is here.
  mutating func move(in size: Int, _ disk: any Disk, _ file: DiskFile) throws(DiskError) -> Bool {
    if done == 0 {
      guard end < size else { return false }
      bytes = [UInt8](repeating: 0, count: min(size - start, 2 * bytes.count))
    }
    start += done
    done = 0
    if bytes.count > size - start { bytes.removeLast(bytes.count - (size - start)) }
    return try read(disk, file)
  }
}

/// Follows the batches of a sealed segment from its head to its seal.
private struct SegmentCheck {
  private let name: String
  private let cipher: SegmentCipher
  private var next: (number: UInt64, checksum: UInt32)
  private var seal = SealDraft()
  private var isSealed = false
  private(set) var damage: [Damage] = []

  init(_ name: String, _ head: SegmentHead, _ cipher: SegmentCipher) {
    self.name = name
    self.cipher = cipher
    next = (head.firstBatch, head.previous)
  }

  /// `lost`: its records that do not open, where they were read already.
  mutating func take(_ found: SegmentScan.Found, in all: UnsafeRawBufferPointer, lost: [ClosedRange<UInt64>]?) {
    switch found {
    case .gap(let range): damage.append(Damage(.unreadable, name, range))
    case .damagedBody(let batch, let checksum, let range), .batch(let batch, let checksum, let range):
      if case .damagedBody = found { damage.append(Damage(.body, name, range, sequences: batch.sequences)) }
      if batch.number != next.number || batch.previous != next.checksum { damage.append(Damage(.chain, name, range)) }
      next = (batch.number + 1, checksum)
      let foreign = lost ?? foreign(batch, range, all)
      if case .lost = cipher, !foreign.isEmpty {
        damage.append(Damage(.key, name, range, sequences: foreign))
      } else if !foreign.isEmpty {
        damage.append(Damage(.notAuthentic, name, range, sequences: foreign))
      }
      isSealed = batch.kind == .seal
      if isSealed {
        let seal = Seal(all.part(range.lowerBound, range.count).dropFirst(Format.batchHeadSize).rebased)
        let finished = self.seal.finished(nextSequence: batch.firstSequence, at: batch.time)
        if seal != finished { damage.append(Damage(.seal, name, range)) }
      } else {
        seal.add(batch, all.part(range.lowerBound, range.count))
      }
    }
  }

  /// All that is wrong with a segment of so many bytes.
  mutating func finish(size: Int) -> [Damage] {
    if !isSealed, damage.isEmpty { damage.append(Damage(.seal, name, size..<size)) }
    return damage
  }

  /// Sequences of records that are whole, and not what was written with the segment's key.
  private func foreign(
    _ batch: BatchHead, _ range: Range<Int>, _ all: UnsafeRawBufferPointer
  ) -> [ClosedRange<UInt64>] {
    var found: [ClosedRange<UInt64>] = []
    if batch.kind != .records { return found }
    SegmentScan.records(batch, range, in: all) { frame in
      if frame.kind == RecordFrame.erased || cipher.open(frame, in: all) != nil { return }
      found.append(frame.sequence...frame.sequence)
    }
    return found
  }
}

extension BatchHead {
  var sequences: [ClosedRange<UInt64>] { count == 0 ? [] : [firstSequence...firstSequence + UInt64(count) - 1] }
}

extension Slice<UnsafeRawBufferPointer> {
  var rebased: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self) }
}
