import CLinux

/// Reads a segment's bytes batch by batch, and finds its way again behind damage. Decides nothing about it.
struct SegmentScan {
  enum Found: Sendable {
    /// Valid in itself.
    case batch(BatchHead, checksum: UInt32, Range<Int>)
    /// The head is valid; the body is not, or the file ends before it does.
    case damagedBody(BatchHead, checksum: UInt32, Range<Int>)
    /// No valid head at its beginning; ends before the next one, or before the zeros at the end.
    case gap(Range<Int>)
  }

  let bytes: UnsafeRawBufferPointer
  let salt: UInt64
  private(set) var at: Int

  init(_ bytes: UnsafeRawBufferPointer, salt: UInt64, at start: Int = Format.segmentHeadSize) {
    self.bytes = bytes
    self.salt = salt
    at = min(start, bytes.count)
  }

  /// Nil where only zeros are left.
  mutating func next() -> Found? {
    if let (head, checksum) = head(at) { return batch(head, checksum) }
    if isZero(from: at) { return nil }
    let start = at
    at = nextHead(after: start) ?? endOfNonZero
    return .gap(start..<at)
  }

  private mutating func batch(_ head: BatchHead, _ checksum: UInt32) -> Found {
    let start = at
    let body = start + Format.batchHeadSize
    let isWhole = Int(head.bodyLength) <= bytes.count - body
    at = isWhole ? body + Int(head.bodyLength) : bytes.count
    let isValid = isWhole && crc32c(bytes.part(body, Int(head.bodyLength))) == head.bodyChecksum
    if isValid || (isWhole && isErased(head, start..<at)) { return .batch(head, checksum: checksum, start..<at) }
    // The length is proven, yet the next head may stand earlier where this batch was overwritten.
    if let next = nextHead(after: start), next < at { at = next }
    return .damagedBody(head, checksum: checksum, start..<at)
  }

  /// Whether the body is not what its checksum says because something in it was erased, and all else is whole.
  private func isErased(_ head: BatchHead, _ range: Range<Int>) -> Bool {
    guard head.kind == .records else { return false }
    var count: UInt32 = 0
    var isErased = false
    Self.records(head, range, in: bytes) { frame in
      count += 1
      if frame.kind == RecordFrame.erased { isErased = true }
    }
    return isErased && count == head.count
  }

  private func head(_ offset: Int) -> (BatchHead, checksum: UInt32)? {
    guard offset + Format.batchHeadSize <= bytes.count,
      bytes.get(offset, UInt32.self) == Format.batchMagic,
      let (head, checksum) = BatchHead.read(bytes.part(offset, Format.batchHeadSize)), head.salt == salt
    else { return nil }
    return (head, checksum)
  }

  private func nextHead(after offset: Int) -> Int? {
    var next = offset + 8
    while next + Format.batchHeadSize <= bytes.count {
      if bytes.get(next, UInt32.self) == Format.batchMagic, head(next) != nil { return next }
      next += 8
    }
    return nil
  }

  func isZero(from offset: Int) -> Bool {
    guard let start = bytes.baseAddress, offset < bytes.count else { return true }
    return cdisk_leading_zeros(start + offset, bytes.count - offset) == bytes.count - offset
  }

  private var endOfNonZero: Int {
    var end = bytes.count
    while end > at, bytes[end - 1] == 0 { end -= 1 }
    return min(bytes.count, Format.padded(end))
  }

  /// The salt of the first batch whose head is valid, for a segment whose own head is not.
  static func salt(in bytes: UnsafeRawBufferPointer, at start: Int = Format.segmentHeadSize) -> UInt64? {
    var offset = start
    while offset + Format.batchHeadSize <= bytes.count {
      if bytes.get(offset, UInt32.self) == Format.batchMagic,
        let (head, _) = BatchHead.read(bytes.part(offset, Format.batchHeadSize))
      {
        return head.salt
      }
      offset += 8
    }
    return nil
  }

  /// The records of a body that are whole, and belong to it. A damaged length is not trusted: every place is tried.
  static func records(
    _ head: BatchHead, _ range: Range<Int>, in bytes: UnsafeRawBufferPointer, _ body: (RecordFrame) -> Void
  ) {
    let all = bytes.part(0, range.upperBound)
    let seed = Format.seed(head.salt)
    var offset = range.lowerBound + Format.batchHeadSize + Format.bodySaltSize
    var expected = head.firstSequence
    while offset + Format.recordHeadSize <= range.upperBound {
      let frame = RecordFrame.read(all, at: offset, seed: seed)
      if let frame, frame.sequence >= expected, frame.sequence < head.firstSequence + UInt64(head.count) {
        body(frame)
        expected = frame.sequence + 1
        offset = frame.end
      } else {
        offset += 8
      }
    }
  }
}
