import Events

/// Everything the queue knows but the payloads: a value that changes only by what is on disk.
///
/// `apply` is the one way in, for a batch that was just synced and for one that is read at the start alike. What looks at
/// the state to decide (`choose`, `settleable`) changes nothing that a reader of the log would have to know.
struct QueueState {
  var rows = RowTable()
  var lanes = LaneTable()
  var interactive = ReadyLanes()
  var bulk = ReadyLanes()
  var turns = Turns()
  var timers = LaneTimers()
  var suspects = Suspects()
  var leases: [UInt64: HeldLease] = [:]
  /// When to look for leases whose time is over: none ends before, or there was no room to say that one did. Monotonic
  /// nanoseconds.
  var nextExpiry = Int64.max
  /// By the sequence of the event they were made for.
  var notes: [UInt64: [String]] = [:]
  /// When held and dead events that were carried on were parked; milliseconds since 1970. Of others it is known by the
  /// segment of the record that says so.
  var parkedSince: [UInt64: Int64] = [:]
  var duplicates: DuplicateMemory
  var flows: FlowNumbers
  var pauses = Pauses()
  var tally = Tally()
  /// Everything before it is settled.
  var oldest: UInt64 = 1
  var lastStamp: UInt32 = 0
  /// What a record erases and may still be there.
  var erasures: Set<UInt64> = []
  /// Segments before this sequence are gone, and are meant to be.
  var keptFrom: UInt64 = 1

  /// Milliseconds that an event waits after the first death that counts against it; sixty times that after the next.
  let suspectDelay: Int64

  init(
    duplicateWindow: Int64, identityKey: IdentityKey, identitiesInMemory: Int, suspectDelay: Int64 = 0,
    destinations: (@Sendable (String) -> [System])? = nil
  ) {
    flows = FlowNumbers(identityKey, destinations)
    duplicates = DuplicateMemory(
      window: duplicateWindow, key: identityKey, bounds: IdentityBounds(tableEntries: identitiesInMemory))
    self.suspectDelay = suspectDelay
  }

  /// `origin`: the place in the log from which the operation's place is counted.
  mutating func apply(_ operation: Operation, from origin: Place, at time: Int64) {
    switch operation {
    case .event(let facts): add(facts, origin.advanced(by: Int(facts.place.offset)), at: time)
    case .record(let record, let sequence, let offset):
      let place = origin.advanced(by: Int(offset.offset))
      switch record {
      case .duplicates(let count): tally.duplicates += UInt64(count)
      case .lease(let sequences): startLease(sequence, sequences)
      case .note(let event, let text): notes[event, default: []].append(text)
      case .settled(let settlement): settle(settlement, at: time, place)
      case .changed(let kind, let sequences, _): for event in sequences { change(event, kind, place) }
      case .paused(let part, let isPaused, let since): pause(part, isPaused, at: since ?? time)
      case .retried(let retrying): retry(retrying, place)
      case .started(let deaths): endLeases(deathsAllowed: deaths, at: time, place)
      case .expired(let expiry): expire(expiry)
      case .erased(let events, _): for event in events { erase(event, at: time, place) }
      case .carried(let carried): carry(carried, place)
      case .closed: endLeases(deathsAllowed: nil, at: time, place)
      }
    }
  }

  private mutating func add(_ facts: EventFacts, _ place: Place, at time: Int64) {
    duplicates.insert(facts.identity, at: time)
    let lane = number(of: facts.lane)
    let flow = number(of: facts)
    var marks: RowMarks = []
    if facts.isConflicting { marks.insert(.conflicting) }
    if facts.isBulk { marks.insert(.bulk) }
    rows.append(
      Row(
        sequence: facts.sequence, place: place, receivedAt: facts.receivedAt, lane: lane, flow: flow, marks: marks))
    tally.received += 1
    tally[.queued] += 1
    flows.pending[Int(flow)] += 1
    let wasEmpty = lanes[lane].head == 0
    let wasBulk = lanes[lane].isBulk
    append(facts.sequence, to: lane, isBulk: facts.isBulk)
    if wasEmpty || wasBulk && !facts.isBulk { refresh(lane) }
    // Something happened: what waits for another try need not wait longer.
    if !wasEmpty, !lanes[lane].isLeased { wakeRetrying(lane, at: time) }
  }

  private mutating func wakeRetrying(_ lane: UInt32, at time: Int64) {
    var next = lanes[lane].head
    guard let head = rows[next], head.state == .retrying, head.deaths == 0 else { return }
    while next != 0, let row = rows[next], row.state == .retrying {
      setState(next, .queued)
      refund(next, lanes[lane].dueAt &- time)
      next = row.next
    }
    lanes[lane].dueAt = 0
    refresh(lane)
  }

