import Events

/// How long what is settled stays in the log, so that it can be looked at and replayed. The log is let go segment by
/// segment, oldest first: an event stays at least as long as is said here, and up to a segment's time longer.
public struct Retention: Sendable, Equatable {
  /// Other times for some events; the first rule that matches counts.
  public struct Rule: Sendable, Equatable {
    /// Empty: all.
    public var kinds: Set<Event.Kind> = []
    /// Nil: all.
    public var endpoint: String?
    public var settled: Int64?
    public var parked: Int64?

    public init(kinds: Set<Event.Kind> = [], endpoint: String? = nil, settled: Int64?, parked: Int64? = nil) {
      self.kinds = kinds
      self.endpoint = endpoint
      self.settled = settled
      self.parked = parked
    }

    func matches(_ event: Event) -> Bool {
      (kinds.isEmpty || kinds.contains(event.kind)) && (endpoint == nil || endpoint == event.endpoint)
    }
  }

  /// Seconds for which events that are done or dropped stay after that; nil: for good.
  public var settled: Int64?
  /// The same for held and dead events, which wait for a person; nil: for good.
  public var parked: Int64?
  /// Bytes of segments beyond which settled events go before their time; nil: never.
  public var size: UInt64?
  public var rules: [Rule] = []

  public init() {}

  /// Seconds for an event in this state; nil: for good.
  func time(_ event: Event, isParked: Bool) -> Int64? {
    if let rule = rules.first(where: { $0.matches(event) }) { return isParked ? rule.parked : rule.settled }
    return isParked ? parked : settled
  }

  /// Nothing ever goes.
  var keepsAll: Bool {
    settled == nil && parked == nil && size == nil && rules.allSatisfy { $0.settled == nil && $0.parked == nil }
  }
}

/// A record says it before the segments go: what is before the sequence is not in the log any more, and is not missed.
/// Its numbers are sums since the log began, so that it means the same whether what it speaks of is still there or not.
struct Expiry: Equatable {
  /// The first sequence of the oldest segment that stays.
  var keptFrom: UInt64
  /// Events that went.
  var events: UInt64
  /// Events that came and were known.
  var duplicates: UInt64
  /// Held and dead events that go too.
  var parked: [UInt64]
}

/// A held or dead event that stays when its segment goes: all that is known of it, in a record of its own.
struct Carried: Equatable {
  var sequence: UInt64
  var isDead: Bool
  var attempts: UInt16
  var deaths: UInt8
  var isSuspect: Bool
  /// Milliseconds; see `Row`.
  var waited: UInt32
  var reason: Reason?
  var notes: [String]
  /// In its encoded form.
  var event: [UInt8]
  /// When it was parked, at the latest; milliseconds since 1970. Nil in logs of earlier versions.
  var since: Int64?
}

extension Carried {
  func encode(into bytes: inout [UInt8]) {
    bytes.put(sequence)
    bytes.put(UInt8(isDead ? 1 : 0))
    bytes.put(UInt8(isSuspect ? 1 : 0))
    bytes.put(attempts)
    bytes.put(waited)
    bytes.put(deaths)
    ReasonCoding.encode(reason, into: &bytes)
    bytes.put(UInt32(notes.count))
    for note in notes { bytes.putText(note) }
    bytes.put(UInt32(event.count))
    bytes.append(contentsOf: event)
    if let since { bytes.put(since) }
  }

  init?(_ reader: inout PayloadReader) {
    guard let sequence = reader.number(UInt64.self), let dead = reader.number(UInt8.self),
      let suspect = reader.number(UInt8.self), let attempts = reader.number(UInt16.self),
      let waited = reader.number(UInt32.self),
      let deaths = reader.number(UInt8.self), let reason = ReasonCoding.decode(&reader),
      let count = reader.number(UInt32.self)
    else { return nil }
    var notes: [String] = []
    for _ in 0..<count {
      guard let note = reader.text() else { return nil }
      notes.append(note)
    }
    guard let event = reader.octets() else { return nil }
    self.init(
      sequence: sequence, isDead: dead != 0, attempts: attempts, deaths: deaths, isSuspect: suspect != 0,
      waited: waited, reason: reason.value, notes: notes, event: event, since: reader.number(Int64.self))
  }
}

// MARK: what the records do to the state

extension QueueState {
  mutating func expire(_ expiry: Expiry) {
    for sequence in expiry.parked {
      guard let row = rows[sequence], row.state == .held || row.state == .dead else { continue }
      lanes[row.lane].parked -= 1
      setState(sequence, .dropped)
      notes[sequence] = nil
      refresh(row.lane)
    }
    var gone: UInt64 = 0
    rows.removeAll(before: expiry.keptFrom) { row in
      guard row.state == .done || row.state == .dropped else { return false }
      tally[row.state] -= 1
      gone += 1
      return true
    }
    tally.expired += gone
    // What went before this process began to read was never counted by it.
    if expiry.events > tally.expired {
      tally.received += expiry.events - tally.expired
      tally.expired = expiry.events
    }
    tally.duplicates = max(tally.duplicates, expiry.duplicates)
    keptFrom = max(keptFrom, expiry.keptFrom)
  }

  /// The event is where the record is from now on.
  mutating func carry(_ carried: Carried, _ place: Place) {
    if rows[carried.sequence] == nil {
      let facts = carried.event.withUnsafeBytes {
        EventFacts(RecordPayload($0), carried.sequence, place, duplicates.key)
      }
      guard let facts else { return }
      insert(facts, carried)
    }
    rows.update(carried.sequence) {
      $0.place = place
      $0.reason = place
    }
    parkedSince[carried.sequence] = carried.since
  }

  private mutating func insert(_ facts: EventFacts, _ carried: Carried) {
    let lane = number(of: facts.lane)
    var marks: RowMarks = []
    marks.set(.conflicting, facts.isConflicting)
    marks.set(.bulk, facts.isBulk)
    marks.set(.suspect, carried.isSuspect)
    var row = Row(
      sequence: facts.sequence, place: facts.place, receivedAt: facts.receivedAt, lane: lane,
      flow: number(of: facts), marks: marks)
    row.state = carried.isDead ? .dead : .held
    row.attempts = carried.attempts
    row.deaths = carried.deaths
    row.waited = carried.waited
    rows.insert(row)
    lanes[lane].parked += 1
    tally.received += 1
    tally[row.state] += 1
    if !carried.notes.isEmpty { notes[facts.sequence] = carried.notes }
  }
}
