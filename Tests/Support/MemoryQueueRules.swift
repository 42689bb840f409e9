import Events
import Formats
import Queue

// What a queue does, as plainly as can be said.

extension MemoryQueue {
  static func add(_ event: Event, _ wall: Instant, _ facts: inout Facts) -> Accepted {
    let same = facts.items.map { (sequence: $0.entry.sequence, event: $0.erased ?? $0.entry.event) }
      .filter { $0.event.system == event.system && $0.event.id == event.id }
    if let known = same.first(where: { $0.event.payload == event.payload }) {
      facts.duplicates += 1
      return Accepted(sequence: known.sequence, verdict: .duplicate)
    }
    facts.lastNumber += 1
    for index in facts.items.indices
    where facts.items[index].entry.event.lane == event.lane && facts.items[index].entry.state == .retrying {
      let left = facts.items[index].entry.dueAt.map { $0.milliseconds(since: wall) } ?? 0
      facts.items[index].waited -= min(max(0, left), facts.items[index].charged)
      facts.items[index].entry.become(.queued)
    }
    let entry = Entry(
      sequence: facts.lastNumber, event: event, state: .queued, attempts: 0, isConflicting: !same.isEmpty)
    facts.items.append(Item(entry: entry))
    return Accepted(sequence: facts.lastNumber, verdict: .stored)
  }

  static func erase(_ filter: Filter, _ text: String, _ reason: Reason, _ facts: inout Facts) -> Int {
    var count = 0
    for index in facts.items.indices where facts.items[index].erased == nil {
      let entry = facts.items[index].entry
      guard matches(filter, entry), entry.event.holds(text) else { continue }
      let nothing = Event(
        system: System(.json, ""), endpoint: "", id: "", kind: .json, key: "", subject: "",
        receivedAt: entry.event.receivedAt, payload: [])
      let left = Entry(sequence: entry.sequence, event: nothing, state: entry.state, attempts: 0)
      facts.items[index] = Item(entry: left, erased: entry.event)
      facts.items[index].entry.become(entry.state == .done ? .done : .dropped, reason: reason)
      count += 1
    }
    return count
  }

  /// What was erased meanwhile stays as it is.
  static func settle(_ item: inout Item, _ outcome: Outcome, _ wall: Instant) {
    if item.erased != nil { return }
    switch outcome {
    case .done(let reason, _):
      item.entry.become(.done, reason: reason)
      item.notes = []
    case .retry(let at, let reason, let counts):
      item.charged = counts ? max(0, at.milliseconds(since: wall)) : 0
      item.waited += item.charged
      item.entry.become(.retrying, attempts: item.entry.attempts - (counts ? 0 : 1), dueAt: at, reason: reason)
    case .held(let reason): item.entry.become(.held, reason: reason)
    case .dead(let reason): item.entry.become(.dead, reason: reason)
    }
  }

  static func retry(_ filter: Filter, _ retry: Retry, _ wall: Instant, _ facts: inout Facts) -> Int {
    let done = facts.items.map(\.entry).filter { $0.state == .done }
    let chosen = facts.items.indices.filter { index in
      let entry = facts.items[index].entry
      guard matches(filter, entry), !entry.isErased else { return false }
      switch entry.state {
      case .held, .dead, .retrying: return true
      case .done, .dropped:
        return retry.replays
          && (retry.isForced || !done.contains { $0.event.lane == entry.event.lane && $0.sequence > entry.sequence })
      case .queued, .leased: return false
      }
    }
    let isBulk = retry.over > 0 || chosen.count > Priorities.fewRetries
    for (number, index) in chosen.enumerated() {
      let lane = facts.items[index].entry.event.lane
      let isAlone = facts.items.indices.allSatisfy {
        $0 == index || facts.items[$0].entry.event.lane != lane || !facts.items[$0].entry.state.isOpen
      }
      facts.items[index].waited = 0
      facts.items[index].charged = 0
      let due = wall.adding(milliseconds: retry.over * Int64(number) / Int64(chosen.count))
      let waits = retry.over > 0 && isAlone
      facts.items[index].entry.become(
        waits ? .retrying : .queued, attempts: 0, dueAt: waits ? due : nil, reason: .retryAsked)
      facts.items[index].entry.become(isBulk ? .bulk : .interactive)
    }
    return chosen.count
  }