  // MARK: changes by a person

  private mutating func change(_ sequence: UInt64, _ kind: LogRecord.ChangeKind, _ place: Place) {
    guard let row = rows[sequence] else { return }
    switch (kind, row.state) {
    case (.drop, .queued), (.drop, .retrying):
      remove([sequence], from: row.lane)
      finish(sequence, .dropped, place)
      refresh(row.lane)
    case (.drop, .held), (.drop, .dead):
      lanes[row.lane].parked -= 1
      finish(sequence, .dropped, place)
      refresh(row.lane)
    case (.done, .queued):
      remove([sequence], from: row.lane)
      finish(sequence, .done, place)
      refresh(row.lane)
    default: break
    }
  }

  /// Whether it can be dropped.
  func isDroppable(_ sequence: UInt64) -> Bool {
    switch rows[sequence]?.state {
    case .queued, .retrying, .held, .dead: true
    case .leased, .done, .dropped, nil: false
    }
  }

  // MARK: what settling and changing have in common

  mutating func finish(_ sequence: UInt64, _ state: RowState, _ place: Place) {
    setState(sequence, state)
    rows.update(sequence) { $0.reason = place }
    // What was intended may have been done: it matters to whoever tries again.
    if state == .done || state == .dropped { notes[sequence] = nil }
  }

  mutating func setState(_ sequence: UInt64, _ state: RowState) {
    rows.update(sequence) { row in
      tally[row.state] -= 1
      tally[state] += 1
      if row.state.isPending != state.isPending { flows.pending[Int(row.flow)] += state.isPending ? 1 : -1 }
      row.state = state
    }
    if state.isPending, sequence < oldest { oldest = sequence }
    if !parkedSince.isEmpty { parkedSince[sequence] = nil }
  }

  /// How far the sums are off from the events that are open. What is settled is in the sums alone.
  func miscount() -> UInt64 {
    var found = Tally()
    rows.forEach(after: 0) { row in
      found[row.state] += 1
      return true
    }
    return [RowState.queued, .leased, .retrying, .held, .dead].reduce(0) { sum, state in
      sum + (max(found[state], tally[state]) - min(found[state], tally[state]))
    }
  }

  /// When the oldest event that waits or is worked on was accepted; milliseconds since 1970.
  mutating func oldestPending() -> Int64? {
    if tally[.queued] + tally[.leased] + tally[.retrying] == 0 { return nil }
    var found: Row?
    rows.forEach(after: oldest - 1) { row in
      if row.state.isPending { found = row }
      return found == nil
    }
    guard let found else { return nil }
    oldest = found.sequence
    return found.receivedAt
  }
}

/// What a record does to the state.
enum Operation: Sendable {
  case event(EventFacts)
  case record(LogRecord, sequence: UInt64, Place)
}

/// What the state keeps of an event, read from its encoded form.
struct EventFacts: Sendable {
  var sequence: UInt64
  var place: Place
  var identity: Identity
  var lane: LaneHash
  /// Milliseconds since 1970.
  var receivedAt: Int64
  /// Of a run.
  var flow: String?
  var source: SourceHash
  var isBulk: Bool
  var isConflicting: Bool
}

/// A lease that somebody holds.
struct HeldLease: Sendable {
  let lane: UInt32
  let sequences: [UInt64]
  /// By the monotonic clock, in nanoseconds. Kept in memory only: a start ends all leases.
  var endsAt: Int64 = .max
}

/// Sums by state; with those that expired they always add up to `received`.
struct Tally: Equatable, Sendable {
  /// Events that were stored.
  var received: UInt64 = 0
  var duplicates: UInt64 = 0
  /// Events whose retention is over; they are in no state any more.
  var expired: UInt64 = 0
  private var states: [7 of UInt64] = [0, 0, 0, 0, 0, 0, 0]

  init() {}

  /// All of them, for a checkpoint.
  var numbers: [UInt64] { [received, duplicates, expired] + states.indices.map { states[$0] } }

  /// Nil where there are not as many.
  init?(_ numbers: [UInt64]) {
    guard numbers.count == 3 + states.count else { return nil }
    (received, duplicates, expired) = (numbers[0], numbers[1], numbers[2])
    for index in states.indices { states[index] = numbers[3 + index] }
  }

  subscript(state: RowState) -> UInt64 {
    get { states[Int(state.rawValue)] }
    set { states[Int(state.rawValue)] = newValue }
  }

  static func == (one: Tally, other: Tally) -> Bool {
    one.received == other.received && one.duplicates == other.duplicates && one.expired == other.expired
      && one.states.indices.allSatisfy { one.states[$0] == other.states[$0] }
  }
}
