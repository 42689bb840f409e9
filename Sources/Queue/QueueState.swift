import Events

/// Everything the queue knows but the payloads: a value that changes only by what is on disk.
///
/// `apply` is the one way in, for a batch that was just synced and for one that is read at the start alike. What looks at
/// the state to decide (`choose`, `settleable`) changes nothing that a reader of the log would have to know.
struct QueueState {
  var rows = RowTable()
  var lanes = LaneTable()
  var ready = ReadyLanes()
  var timers = LaneTimers()
  var suspects = Suspects()
  var leases: [UInt64: HeldLease] = [:]
  /// By the sequence of the event they were made for.
  var notes: [UInt64: [String]] = [:]
  var duplicates: DuplicateMemory
  var flows = FlowNumbers()
  var tally = Tally()
  /// Everything before it is settled.
  var oldest: UInt64 = 1
  var lastStamp: UInt64 = 0

  /// Milliseconds that an event waits after the first death that counts against it; sixty times that after the next.
  let suspectDelay: Int64

  init(duplicateWindow: Int64, suspectDelay: Int64 = 0) {
    duplicates = DuplicateMemory(window: duplicateWindow)
    self.suspectDelay = suspectDelay
  }

  mutating func apply(_ operation: Operation, at time: Int64) {
    switch operation {
    case .event(let facts): add(facts, at: time)
    case .record(let record, let sequence, let place):
      switch record {
      case .duplicates(let count): tally.duplicates += UInt64(count)
      case .lease(let sequences): startLease(sequence, sequences)
      case .note(let event, let text): notes[event, default: []].append(text)
      case .settled(let settlement): settle(settlement, place)
      case .changed(let kind, let sequences, _): for event in sequences { change(event, kind, place) }
      case .started(let deaths): endLeases(deathsAllowed: deaths, at: time, place)
      case .closed: endLeases(deathsAllowed: nil, at: time, place)
      }
    }
  }

  private mutating func add(_ facts: EventFacts, at time: Int64) {
    duplicates.insert(facts.identity, at: time)
    let lane = lanes.number(of: facts.lane)
    rows.append(
      Row(
        sequence: facts.sequence, place: facts.place, receivedAt: facts.receivedAt, lane: lane,
        flow: facts.flow.map { flows.number(of: $0) } ?? 0, isConflicting: facts.isConflicting))
    tally.received += 1
    tally[.queued] += 1
    let head = lanes[lane].head
    if head == 0 {
      lanes[lane].head = facts.sequence
    } else {
      let tail = lanes[lane].tail
      rows.update(tail) { $0.next = facts.sequence }
      // Something happened: what waits for another try need not wait longer.
      if lanes[lane].token == 0 { wakeRetrying(lane) }
    }
    lanes[lane].tail = facts.sequence
    if head == 0 { refresh(lane) }
  }

  private mutating func wakeRetrying(_ lane: UInt32) {
    var next = lanes[lane].head
    guard let head = rows[next], head.state == .retrying, head.deaths == 0 else { return }
    while next != 0, let row = rows[next], row.state == .retrying {
      setState(next, .queued)
      next = row.next
    }
    lanes[lane].dueAt = 0
    refresh(lane)
  }

  // MARK: changes by a person

  private mutating func change(_ sequence: UInt64, _ kind: LogRecord.ChangeKind, _ place: Place) {
    guard let row = rows[sequence] else { return }
    switch (kind, row.state) {
    case (.retry, .held), (.retry, .dead):
      lanes[row.lane].parked -= 1
      insert(sequence, into: row.lane)
      restart(sequence)
      refresh(row.lane)
    case (.retry, .retrying):
      restart(sequence)
      refresh(row.lane)
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

  /// Whether a change would change the event.
  func isOpen(_ sequence: UInt64, to kind: LogRecord.ChangeKind) -> Bool {
    switch (kind, rows[sequence]?.state) {
    case (.retry, .held), (.retry, .dead), (.retry, .retrying): true
    case (.drop, .queued), (.drop, .retrying), (.drop, .held), (.drop, .dead): true
    default: false
    }
  }

  private mutating func restart(_ sequence: UInt64) {
    setState(sequence, .queued)
    rows.update(sequence) {
      $0.attempts = 0
      $0.deaths = 0
      $0.isSuspect = false
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
      row.state = state
    }
    if state.isPending, sequence < oldest { oldest = sequence }
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
enum Operation {
  case event(EventFacts)
  case record(LogRecord, sequence: UInt64, Place)
}

/// What the state keeps of an event, read from its encoded form.
struct EventFacts {
  var sequence: UInt64
  var place: Place
  var identity: Identity
  var lane: LaneHash
  /// Milliseconds since 1970.
  var receivedAt: Int64
  /// Of a run.
  var flow: String?
  var isConflicting: Bool
}

/// A lease that somebody holds.
struct HeldLease {
  let lane: UInt32
  let sequences: [UInt64]
  /// By the monotonic clock, in nanoseconds. Kept in memory only: a start ends all leases.
  var endsAt: Int64 = .max
}

/// Sums by state; they always add up to `received`.
struct Tally: Equatable {
  /// Events that were stored.
  var received: UInt64 = 0
  var duplicates: UInt64 = 0
  private var states: [7 of UInt64] = [0, 0, 0, 0, 0, 0, 0]

  subscript(state: RowState) -> UInt64 {
    get { states[Int(state.rawValue)] }
    set { states[Int(state.rawValue)] = newValue }
  }

  static func == (one: Tally, other: Tally) -> Bool {
    one.received == other.received && one.duplicates == other.duplicates
      && one.states.indices.allSatisfy { one.states[$0] == other.states[$0] }
  }
}

/// Flows of run requests by number; 0 stands for "none": an event that is not a run.
struct FlowNumbers {
  private var numbers: [String: UInt16] = [:]

  mutating func number(of flow: String) -> UInt16 {
    if let known = numbers[flow] { return known }
    // Beyond 65,535 flows, which no configuration has, the rest share one number and cannot be paused apart.
    let number = UInt16(clamping: numbers.count + 1)
    numbers[flow] = number
    return number
  }

  /// An event does not say where its flow writes, so a route stands for all of its flow's runs.
  func numbers(of routes: Set<Route>) -> Set<UInt16> { Set(routes.compactMap { numbers[$0.flow] }) }
}
