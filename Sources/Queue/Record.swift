import Events
import Formats

/// What a record says. Types and their payloads are part of the format: never change one, only add.
enum LogRecord: Equatable {
  enum Kind: UInt8 {
    case event = 1
    case duplicates, lease, note, settled, changed, started, closed
    case expired, erased, paused, retried
    // 13 is missing.
    case carried = 14
  }

  /// Events came that were known.
  case duplicates(UInt32)
  /// The record's own sequence is the lease's token. The attempt is counted by it.
  case lease([UInt64])
  case note(UInt64, String)
  case settled(Settlement)
  case changed(ChangeKind, [UInt64], Reason?)
  /// `since`: it is no news, but said again since what said it first is let go; milliseconds since 1970.
  case paused(WorkPart, isPaused: Bool, since: Int64? = nil)
  case retried(Retrying)
  /// The process began: what was leased is queued again, or dead where that happened `deaths` times.
  case started(deaths: UInt32)
  /// The process ended in order: what was leased is queued again and its attempt not counted.
  case closed
  /// Segments are let go.
  case expired(Expiry)
  /// A person had these removed: nothing of them is left but that they were there.
  case erased([ErasedEvent], Reason)
  case carried(Carried)

  enum ChangeKind: UInt8 {
    case drop = 2
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

/// Events that a person wants tried again: all of them with one record.
struct Retrying: Equatable {
  /// The first becomes due at `from`, the others in turn within `over`. Milliseconds, since 1970 and long.
  var from: Int64
  var over: Int64 = 0
  var isBulk = false
  /// Ascending.
  var sequences: [UInt64]
  /// Lanes of those that were done or dropped: they have left theirs.
  var lanes: [UInt64: Lane] = [:]

  func due(at index: Int) -> Int64 {
    let (high, low) = UInt64(over).multipliedFullWidth(by: UInt64(index))
    return from &+ Int64(UInt64(max(1, sequences.count)).dividingFullWidth((high, low)).quotient)
  }

  /// Nil for what is not among them.
  func due(of sequence: UInt64) -> Int64? {
    var (low, high) = (0, sequences.count)
    while low < high {
      let middle = (low + high) / 2
      if sequences[middle] < sequence { low = middle + 1 } else { high = middle }
    }
    return low < sequences.count && sequences[low] == sequence ? due(at: low) : nil
  }
}

extension LogRecord {
  var kind: Kind {
    switch self {
    case .duplicates: .duplicates
    case .lease: .lease
    case .note: .note
    case .settled: .settled
    case .changed: .changed
    case .paused: .paused
    case .retried: .retried
    case .started: .started
    case .closed: .closed
    case .expired: .expired
    case .erased: .erased
    case .carried: .carried
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
      bytes.put(9) { part in
        part.set(0, settlement.kind.rawValue)
        part.set(1, settlement.token)
      }
      put(settlement.sequences, into: &bytes)
      bytes.put(12) { part in
        part.set(0, settlement.dueAt?.secondsSince1970 ?? 0)
        part.set(8, settlement.dueAt?.nanoseconds ?? -1)
      }
      ReasonCoding.encode(settlement.reason, into: &bytes)
    case .changed(let kind, let sequences, let reason):
      bytes.put(kind.rawValue)
      put(sequences, into: &bytes)
      ReasonCoding.encode(reason, into: &bytes)
    case .paused(let part, let isPaused, let since):
      bytes.append(isPaused ? 1 : 0)
      PartCoding.encode(part, into: &bytes)
      if let since { bytes.put(since) }
    case .retried(let retrying):
      bytes.put(retrying.from)
      bytes.put(retrying.over)
      bytes.append(retrying.isBulk ? 1 : 0)
      put(retrying.sequences, into: &bytes)
      bytes.put(UInt32(retrying.lanes.count))
      for (sequence, lane) in retrying.lanes.sorted(by: { $0.key < $1.key }) {
        bytes.put(sequence)
        PartCoding.encode(lane, into: &bytes)
      }
    case .closed: break
    case .expired(let expiry):
      bytes.put(expiry.keptFrom)
      bytes.put(expiry.events)
      bytes.put(expiry.duplicates)
      put(expiry.parked, into: &bytes)
    case .erased(let events, let reason):
      bytes.put(UInt32(events.count))
      for event in events { event.encode(into: &bytes) }
      ReasonCoding.encode(reason, into: &bytes)
    case .carried(let carried): carried.encode(into: &bytes)
    }
  }

