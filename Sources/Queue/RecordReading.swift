import Events

/// What a record of a segment says, whatever is in the state.
enum ReadRecord: Sendable {
  /// Places are those in the segment, whichever number that has.
  case operation(Operation)
  /// Of an event nothing is left but its place.
  case erased(UInt64, offset: UInt32)
  /// Nothing is left of it, and it was no event.
  case nothing
  /// It does not open, or not with this key.
  case lost(UInt64)
  /// A later version's.
  case unknown(RecordFrame)

  init(_ frame: RecordFrame, in bytes: UnsafeRawBufferPointer, _ cipher: SegmentCipher, _ key: IdentityKey) {
    let place = Place(segment: 0, offset: UInt32(frame.offset))
    if !frame.isKnown {
      self = .unknown(frame)
    } else if frame.kind == RecordFrame.erased {
      let kind = bytes[frame.offset + RecordFrame.erasedKind]
      let isEvent = kind == LogRecord.Kind.event.rawValue
      self = isEvent ? .erased(frame.sequence, offset: place.offset) : .nothing
    } else if let payload = cipher.open(frame, in: bytes) {
      self = Operation(frame, payload, at: place, key: key).map { .operation($0) } ?? .unknown(frame)
    } else {
      self = .lost(frame.sequence)
    }
  }

  func apply(to state: inout QueueState, segment: UInt32, at time: Int64) {
    let origin = Place(segment: segment, offset: 0)
    switch self {
    case .operation(let operation): state.apply(operation, from: origin, at: time)
    case .erased(let sequence, let offset): state.addErased(sequence, origin.advanced(by: Int(offset)))
    case .nothing, .lost, .unknown: break
    }
  }
}

/// A segment as it was read: its bytes, what a scan found in them, and what the records of whole batches say where that
/// was asked for.
struct ScannedSegment: Sendable {
  let bytes: [UInt8]
  let head: SegmentHead?
  /// Of the head or, where that is damaged, of the first batch; nil where there is none either.
  let salt: UInt64?
  let found: [SegmentScan.Found]
  /// One for each that was found; nil where that is no batch with records. Empty until `readRecords`.
  private(set) var records: [[ReadRecord]?] = []

  init(_ bytes: consuming [UInt8]) {
    (head, salt, found) = bytes.withUnsafeBytes { all in
      let head = SegmentHead(all)
      let salt = head?.salt ?? SegmentScan.salt(in: all)
      var found: [SegmentScan.Found] = []
      if let salt {
        var scan = SegmentScan(all, salt: salt)
        while let next = scan.next() { found.append(next) }
      }
      return (head, salt, found)
    }
    self.bytes = bytes
  }

  /// Its bytes, for the next one: nothing is left in this.
  consuming func takeBytes() -> [UInt8] { bytes }

  mutating func readRecords(_ cipher: SegmentCipher, _ key: IdentityKey) {
    records = found.map { item in
      guard case .batch(let head, _, let range) = item, head.kind == .records else { return nil }
      return read(head, range, cipher, key)
    }
  }

  /// The records of a batch that was found, read at once where they were not yet.
  func records(of item: Int, _ cipher: SegmentCipher, _ key: IdentityKey) -> [ReadRecord] {
    if item < records.count, let read = records[item] { return read }
    guard let (head, range) = found[item].records else { return [] }
    return read(head, range, cipher, key)
  }

  /// Sequences of an item's records that do not open; nil where they were not read.
  func lost(in item: Int) -> [ClosedRange<UInt64>]? {
    guard item < records.count, let read = records[item] else { return nil }
    return read.compactMap { record in
      if case .lost(let sequence) = record { sequence...sequence } else { nil }
    }
  }

  private func read(
    _ head: BatchHead, _ range: Range<Int>, _ cipher: SegmentCipher, _ key: IdentityKey
  ) -> [ReadRecord] {
    var records: [ReadRecord] = []
    // A damaged head's count may be anything: no more fit.
    records.reserveCapacity(min(Int(head.count), range.count / Format.recordHeadSize))
    bytes.withUnsafeBytes { all in
      SegmentScan.records(head, range, in: all) { records.append(ReadRecord($0, in: all, cipher, key)) }
    }
    return records
  }
}
