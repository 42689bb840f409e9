import Fuzzing
@testable import Queue

/// What the queue's log may hold: payloads of records, and segments whose checksums are right whatever they say. Nothing
/// is read outside of them, reading goes on, and what can be read is what was written; what was encrypted and then
/// changed is never read at all.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  var choices = Choices(UnsafeRawBufferPointer(start: data, count: size))
  let kind = choices.byte()
  if kind & 1 == 0 {
    let payload = choices.rest()
    payload.withUnsafeBytes { checkPayload(kind >> 1, RecordPayload($0, isCompressed: kind & 0x80 != 0)) }
  } else {
    checkSegment(&choices)
  }
  return 0
}

private func checkPayload(_ code: UInt8, _ payload: RecordPayload) {
  let inflater = Inflater()
  if let event = EventCoding.decode(payload, inflater) {
    let isBounded = event.payload.count <= payload.bytes.count * Compression.largestRatio
    expect(isBounded && (payload.isCompressed || event.payload.count <= payload.bytes.count), "no body out of nothing")
    var again: [UInt8] = []
    EventCoding.encode(event, into: &again)
    let same = again.withUnsafeBytes { EventCoding.decode(RecordPayload($0), inflater) }
    expect(same == event, "an event written out is the same event")
  }
  guard let kind = LogRecord.Kind(rawValue: code % 15), let record = LogRecord.decode(kind, payload.bytes) else {
    return
  }
  var again: [UInt8] = []
  record.encode(into: &again)
  expect(again.withUnsafeBytes { LogRecord.decode(kind, $0) } == record, "a record written out is the same record")
}

private let salt: UInt64 = 0x0123_4567_89AB_CDEF

/// A record as it is meant.
private struct Meant: Equatable {
  var sequence: UInt64
  var kind: UInt8
  var isCompressed: Bool
  var payload: [UInt8]
}

private func checkSegment(_ choices: inout Choices) {
  var segment = [UInt8](repeating: 0, count: Format.segmentHeadSize)
  var written: [Meant] = []
  let shape = choices.byte()
  let cipher = shape & 2 == 0 ? nil : try? RecordCipher([UInt8](repeating: 7, count: 32), salt: salt)
  for _ in 0..<1 + shape & 1 { appendBatch(&choices, cipher, to: &segment, &written) }
  let isWhole = choices.isEmpty
  while !choices.isEmpty { choices.edit(&segment) }
  var read: [Meant] = []
  segment.withUnsafeBytes { bytes in
    scan(bytes) { frame in
      guard let payload = (cipher.map { .key($0) } ?? SegmentCipher.plain).open(frame, in: bytes) else { return }
      checkPayload(frame.kind, payload)
      let meant = Meant(
        sequence: frame.sequence, kind: frame.kind, isCompressed: payload.isCompressed, payload: Array(payload.bytes))
      read.append(meant)
    }
  }
  if isWhole { expect(read == written, "every record of a segment is read") }
  if cipher != nil { expect(read.allSatisfy { written.contains($0) }, "what was encrypted is read as it was written") }
}

/// Numbers of the fuzzer's own, checksums that are right.
private func appendBatch(
  _ choices: inout Choices, _ cipher: RecordCipher?, to segment: inout [UInt8], _ written: inout [Meant]
) {
  let first = choices.number()
  var body = [UInt8](repeating: 0, count: Format.bodySaltSize)
  let count = UInt64(choices.byte() & 3)
  for place in 0..<count {
    let offset = RecordFrame.open(&body)
    let payload = choices.some(24)
    body += payload
    let code = choices.byte()
    let kind = LogRecord.Kind(rawValue: code % 15) ?? .closed
    let isCompressed = code & 0x80 != 0
    let flags = (isCompressed ? RecordFrame.compressed : 0) | (cipher == nil ? 0 : RecordFrame.encrypted)
    RecordFrame.close(&body, at: offset, kind: kind, flags: flags, sequence: first &+ place, group: 0)
    let meant = Meant(
      sequence: first &+ place, kind: kind.rawValue, isCompressed: isCompressed, payload: Array(payload))
    // A head with more sequences than there are is none.
    if first <= UInt64.max - count { written.append(meant) }
  }
  let seed = Format.seed(salt)
  body.withUnsafeMutableBytes { RecordFrame.seal($0, from: Format.bodySaltSize, seed: seed, cipher: cipher) }
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
