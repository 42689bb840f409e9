import Fuzzing
@testable import Queue

/// What the queue's log may hold: payloads of records, and segments whose checksums are right whatever they say. Nothing
/// is read outside of them, reading goes on, and what can be read is what was written.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  var choices = Choices(UnsafeRawBufferPointer(start: data, count: size))
  let kind = choices.byte()
  if kind & 1 == 0 {
    let payload = choices.rest()
    payload.withUnsafeBytes { checkPayload(kind >> 1, $0) }
  } else {
    checkSegment(&choices)
  }
  return 0
}

private func checkPayload(_ code: UInt8, _ payload: UnsafeRawBufferPointer) {
  if let event = EventCoding.decode(payload) {
    var again: [UInt8] = []
    EventCoding.encode(event, into: &again)
    expect(again.withUnsafeBytes { EventCoding.decode($0) } == event, "an event written out is the same event")
  }
  guard let kind = LogRecord.Kind(rawValue: code % 9), let record = LogRecord.decode(kind, payload) else { return }
  var again: [UInt8] = []
  record.encode(into: &again)
  expect(again.withUnsafeBytes { LogRecord.decode(kind, $0) } == record, "a record written out is the same record")
}

private let salt: UInt64 = 0x0123_4567_89AB_CDEF

private func checkSegment(_ choices: inout Choices) {
  var segment = [UInt8](repeating: 0, count: Format.segmentHeadSize)
  var written: [UInt64] = []
  let batches = 1 + choices.byte() & 1
  for _ in 0..<batches { appendBatch(&choices, to: &segment, &written) }
  let isWhole = choices.isEmpty
  while !choices.isEmpty { choices.edit(&segment) }
  var read: [UInt64] = []
  segment.withUnsafeBytes { scan($0) { read.append($0.sequence) } }
  if isWhole { expect(read == written, "every record of a segment is read") }
}

/// Numbers of the fuzzer's own, checksums that are right.
private func appendBatch(_ choices: inout Choices, to segment: inout [UInt8], _ written: inout [UInt64]) {
  let first = choices.number()
  var body: [UInt8] = []
  let count = UInt64(choices.byte() & 3)
  for place in 0..<count {
    let offset = RecordFrame.open(&body)
    body += choices.some(24)
    let kind = LogRecord.Kind(rawValue: choices.byte() % 9) ?? .closed
    RecordFrame.close(&body, at: offset, kind: kind, sequence: first &+ place, group: 0)
    // A head with more sequences than there are is none.
    if first <= UInt64.max - count { written.append(first &+ place) }
  }
  let seed = Format.seed(salt)
  body.withUnsafeMutableBytes { RecordFrame.seal($0, from: 0, seed: seed) }
  let head = BatchHead(
    kind: .records, number: choices.number(), firstSequence: first, salt: salt, syncedUpTo: choices.number(),
    time: Int64(truncatingIfNeeded: choices.number()), previous: 0, count: UInt32(count),
    bodyLength: UInt32(body.count),
    bodyChecksum: body.withUnsafeBytes { crc32c($0) })
  var bytes = [UInt8](repeating: 0, count: Format.batchHeadSize)
  _ = bytes.withUnsafeMutableBytes { head.write(into: $0) }
  segment += bytes + body
}

private func scan(_ bytes: UnsafeRawBufferPointer, _ record: (RecordFrame) -> Void) {
  var scan = SegmentScan(bytes, salt: salt)
  var end = scan.at
  while let found = scan.next() {
    let range: Range<Int>
    switch found {
    case .batch(let head, _, let place), .damagedBody(let head, _, let place):
      range = place
      SegmentScan.records(head, place, in: bytes) { frame in
        // The zeros behind the last one may be cut off with the file; what it says is whole all the same.
        let end = frame.offset + Format.recordHeadSize + frame.payloadLength
        expect(place.contains(frame.offset) && end <= place.upperBound, "a record is inside of its batch")
        expect(frame.payload(bytes).count == frame.payloadLength, "a payload is inside of its record")
        checkPayload(frame.kind, frame.payload(bytes))
        record(frame)
      }
    case .gap(let place): range = place
    }
    expect(range.lowerBound == end && range.upperBound > end, "reading goes on")
    end = range.upperBound
    expect(end <= bytes.count && scan.at == end, "nothing is read behind the end")
  }
}

extension Choices {
  /// A small number, one near the largest, or any.
  fileprivate mutating func number() -> UInt64 {
    let kind = byte()
    switch kind & 3 {
    case 0: return UInt64(kind >> 2)
    case 1: return UInt64.max - UInt64(kind >> 2)
    default: return some(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
  }
}
