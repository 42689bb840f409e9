import Events
import Formats

/// What a record says. Types and their payloads are part of the format: never change one, only add.
enum LogRecord: Equatable {
  enum Kind: UInt8 {
    case event = 1
    case duplicates, lease, note, settled, changed, started, closed
  }

  /// Events came that were known.
  case duplicates(UInt32)
  /// The record's own sequence is the lease's token. The attempt is counted by it.
  case lease([UInt64])
  case note(UInt64, String)
  case settled(Settlement)
  case changed(ChangeKind, [UInt64], Reason?)
  /// The process began: what was leased is queued again, or dead where that happened `deaths` times.
  case started(deaths: UInt32)
  /// The process ended in order: what was leased is queued again and its attempt not counted.
  case closed

  enum ChangeKind: UInt8 {
    case retry = 1, drop
    /// Nobody wants it: written with the append itself.
    case done
  }
}

/// The end of a lease.
struct Settlement: Equatable {
  enum Kind: UInt8 {
    case done = 1
    case retry, retryUncounted, held, dead
    /// Nobody settled it in time.
    case expired
  }

  var kind: Kind
  var token: UInt64
  var sequences: [UInt64]
  var dueAt: Instant?
  var reason: Reason?
}

extension LogRecord {
  var kind: Kind {
    switch self {
    case .duplicates: .duplicates
    case .lease: .lease
    case .note: .note
    case .settled: .settled
    case .changed: .changed
    case .started: .started
    case .closed: .closed
    }
  }

  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .duplicates(let count), .started(deaths: let count): bytes.put(count)
    case .lease(let sequences): put(sequences, into: &bytes)
    case .note(let sequence, let text):
      bytes.put(sequence)
      bytes.putText(text)
    case .settled(let settlement):
      bytes.put(settlement.kind.rawValue)
      bytes.put(settlement.token)
      put(settlement.sequences, into: &bytes)
      bytes.put(settlement.dueAt?.secondsSince1970 ?? 0)
      bytes.put(settlement.dueAt?.nanoseconds ?? -1)
      ReasonCoding.encode(settlement.reason, into: &bytes)
    case .changed(let kind, let sequences, let reason):
      bytes.put(kind.rawValue)
      put(sequences, into: &bytes)
      ReasonCoding.encode(reason, into: &bytes)
    case .closed: break
    }
  }

  private func put(_ sequences: [UInt64], into bytes: inout [UInt8]) {
    bytes.put(UInt32(sequences.count))
    for sequence in sequences { bytes.put(sequence) }
  }

  /// Nil where the payload is not of this kind; events have a decoder of their own.
  static func decode(_ kind: Kind, _ payload: UnsafeRawBufferPointer) -> LogRecord? {
    var reader = PayloadReader(payload)
    switch kind {
    case .event: return nil
    case .duplicates: return reader.number(UInt32.self).map { .duplicates($0) }
    case .started: return reader.number(UInt32.self).map { .started(deaths: $0) }
    case .closed: return .closed
    case .lease: return reader.sequences().map { .lease($0) }
    case .note:
      guard let sequence = reader.number(UInt64.self), let text = reader.text() else { return nil }
      return .note(sequence, text)
    case .settled: return settlement(&reader).map { .settled($0) }
    case .changed:
      guard let change = reader.number(UInt8.self).flatMap(ChangeKind.init), let sequences = reader.sequences(),
        let reason = ReasonCoding.decode(&reader)
      else { return nil }
      return .changed(change, sequences, reason.value)
    }
  }

  private static func settlement(_ reader: inout PayloadReader) -> Settlement? {
    guard let kind = reader.number(UInt8.self).flatMap(Settlement.Kind.init), let token = reader.number(UInt64.self),
      let sequences = reader.sequences(), let seconds = reader.number(Int64.self),
      let nanoseconds = reader.number(Int32.self), let reason = ReasonCoding.decode(&reader)
    else { return nil }
    let due = nanoseconds < 0 ? nil : Instant(secondsSince1970: seconds, nanoseconds: nanoseconds)
    return Settlement(kind: kind, token: token, sequences: sequences, dueAt: due, reason: reason.value)
  }
}

// A reason: presence u8 (0: none follows) · code · class · side u8 (0 none, 1 Salesforce, 2 NetSuite) · record's type and
// id · field · sentence · count u32 of quoted texts · those. A text is its length u32 and UTF-8; an absent one is a
// presence byte of 0.
enum ReasonCoding {
  /// Told apart from "cannot be decoded", which is nil itself.
  struct Decoded { let value: Reason? }

  static func encode(_ reason: Reason?, into bytes: inout [UInt8]) {
    guard let reason else { return bytes.append(0) }
    bytes.append(1)
    bytes.putText(reason.code)
    bytes.putText(reason.kind.rawValue)
    bytes.append(reason.side == nil ? 0 : reason.side == .salesforce ? 1 : 2)
    encode(reason.record?.type, into: &bytes)
    encode(reason.record?.id, into: &bytes)
    encode(reason.field, into: &bytes)
    bytes.putText(reason.sentence)
    bytes.put(UInt32(reason.quoted.count))
    for text in reason.quoted { bytes.putText(text) }
  }

  static func decode(_ reader: inout PayloadReader) -> Decoded? {
    guard let presence = reader.number(UInt8.self) else { return nil }
    if presence == 0 { return Decoded(value: nil) }
    guard let code = reader.text(), let kind = reader.text(), let side = reader.number(UInt8.self),
      let type = optional(&reader), let id = optional(&reader), let field = optional(&reader),
      let sentence = reader.text(), let count = reader.number(UInt32.self)
    else { return nil }
    var quoted: [String] = []
    for _ in 0..<count {
      guard let text = reader.text() else { return nil }
      quoted.append(text)
    }
    var record: RecordID?
    if let type = type.value, let id = id.value { record = RecordID(type: type, id: id) }
    return Decoded(
      value: Reason(
        code, Reason.Class(rawValue: kind) ?? .none, sentence, quoted: quoted,
        side: side == 1 ? .salesforce : side == 2 ? .netsuite : nil, record: record, field: field.value))
  }

  private struct Text { let value: String? }

  private static func encode(_ text: String?, into bytes: inout [UInt8]) {
    guard let text else { return bytes.append(0) }
    bytes.append(1)
    bytes.putText(text)
  }

  private static func optional(_ reader: inout PayloadReader) -> Text? {
    guard let presence = reader.number(UInt8.self) else { return nil }
    if presence == 0 { return Text(value: nil) }
    return reader.text().map { Text(value: $0) }
  }
}
