import Crypto
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
  private var endedTokens: Set<UInt64> = []
  private let isEncrypted: Bool
  private var group: UInt32 = 0
  private var identities = IdentityTable()

  /// `isEncrypted`: its records will be.
  init(nextSequence: UInt64, isEncrypted: Bool = false) {
    self.isEncrypted = isEncrypted
    self.nextSequence = nextSequence
    firstSequence = nextSequence
    reset(nextSequence: nextSequence)
  }

  var isEmpty: Bool { operations.isEmpty }
  var count: Int { operations.count }

  /// Begins anew and keeps the memory.
  mutating func reset(nextSequence: UInt64) {
    bytes.removeAll(keepingCapacity: true)
    bytes.putZeros(Format.batchHeadSize + Format.bodySaltSize)
    operations.removeAll(keepingCapacity: true)
    endedTokens.removeAll(keepingCapacity: true)
    identities.removeAll()
    group = 0
    firstSequence = nextSequence
    self.nextSequence = nextSequence
  }

  /// The lease is ended here.
  func ends(_ token: UInt64) -> Bool { endedTokens.contains(token) }

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

  /// Puts the events that are not known yet, and how many were. `packed`: their bodies as `Deflaters` packs them.
  mutating func put(_ events: [Event], packed: [[UInt8]] = [], known: DuplicateMemory) -> [Accepted] {
    var accepted: [Accepted] = []
    accepted.reserveCapacity(events.count)
    var duplicates: UInt32 = 0
    for (index, event) in events.enumerated() {
      let body = packed.isEmpty || packed[index].isEmpty ? nil : packed[index]
      let one = put(event, body, known)
      if one.verdict == .duplicate { duplicates += 1 }
      accepted.append(one)
    }
    if duplicates > 0 { put(.duplicates(duplicates)) }
    return accepted
  }

  private mutating func put(_ event: Event, _ packed: [UInt8]?, _ known: DuplicateMemory) -> Accepted {
    let offset = RecordFrame.open(&bytes)
    EventCoding.encode(event, packed: packed, into: &bytes)
    let start = offset + Format.recordHeadSize
    let place = Place(segment: 0, offset: UInt32(offset))
    let sequence = nextSequence
    let facts = bytes.withUnsafeBytes {
      EventFacts(
        RecordPayload($0.part(start, $0.count - start), isCompressed: packed != nil), sequence, place, known.key)
    }
    // What was just encoded can be read.
    guard var facts else { preconditionFailure("an event does not fit its own form") }
    switch familiarity(facts.identity, known) {
    case .duplicate(let original):
      bytes.removeLast(bytes.count - offset)
      return Accepted(sequence: original, verdict: .duplicate)
    case .conflicting:
      bytes[start + 3] |= EventCoding.conflicting
      facts.isConflicting = true
    case .uncertain:
      bytes[start + 3] |= EventCoding.doubtful
      facts.isConflicting = true
    case .unknown: break
    }
    _ = close(offset, .event, packed == nil ? 0 : RecordFrame.compressed)
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

  private mutating func close(_ offset: Int, _ kind: LogRecord.Kind, _ flags: UInt8 = 0) -> UInt64 {
    let sequence = nextSequence
    let flags = isEncrypted ? flags | RecordFrame.encrypted : flags
    RecordFrame.close(&bytes, at: offset, kind: kind, flags: flags, sequence: sequence, group: group)
    nextSequence += 1
    return sequence
  }

  /// Fills in the head; gives its checksum. Once: what was encrypted is not to be encrypted again.
  mutating func seal(_ head: BatchHead, cipher: RecordCipher? = nil) -> UInt32 {
    // Nothing that is to be encrypted may leave as it is.
    precondition(isEncrypted == (cipher != nil), "a batch and its segment differ in whether they are encrypted")
    return bytes.withUnsafeMutableBytes { all in
      all.set(Format.batchHeadSize, UInt64.random(in: .min ... .max))
      RecordFrame.seal(
        all, from: Format.batchHeadSize + Format.bodySaltSize, seed: Format.seed(head.salt), cipher: cipher)
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
    for operation in operations { state.apply(operation, from: origin, at: time) }
  }
}

extension Operation {
  /// Reads an operation from its record; nil for a type or a payload that this version does not know.
  init?(_ frame: RecordFrame, _ payload: RecordPayload, at place: Place, key: IdentityKey) {
    guard let kind = LogRecord.Kind(rawValue: frame.kind) else { return nil }
    if kind == .event {
      guard let facts = EventFacts(payload, frame.sequence, place, key) else { return nil }
      self = .event(facts)
    } else {
      guard let record = LogRecord.decode(kind, payload.bytes, hasReasons: false) else { return nil }
      self = .record(record, sequence: frame.sequence, place)
    }
  }
}

/// Bytes that calls will take in a batch, to know beforehand whether they fit.
enum Size {
  /// With the tag that it has where it is encrypted.
  static func record(_ payload: Int) -> Int { Format.padded(Format.recordHeadSize + payload + AESGCM.tagLength) }

  static func append(_ events: [Event]) -> Int {
    // One more record may say how many were known.
    events.reduce(record(4)) { $0 + record(EventCoding.size($1)) }
  }

  static func record(_ logRecord: LogRecord) -> Int { record(logRecord.size) }
}
