import Posix

// Sealed segments are read again in the background: damage that nobody looks at is damage that a backup no longer helps
// against.

/// Reads one sealed segment and says what is wrong with it.
struct SegmentScrub: Sendable {
  let disk: any Disk
  let folder: String
  let name: String
  let keys: EncryptionKeys

  func run() -> [Damage] {
    do throws(DiskError) {
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
      let key = try keys.find(head, firstSequence: head.firstSequence, salt: head.salt)
      let cipher = try keys.cipher(key, salt: head.salt)
      return segment.bytes.withUnsafeBytes { check(segment, head, $0, cipher) }
    } catch {
      return unreadable
    }
  }

  private var unreadable: [Damage] { [Damage(.unreadable, name, 0..<0)] }

  /// Sequences of records that are whole, and not what was written with the segment's key.
  private func foreign(
    _ batch: BatchHead, _ range: Range<Int>, _ all: UnsafeRawBufferPointer, _ cipher: SegmentCipher
  ) -> [ClosedRange<UInt64>] {
    var found: [ClosedRange<UInt64>] = []
    if batch.kind != .records { return found }
    SegmentScan.records(batch, range, in: all) { frame in
      if frame.kind == RecordFrame.erased || cipher.open(frame, in: all) != nil { return }
      found.append(frame.sequence...frame.sequence)
    }
    return found
  }

  private func check(
    _ segment: ScannedSegment, _ head: SegmentHead, _ all: UnsafeRawBufferPointer, _ cipher: SegmentCipher
  ) -> [Damage] {
    var damage: [Damage] = []
    var next = (number: head.firstBatch, checksum: head.previous)
    var draft = SealDraft()
    var isSealed = false
    for (index, found) in segment.found.enumerated() {
      switch found {
      case .gap(let range): damage.append(Damage(.unreadable, name, range))
      case .damagedBody(let batch, let checksum, let range), .batch(let batch, let checksum, let range):
        if case .damagedBody = found { damage.append(Damage(.body, name, range, sequences: batch.sequences)) }
        if batch.number != next.number || batch.previous != next.checksum { damage.append(Damage(.chain, name, range)) }
        next = (batch.number + 1, checksum)
        let foreign = segment.lost(in: index) ?? foreign(batch, range, all, cipher)
        if case .lost = cipher, !foreign.isEmpty {
          damage.append(Damage(.key, name, range, sequences: foreign))
        } else if !foreign.isEmpty {
          damage.append(Damage(.notAuthentic, name, range, sequences: foreign))
        }
        isSealed = batch.kind == .seal
        if isSealed {
          let seal = Seal(all.part(range.lowerBound, range.count).dropFirst(Format.batchHeadSize).rebased)
          let finished = draft.finished(nextSequence: batch.firstSequence, at: batch.time)
          if seal != finished { damage.append(Damage(.seal, name, range)) }
        } else {
          draft.add(batch, all.part(range.lowerBound, range.count))
        }
      }
    }
    if !isSealed, damage.isEmpty { damage.append(Damage(.seal, name, all.count..<all.count)) }
    return damage
  }
}

extension BatchHead {
  var sequences: [ClosedRange<UInt64>] { count == 0 ? [] : [firstSequence...firstSequence + UInt64(count) - 1] }
}

extension Slice<UnsafeRawBufferPointer> {
  var rebased: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self) }
}

/// What the writer knows of the scrub.
struct Scrubbing {
  /// When the next segment is read; monotonic nanoseconds.
  var next: Int64 = 0
  /// The first sequence of the segment that was read last.
  var last: UInt64 = 0
  /// Segments that are read one a second: after a start that did not follow an orderly end.
  var hurried = 0
  var isUnderWay = false
  /// When a segment that was just sealed may be read back at once; monotonic nanoseconds.
  var nextReadBack: Int64 = 0
  static let second: Int64 = 1_000_000_000
}

extension Writer {
  /// Has the next segment read, where its time has come.
  mutating func scrub() {
    guard now >= scrubbing.next, !scrubbing.isUnderWay, !log.sealed.isEmpty else { return }
    let segment = log.sealed.first { $0.firstSequence > scrubbing.last } ?? log.sealed[0]
    scrubbing.last = segment.firstSequence
    scrubbing.isUnderWay = true
    scrubbing.hurried = max(0, scrubbing.hurried - 1)
    let pause = options.scrubTime * Scrubbing.second / Int64(log.sealed.count)
    scrubbing.next = now + (scrubbing.hurried > 0 ? Scrubbing.second : max(Scrubbing.second, pause))
    scrub(Format.segmentName(segment.firstSequence))
  }

  /// Reads a segment that was just sealed; one a second, where they come faster the others wait for their turn.
  mutating func readBack(_ segment: SealedSegment) {
    guard now >= scrubbing.nextReadBack else {
      scrubbing.hurried = min(scrubbing.hurried + 1, log.sealed.count)
      scrubbing.next = min(scrubbing.next, now + Scrubbing.second)
      return
    }
    scrubbing.nextReadBack = now + Scrubbing.second
    scrub(Format.segmentName(segment.firstSequence))
  }

  /// Reads it on the upkeep's thread. One that was let go meanwhile is no damage.
  private func scrub(_ name: String) {
    let scrub = SegmentScrub(disk: log.disk, folder: log.folder, name: name, keys: log.keys)
    let inbox = inbox
    log.upkeep.submit { _ = inbox.put(.scrubbed(name, scrub.run())) }
  }

  mutating func scrubbed(_ name: String, _ damage: [Damage]) {
    scrubbing.isUnderWay = false
    guard log.sealed.contains(where: { Format.segmentName($0.firstSequence) == name }) else { return }
    shared.note(scrubbed: name, damage)
    for damage in damage { options.onDamage?(damage) }
  }
}
