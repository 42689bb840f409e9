@testable import Queue

/// Heads that this version does not write.
enum SegmentHeadBytes {
  static var version2: [UInt8] {
    var head = SegmentHead(
      firstSequence: 100, firstBatch: 4, salt: 7, previous: 0, identityKey: IdentityKey(low: 1, high: 2))
    head.version = 2
    return head.bytes
  }

  /// Whether a batch's head that says so, with a checksum that is right, is read as one.
  static func isBatchHead(firstSequence: UInt64, count: UInt32) -> Bool {
    let head = BatchHead(
      kind: .records, number: 1, firstSequence: firstSequence, salt: 7, syncedUpTo: 0, time: 0, previous: 0,
      count: count, bodyLength: 0, bodyChecksum: 0)
    var bytes = [UInt8](repeating: 0, count: Format.batchHeadSize)
    _ = bytes.withUnsafeMutableBytes { head.write(into: $0) }
    return bytes.withUnsafeBytes { BatchHead.read($0) } != nil
  }
}
