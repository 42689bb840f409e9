@testable import Queue

/// Heads of segments that this version does not write.
enum SegmentHeadBytes {
  static var version2: [UInt8] {
    var head = SegmentHead(firstSequence: 100, firstBatch: 4, salt: 7, previous: 0)
    head.version = 2
    return head.bytes
  }
}
