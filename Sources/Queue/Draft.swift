import Events

/// A batch that is being put together: its bytes, and what they will do to the state once they are on disk.
///
/// Until then the state does not know of it, so the draft remembers what a later call of the same batch must know:
/// which events are in it and which leases it ends.
struct Draft {
  private(set) var bytes: [UInt8] = []
  /// Places are offsets from the batch's first byte, until `placed`.
  private(set) var operations: [Operation] = []
  private(set) var nextSequence: UInt64
  private(set) var firstSequence: UInt64
  private(set) var endedTokens: Set<UInt64> = []
  private var group: UInt32 = 0
  private var identities = IdentityTable()

  init(nextSequence: UInt64) {
    self.nextSequence = nextSequence
    firstSequence = nextSequence
    reset(nextSequence: nextSequence)
  }

  var isEmpty: Bool { operations.isEmpty }
  var count: Int { operations.count }

  /// Begins anew and keeps the memory.
  mutating func reset(nextSequence: UInt64) {
    bytes.removeAll(keepingCapacity: true)
    bytes.append(contentsOf: repeatElement(0, count: Format.batchHeadSize))
    operations.removeAll(keepingCapacity: true)
    endedTokens.removeAll(keepingCapacity: true)
    identities.removeAll()
    group = 0
    firstSequence = nextSequence
    self.nextSequence = nextSequence
  }

  /// What is put from here on belongs to another call.
  mutating func beginGroup() { group += 1 }

  @discardableResult
  mutating func put(_ record: LogRecord) -> UInt64 {
    let offset = RecordFrame.open(&bytes)
    record.encode(into: &bytes)
    let sequence = close(offset, record.kind)
    operations.append(.record(record, sequence: sequence, Place(segment: 0, offset: UInt32(offset))))
    if case .settled(let settlement) = record { endedTokens.insert(settlement.token) }
    return sequence
  }

  /// Puts the events that are not known yet, and how many were.
  mutating func put(_ events: [Event], known: DuplicateMemory) -> [Accepted] {
    var accepted: [Accepted] = []
    accepted.reserveCapacity(events.count)
    var duplicates: UInt32 = 0
    for event in events {
      let one = put(event, known: known)
      if one.verdict == .duplicate { duplicates += 1 }
      accepted.append(one)
    }
    if duplicates > 0 { put(.duplicates(duplicates)) }
    return accepted
  }

  private mutating func put(_ event: Event, known: DuplicateMemory) -> Accepted {
    let offset = RecordFrame.open(&bytes)
    EventCoding.encode(event, into: &bytes)
    let start = offset + Format.recordHeadSize
    let place = Place(segment: 0, offset: UInt32(offset))
    let sequence = nextSequence
    let facts = bytes.withUnsafeBytes { EventFacts($0.part(start, $0.count - start), sequence: sequence, place: place) }
    // What was just encoded can be read.
    guard var facts else { preconditionFailure("an event does not fit its own form") }
    switch familiarity(facts.identity, known) {
    case .duplicate(let original):
      bytes.removeLast(bytes.count - offset)
      return Accepted(sequence: original, verdict: .duplicate)
    case .conflicting:
      bytes[start + 3] |= EventCoding.conflicting
      facts.isConflicting = true
    case .unknown: break
    }
    _ = close(offset, .event)
    identities.insert(facts.identity)
    operations.append(.event(facts))
    return Accepted(sequence: facts.sequence, verdict: .stored)
  }

  private func familiarity(_ identity: Identity, _ known: DuplicateMemory) -> Familiarity {
    let here = identities.look(identity)
    if case .duplicate = here { return here }
    let there = known.look(identity)
    return there == .unknown ? here : there
  }

  private mutating func close(_ offset: Int, _ kind: LogRecord.Kind) -> UInt64 {
    let sequence = nextSequence
    RecordFrame.close(&bytes, at: offset, kind: kind, sequence: sequence, group: group)
    nextSequence += 1
    return sequence
  }

  /// Fills in the head; gives its checksum.
  mutating func seal(_ head: BatchHead) -> UInt32 {
    bytes.withUnsafeMutableBytes { all in
      RecordFrame.seal(all, from: Format.batchHeadSize, seed: Format.seed(head.salt))
      var head = head
      let body = UnsafeRawBufferPointer(rebasing: all[Format.batchHeadSize...])
      head.firstSequence = firstSequence
      head.count = UInt32(operations.count)
      head.bodyLength = UInt32(body.count)
      head.bodyChecksum = crc32c(body)
      return head.write(into: UnsafeMutableRawBufferPointer(rebasing: all[..<Format.batchHeadSize]))
    }
  }

  /// The operations with their places in the log.
  func apply(to state: inout QueueState, batchAt origin: Place, time: Int64) {
    for operation in operations { state.apply(operation.moved(to: origin), at: time) }
  }
}

extension Operation {
  /// A place in the batch becomes one in the log.
  func moved(to origin: Place) -> Operation {
    switch self {
    case .event(var facts):
      facts.place = origin.advanced(by: Int(facts.place.offset))
      return .event(facts)
    case .record(let record, let sequence, let place):
      return .record(record, sequence: sequence, origin.advanced(by: Int(place.offset)))
    }
  }

  /// Reads an operation from its record; nil for a type or a payload that this version does not know.
  init?(_ frame: RecordFrame, in bytes: UnsafeRawBufferPointer, at place: Place) {
    guard let kind = LogRecord.Kind(rawValue: frame.kind) else { return nil }
    let payload = frame.payload(bytes)
    if kind == .event {
      guard let facts = EventFacts(payload, sequence: frame.sequence, place: place) else { return nil }
      self = .event(facts)
    } else {
      guard let record = LogRecord.decode(kind, payload) else { return nil }
      self = .record(record, sequence: frame.sequence, place)
    }
  }
}

/// Bytes that calls will take in a batch, to know beforehand whether they fit.
enum Size {
  static func record(_ payload: Int) -> Int { Format.padded(Format.recordHeadSize + payload) }

  static func append(_ events: [Event]) -> Int {
    // One more record may say how many were known.
    events.reduce(record(4)) { $0 + record(EventCoding.size($1)) }
  }

  static func record(_ logRecord: LogRecord) -> Int {
    var bytes: [UInt8] = []
    logRecord.encode(into: &bytes)
    return record(bytes.count)
  }
}
