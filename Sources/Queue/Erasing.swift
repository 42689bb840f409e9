import Events
import Posix

// Erasing: what a person wants gone is gone from every segment, and the log still holds together.
//
// A record says first which sequences are erased, synced. Then each of their records is overwritten where it is: zeros for
// the payload, the type `erased` and a checksum for the head; and the salt of its batch's body becomes zero, so that the
// body's checksum, which stays as it was, tells nothing about what was there. A crash in between leaves the rest to the
// next start: the record is found, and what it names and still stands is overwritten. `Overwriting` sees to it that a
// write which the crash tore is no damage.

/// What the log keeps of an event that was erased.
struct ErasedEvent: Equatable {
  var sequence: UInt64
  var isDone: Bool
  /// Milliseconds since 1970.
  var receivedAt: Int64
  /// Hashes, so that a repeat is still told: of (system, id), and of the body.
  var id: UInt64
  var body: UInt64
}

extension ErasedEvent {
  func encode(into bytes: inout [UInt8]) {
    bytes.put(sequence)
    bytes.put(UInt8(isDone ? 1 : 0))
    bytes.put(receivedAt)
    bytes.put(id)
    bytes.put(body)
  }

  init?(_ reader: inout PayloadReader) {
    guard let sequence = reader.number(UInt64.self), let done = reader.number(UInt8.self),
      let receivedAt = reader.number(Int64.self), let id = reader.number(UInt64.self),
      let body = reader.number(UInt64.self)
    else { return nil }
    self.init(sequence: sequence, isDone: done != 0, receivedAt: receivedAt, id: id, body: body)
  }
}

extension QueueState {
  /// An event of which the log holds nothing any more; the record that erased it comes later and says the rest.
  mutating func addErased(_ sequence: UInt64, _ place: Place) {
    rows.insert(Row(sequence: sequence, place: place, receivedAt: 0, lane: 0, flow: 0, marks: []))
    tally.received += 1
    tally[.queued] += 1
    flows.pending[0] += 1
    setState(sequence, .dropped)
  }

  /// What waits for work or for a person is dropped by it; what is done stays so. Its identity stays known.
  mutating func erase(_ event: ErasedEvent, at time: Int64, _ place: Place) {
    let sequence = event.sequence
    notes[sequence] = nil
    let row = rows[sequence]
    // Notes may still be there where the event itself is overwritten.
    erasures.insert(sequence)
    if let row {
      takeOut(row)
    } else {
      // Its record was being overwritten when a crash came.
      addErased(sequence, place)
    }
    if row?.isErased ?? true {
      duplicates.remember(Identity(id: event.id, body: event.body, sequence: sequence), at: time)
    }
    setState(sequence, event.isDone ? .done : .dropped)
    var left = Row(
      sequence: sequence, place: place, receivedAt: event.receivedAt, lane: 0, flow: 0, marks: [])
    left.reason = place
    left.state = event.isDone ? .done : .dropped
    rows.update(sequence) { $0 = left }
  }

  private mutating func takeOut(_ row: Row) {
    switch row.state {
    case .queued, .leased, .retrying: remove([row.sequence], from: row.lane)
    case .held, .dead: lanes[row.lane].parked -= 1
    case .done, .dropped: return
    }
    setState(row.sequence, .dropped)
    refresh(row.lane)
  }
}

extension Row {
  /// Read from what an erased record left: dropped, and no record says so yet.
  fileprivate var isErased: Bool { state == .dropped && reason == .none }
}

/// Overwrites records of one segment.
struct SegmentErasing {
  let disk: any Disk
  let folder: String
  let firstSequence: UInt64
  let keys: EncryptionKeys
  let sequences: Set<UInt64>

  /// Those that are overwritten already are passed over. Synced when it returns.
  func run() throws(DiskError) {
    let bytes = try disk.segment(folder, Format.segmentName(firstSequence))
    let found = bytes.withUnsafeBytes { (SegmentHead($0), SegmentHead($0)?.salt ?? SegmentScan.salt(in: $0)) }
    guard let salt = found.1 else { return }
    let cipher = try keys.cipher(keys.find(found.0, firstSequence: firstSequence, salt: salt), salt: salt)
    var overwriting = Overwriting(firstSequence: firstSequence, salt: salt)
    overwriting.changes = bytes.withUnsafeBytes { changes(in: $0, salt, cipher) }
    if !overwriting.changes.isEmpty { try overwriting.run(disk, folder) }
  }

  private func changes(
    in all: UnsafeRawBufferPointer, _ salt: UInt64, _ cipher: SegmentCipher
  ) -> [Overwriting.Change] {
    var changes: [Overwriting.Change] = []
    var scan = SegmentScan(all, salt: salt)
    while let next = scan.next() {
      guard let (head, range) = next.records else { continue }
      var isTouched = false
      SegmentScan.records(head, range, in: all) { frame in
        if frame.kind == RecordFrame.erased {
          isTouched = true
        } else if names(frame, in: all, cipher) {
          isTouched = true
          let head = frame.erased(seed: Format.seed(salt)).prefix(Format.recordHeadSize)
          changes.append(
            .init(offset: UInt64(frame.offset), length: frame.end - frame.offset, head: Array(head)))
        }
      }
      let body = range.lowerBound + Format.batchHeadSize
      if isTouched, all.get(body, UInt64.self) != 0 {
        changes.append(.init(offset: UInt64(body), length: Format.bodySaltSize))
      }
    }
    return changes
  }

  /// Whether the record has anything of the events: the event itself, or what carries it on; and notes, which may quote it.
  private func names(_ frame: RecordFrame, in all: UnsafeRawBufferPointer, _ cipher: SegmentCipher) -> Bool {
    guard let kind = LogRecord.Kind(rawValue: frame.kind) else { return false }
    switch kind {
    case .event: return sequences.contains(frame.sequence)
    case .note, .carried:
      // Both begin with the sequence of the event that they are about.
      guard let payload = cipher.open(frame, in: all)?.bytes else { return false }
      return payload.count >= 8 && sequences.contains(payload.get(0, UInt64.self))
    default: return false
    }
  }
}

extension SegmentScan.Found {
  /// The batch, if it is one with records, damaged or not.
  var records: (BatchHead, Range<Int>)? {
    switch self {
    case .batch(let head, _, let range), .damagedBody(let head, _, let range):
      head.kind == .records ? (head, range) : nil
    case .gap: nil
    }
  }
}

extension RecordFrame {
  /// What stands in the record's place once it is erased: as long as it was, and valid. Which type it was stays known.
  func erased(seed: UInt32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: end - offset)
    bytes.withUnsafeMutableBytes { all in
      all.set(0, UInt32(payloadLength))
      all.set(4, UInt32(kind) << 16 | UInt32(Self.erased))
      all.set(8, sequence)
      all.set(16, group)
    }
    bytes.withUnsafeMutableBytes { Self.seal($0, from: 0, seed: seed, cipher: nil) }
    return bytes
  }
}