  // MARK: pauses

  static func isIn(_ part: WorkPart, _ event: Event, _ facts: Facts) -> Bool {
    switch part {
    case .lane(let lane): event.lane == lane
    case .flow(let name): event.flow == name
    case .destination(let system):
      event.flow.map { facts.destinations($0).contains(system) } ?? (event.system == system)
    }
  }

  static func isPaused(_ event: Event, _ facts: Facts) -> Bool {
    facts.pauses.keys.contains { isIn($0, event, facts) }
  }

  // MARK: leasing

  static func choose(_ waiting: Waiting, _ wall: Instant, _ end: Int64, _ facts: inout Facts) -> [Lease] {
    var leases: [Lease] = []
    while leases.count < waiting.lanes, let queue = next(waiting.except, wall, &facts) {
      let head = queue[0]
      let flow = head.entry.event.flow
      let sequences = queue.prefix { $0.entry.event.flow == flow }.prefix(waiting.eventsPerLane).map(\.entry.sequence)
      facts.lastNumber += 1
      let token = facts.lastNumber
      facts.leases[token] = Held(sequences: sequences, endsAt: end, isBulk: isBulk(queue))
      for sequence in sequences {
        update(sequence, &facts) { $0.entry.become(.leased, attempts: $0.entry.attempts + 1, reason: $0.entry.reason) }
      }
      let items = facts.items.filter { sequences.contains($0.entry.sequence) }
      leases.append(
        Lease(
          token: LeaseToken(token), lane: head.entry.event.lane, events: items.map(\.entry),
          attempt: items[0].entry.attempts, waited: items.map(\.waited).min() ?? 0, notes: head.notes))
    }
    if !leases.isEmpty { facts.answered.insert(waiting.id) }
    return leases
  }

  /// What waits in the lane whose turn it is.
  private static func next(_ except: Set<Route>, _ wall: Instant, _ facts: inout Facts) -> [Item]? {
    var seen: Set<Lane> = []
    var (interactive, bulk): ([Item]?, [Item]?)
    for item in facts.items where item.entry.state.isOpen && seen.insert(item.entry.event.lane).inserted {
      let queue = facts.items.filter { $0.entry.event.lane == item.entry.event.lane && $0.entry.state.isOpen }
      let head = queue[0].entry
      guard !queue.contains(where: { $0.entry.state == .leased }), head.dueAt ?? wall <= wall,
        !head.event.isExcepted(except), !isPaused(head.event, facts)
      else { continue }
      if isBulk(queue) { bulk = bulk ?? queue } else { interactive = interactive ?? queue }
    }
    if facts.leases.values.count(where: \.isBulk) >= Priorities.bulkLeases { bulk = nil }
    if let bulk, interactive == nil || facts.inARow >= Priorities.share - 1 {
      facts.inARow = 0
      return bulk
    }
    facts.inARow += interactive == nil ? 0 : 1
    return interactive
  }

  private static func isBulk(_ queue: [Item]) -> Bool { queue.allSatisfy { $0.entry.event.priority == .bulk } }
}

extension EventState {
  var isOpen: Bool { self == .queued || self == .leased || self == .retrying }
}

extension Event {
  fileprivate var flow: String? { kind == .run ? subject : nil }
  fileprivate func isExcepted(_ routes: Set<Route>) -> Bool { routes.contains { $0.flow == flow } }
}

extension Instant {
  fileprivate func milliseconds(since other: Instant) -> Int64 { millisecondsSince1970 - other.millisecondsSince1970 }
}

extension Entry {
  mutating func become(_ state: EventState, attempts: Int? = nil, dueAt: Instant? = nil, reason: Reason? = nil) {
    self = Entry(
      sequence: sequence, event: event, state: state, attempts: attempts ?? self.attempts, dueAt: dueAt,
      reason: reason ?? self.reason, isConflicting: isConflicting)
  }

  fileprivate mutating func become(_ priority: Event.Priority) {
    var event = event
    event.priority = priority
    self = Entry(
      sequence: sequence, event: event, state: state, attempts: attempts, dueAt: dueAt, reason: reason,
      isConflicting: isConflicting)
  }
}
