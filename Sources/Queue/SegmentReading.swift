import Events

/// Reads one segment into a recovery.
struct SegmentReading {
  let name: String
  let segment: UInt32
  let salt: UInt64
  let cipher: SegmentCipher
  let isLast: Bool
  /// What stands before it is in the state already; 0: nothing does.
  let start: Int

  func read(_ scanned: ScannedSegment, into recovery: inout Recovery) throws {
    let (bytes, found) = (scanned.bytes, scanned.found)
    let key = recovery.state.duplicates.key
    let marked = found.map(marked).max() ?? 0
    var end = Format.segmentHeadSize
    var torn: Range<Int>?
    var isReached = start == 0
    var isSealed = false
    var seal = SealDraft()
    for (index, item) in found.enumerated() {
      if end == start { isReached = true }
      switch item {
      case .batch(let head, _, let range) where range.lowerBound < start:
        end = range.upperBound
        isSealed = head.kind == .seal
        add(head, bytes, range, to: &seal)
      case .damagedBody(_, _, let range) where range.lowerBound < start, .gap(let range) where range.lowerBound < start:
        recovery.isDoubtful = true
        end = range.upperBound
      case .batch(let head, let checksum, let range):
        follow(head, checksum, range, in: &recovery)
        try apply(scanned.records(of: index, cipher, key), head, range, to: &recovery)
        end = range.upperBound
        isSealed = head.kind == .seal
        add(head, bytes, range, to: &seal)
      case .damagedBody(let head, _, let range) where isLast && range.lowerBound >= marked:
        torn = tear(range, after: torn)
        let sequences = head.count == 0 ? [] : [head.firstSequence...head.firstSequence + UInt64(head.count) - 1]
        recovery.report.damage.append(Damage(.tornTail, name, range, sequences: sequences))
        // Named in a report: not to be seen again as another record's.
        recovery.nextSequence = max(recovery.nextSequence, head.firstSequence + UInt64(head.count))
      case .damagedBody(let head, let checksum, let range):
        follow(head, checksum, range, in: &recovery)
        try salvage(head, range, bytes, into: &recovery)
        end = range.upperBound
        add(head, bytes, range, to: &seal)
      case .gap(let range) where isLast && range.lowerBound >= marked:
        torn = tear(range, after: torn)
        recovery.report.damage.append(Damage(.tornTail, name, range))
      case .gap(let range):
        salvage(range, bytes, into: &recovery)
        end = range.upperBound
      }
    }
    recovery.bytesRead += UInt64(max(0, end - start))
    if case .batch(let head, _, _)? = found.last { recovery.endedInOrder = head.kind == .closing }
    if !isReached, end != start { recovery.isDoubtful = true }
    if !isLast {
      recovery.sealed.append(
        SealedSegment(
          number: segment, firstSequence: Format.firstSequence(name) ?? 0, size: UInt64(end), lastTime: recovery.time))
      if isSealed, bytes.count > end { recovery.untrimmed.append(Trimming(name: name, end: UInt64(end))) }
      return
    }
    let from = min(marked, end)
    recovery.tail = Recovery.Tail(
      name: name, segment: segment, salt: salt, isEncrypted: cipher.isEncrypted, end: end, marked: from,
      unverified: Array(bytes[from..<end]), torn: torn, seal: seal, isSealed: isSealed)
  }

  /// Only the last segment's seal is still to be made.
  private func add(_ head: BatchHead, _ bytes: [UInt8], _ range: Range<Int>, to seal: inout SealDraft) {
    if isLast { bytes.withUnsafeBytes { seal.add(head, $0.part(range.lowerBound, range.count)) } }
  }

  /// What the item says is synced.
  private func marked(_ item: SegmentScan.Found) -> Int {
    switch item {
    case .batch(let head, _, _), .damagedBody(let head, _, _): Int(clamping: head.syncedUpTo)
    case .gap: 0
    }
  }

  private func tear(_ range: Range<Int>, after torn: Range<Int>?) -> Range<Int> {
    (torn?.lowerBound ?? range.lowerBound)..<range.upperBound
  }

  /// Checks that the batch belongs where it stands, and names what is missing before it.
  private func follow(_ head: BatchHead, _ checksum: UInt32, _ range: Range<Int>, in recovery: inout Recovery) {
    if let chain = recovery.chain {
      let isNext = head.number == chain.number
      if !isNext || head.previous != chain.checksum {
        var missing: [ClosedRange<UInt64>] = []
        if !isNext, head.firstSequence > recovery.nextSequence {
          missing = [recovery.nextSequence...head.firstSequence - 1]
        }
        name(missing, before: range, isNext: isNext, in: &recovery)
      }
    }
    recovery.openGap = nil
    recovery.chain = (head.number + 1, checksum)
    recovery.nextSequence = max(recovery.nextSequence, head.firstSequence + UInt64(head.count))
    recovery.time = max(recovery.time, head.time)
  }