  private func put(_ sequences: [UInt64], into bytes: inout [UInt8]) {
    bytes.put(4 + 8 * sequences.count) { part in
      part.set(0, UInt32(sequences.count))
      for (index, sequence) in sequences.enumerated() { part.set(4 + 8 * index, sequence) }
    }
  }

  /// Bytes that `encode` appends.
  var size: Int {
    // Without encoding it, what is asked for with every event.
    if case .settled(let settlement) = self, settlement.reason == nil { return 26 + 8 * settlement.sequences.count }
    var bytes: [UInt8] = []
    encode(into: &bytes)
    return bytes.count
  }

  /// Nil where the payload is not of this kind; events have a decoder of their own. `hasReasons`: why events were settled
  /// or changed is passed over where it is false; the state keeps only where it stands.
  static func decode(_ kind: Kind, _ payload: UnsafeRawBufferPointer, hasReasons: Bool = true) -> LogRecord? {
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
    case .settled: return settlement(&reader, hasReasons).map { .settled($0) }
    case .changed:
      guard let change = reader.number(UInt8.self).flatMap(ChangeKind.init), let sequences = reader.sequences(),
        let reason = ReasonCoding.decode(&reader, isWanted: hasReasons)
      else { return nil }
      return .changed(change, sequences, reason.value)
    case .expired:
      guard let keptFrom = reader.number(UInt64.self), let events = reader.number(UInt64.self),
        let duplicates = reader.number(UInt64.self), let parked = reader.sequences()
      else { return nil }
      return .expired(Expiry(keptFrom: keptFrom, events: events, duplicates: duplicates, parked: parked))
    case .erased:
      guard let count = reader.number(UInt32.self) else { return nil }
      var events: [ErasedEvent] = []
      for _ in 0..<count {
        guard let event = ErasedEvent(&reader) else { return nil }
        events.append(event)
      }
      guard let reason = ReasonCoding.decode(&reader)?.value else { return nil }
      return .erased(events, reason)
    case .carried: return Carried(&reader).map { .carried($0) }
    case .paused:
      guard let isPaused = reader.number(UInt8.self), let part = PartCoding.decode(&reader) else { return nil }
      return .paused(part, isPaused: isPaused == 1, since: reader.number(Int64.self))
    case .retried: return retrying(&reader).map { .retried($0) }
    }
  }

  private static func retrying(_ reader: inout PayloadReader) -> Retrying? {
    guard let from = reader.number(Int64.self), let over = reader.number(Int64.self), over >= 0,
      let isBulk = reader.number(UInt8.self), let sequences = reader.sequences(),
      let count = reader.number(UInt32.self), Int(count) <= sequences.count
    else { return nil }
    var retrying = Retrying(from: from, over: over, isBulk: isBulk == 1, sequences: sequences)
    for _ in 0..<count {
      guard let sequence = reader.number(UInt64.self), let lane = PartCoding.lane(&reader) else { return nil }
      retrying.lanes[sequence] = lane
    }
    return retrying
  }

  private static func settlement(_ reader: inout PayloadReader, _ hasReasons: Bool) -> Settlement? {
    guard let kind = reader.number(UInt8.self).flatMap(Settlement.Kind.init), let token = reader.number(UInt64.self),
      let sequences = reader.sequences(), let seconds = reader.number(Int64.self),
      let nanoseconds = reader.number(Int32.self), let reason = ReasonCoding.decode(&reader, isWanted: hasReasons)
    else { return nil }
    let due = nanoseconds < 0 ? nil : Instant(secondsSince1970: seconds, nanoseconds: nanoseconds)
    return Settlement(kind: kind, token: token, sequences: sequences, dueAt: due, reason: reason.value)
  }
}
