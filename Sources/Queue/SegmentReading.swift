import Events

/// Reads one segment into a recovery.
struct SegmentReading {
  let name: String
  let segment: UInt32
  let salt: UInt64
  let isLast: Bool

  func read(_ bytes: [UInt8], into recovery: inout Recovery) throws {
    var found: [SegmentScan.Found] = []
    bytes.withUnsafeBytes {
      var scan = SegmentScan($0, salt: salt)
      while let next = scan.next() { found.append(next) }
    }
    let marked = found.map(marked).max() ?? 0
    var end = Format.segmentHeadSize
    var torn: Range<Int>?
    for item in found {
      switch item {
      case .batch(let head, let checksum, let range):
        follow(head, checksum, range, in: &recovery)
        try apply(head, range, bytes, to: &recovery)
        end = range.upperBound
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
      case .gap(let range) where isLast && range.lowerBound >= marked:
        torn = tear(range, after: torn)
        recovery.report.damage.append(Damage(.tornTail, name, range))
      case .gap(let range):
        recovery.report.damage.append(Damage(.unreadable, name, range))
        end = range.upperBound
      }
    }
    let from = min(marked, end)
    var tail = Recovery.Tail(
      name: name, segment: segment, salt: salt, end: end, marked: from, unverified: Array(bytes[from..<end]), torn: torn
    )
    if let torn { tail.tornBytes = Array(bytes[torn]) }
    recovery.tail = tail
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
    recovery.chain = (head.number + 1, checksum)
    recovery.nextSequence = max(recovery.nextSequence, head.firstSequence + UInt64(head.count))
    recovery.time = max(recovery.time, head.time)
  }

  private func name(
    _ missing: [ClosedRange<UInt64>], before range: Range<Int>, isNext: Bool, in recovery: inout Recovery
  ) {
    let last = recovery.report.damage.count - 1
    if last >= 0, recovery.report.damage[last].kind == .unreadable || recovery.report.damage[last].kind == .segment,
      recovery.report.damage[last].sequences.isEmpty
    {
      recovery.report.damage[last].sequences = missing
    } else {
      recovery.report.damage.append(Damage(.chain, name, range, sequences: missing))
    }
  }

  private func apply(_ head: BatchHead, _ range: Range<Int>, _ bytes: [UInt8], to recovery: inout Recovery) throws {
    var unknown: UInt8?
    bytes.withUnsafeBytes { all in
      SegmentScan.records(head, range, in: all) { frame in
        if !apply(frame, head, all, to: &recovery) { unknown = frame.kind }
      }
    }
    if let unknown {
      throw QueueError.storage("\(name) holds a record of type \(unknown), which this program cannot read")
    }
  }

  private func apply(
    _ frame: RecordFrame, _ head: BatchHead, _ bytes: UnsafeRawBufferPointer, to recovery: inout Recovery
  ) -> Bool {
    let place = Place(segment: segment, offset: UInt32(frame.offset))
    guard let operation = Operation(frame, in: bytes, at: place) else { return false }
    recovery.state.apply(operation, at: head.time)
    return true
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