  private func name(
    _ missing: [ClosedRange<UInt64>], before range: Range<Int>, isNext: Bool, in recovery: inout Recovery
  ) {
    let last = recovery.report.damage.count - 1
    if let gap = recovery.openGap {
      for range in missing { recovery.report.damage[gap].sequences.add(range) }
    } else if last >= 0, recovery.report.damage[last].kind == .segment, recovery.report.damage[last].sequences.isEmpty {
      recovery.report.damage[last].sequences = missing
    } else {
      recovery.report.damage.append(Damage(.chain, name, range, sequences: missing))
    }
  }

  private func apply(
    _ records: [ReadRecord], _ head: BatchHead, _ range: Range<Int>, to recovery: inout Recovery
  ) throws {
    var lost: [ClosedRange<UInt64>] = []
    for record in records {
      switch record {
      case .operation, .erased, .nothing: record.apply(to: &recovery.state, segment: segment, at: head.time)
      case .lost(let sequence): lost.add(sequence)
      case .unknown(let frame):
        throw QueueError.storage(
          "\(name) holds a record of type \(frame.kind), flags \(frame.flags), which this program cannot read")
      }
    }
    if !lost.isEmpty { lose(lost, range, in: &recovery) }
  }

  /// Of a damaged batch, where others may be missing; false where it cannot be read either.
  private func apply(
    _ frame: RecordFrame, _ head: BatchHead, _ bytes: UnsafeRawBufferPointer, to recovery: inout Recovery
  ) -> Bool {
    let record = ReadRecord(frame, in: bytes, cipher, recovery.state.duplicates.key)
    switch record {
    case .operation, .erased, .nothing:
      record.apply(to: &recovery.state, segment: segment, at: head.time)
      return true
    case .lost, .unknown: return false
    }
  }

  /// Names records that do not open. Where the key is lost all of the segment's are one item.
  private func lose(_ sequences: [ClosedRange<UInt64>], _ range: Range<Int>, in recovery: inout Recovery) {
    guard case .lost = cipher else {
      return recovery.report.damage.append(Damage(.notAuthentic, name, range, sequences: sequences))
    }
    if let index = recovery.report.damage.lastIndex(where: { $0.kind == .key && $0.segment == name }) {
      recovery.report.damage[index].length = UInt64(range.upperBound) - recovery.report.damage[index].offset
      for range in sequences { recovery.report.damage[index].sequences.add(range) }
    } else {
      recovery.report.damage.append(Damage(.key, name, range, sequences: sequences))
    }
  }

  /// Delivers the records that are whole where a batch's head is not, and names those between them. How many there were
  /// the next head says.
  private func salvage(_ gap: Range<Int>, _ bytes: [UInt8], into recovery: inout Recovery) {
    let head = BatchHead(
      kind: .records, number: 0, firstSequence: recovery.nextSequence, salt: salt, syncedUpTo: 0, time: recovery.time,
      previous: 0, count: .max, bodyLength: 0, bodyChecksum: 0)
    var missing: [ClosedRange<UInt64>] = []
    bytes.withUnsafeBytes { all in
      SegmentScan.records(head, gap, in: all) { frame in
        guard apply(frame, head, all, to: &recovery) else { return }
        if frame.sequence > recovery.nextSequence { missing.append(recovery.nextSequence...frame.sequence - 1) }
        recovery.nextSequence = frame.sequence + 1
      }
    }
    recovery.openGap = recovery.report.damage.count
    recovery.report.damage.append(Damage(.unreadable, name, gap, sequences: missing))
  }

  /// Delivers the records of a damaged batch that are whole; names the others.
  private func salvage(_ head: BatchHead, _ range: Range<Int>, _ bytes: [UInt8], into recovery: inout Recovery) throws {
    var missing: [ClosedRange<UInt64>] = []
    var expected = head.firstSequence
    bytes.withUnsafeBytes { all in
      SegmentScan.records(head, range, in: all) { frame in
        guard apply(frame, head, all, to: &recovery) else { return }
        if frame.sequence > expected { missing.append(expected...frame.sequence - 1) }
        expected = frame.sequence + 1
      }
    }
    let end = head.firstSequence + UInt64(head.count)
    if expected < end { missing.append(expected...end - 1) }
    recovery.report.damage.append(Damage(.body, name, range, sequences: missing))
  }
}

extension [ClosedRange<UInt64>] {
  fileprivate mutating func add(_ sequence: UInt64) { add(sequence...sequence) }

  /// A range at or behind the last one.
  fileprivate mutating func add(_ range: ClosedRange<UInt64>) {
    if let last, last.upperBound + 1 == range.lowerBound {
      self[count - 1] = last.lowerBound...range.upperBound
    } else {
      append(range)
    }
  }
}
