import Events
import Formats
import Posix
import Queue

/// A queue without a disk, written as plainly as can be: the file-backed queue has to behave the same, and tests of what
/// stands on a queue need no folder.
public final class MemoryQueue: EventQueue {
  private struct Item {
    var entry: Entry
    var notes: [Note] = []
  }

  private struct Waiting {
    let id: UInt64
    let lanes: Int
    let eventsPerLane: Int
    let except: Set<Route>
    let answer: UnsafeContinuation<[Lease]?, Never>
  }

  private struct Facts {
    var items: [Item] = []
    var leases: [UInt64: (sequences: [UInt64], endsAt: Int64)] = [:]
    var waiting: [Waiting] = []
    /// Of those that wait, who was just given something.
    var answered: Set<UInt64> = []
    var lastNumber: UInt64 = 0
    var duplicates: UInt64 = 0
    var isClosed = false
  }

  private let facts = Lock(Facts())
  private let clock: any QueueClock
  private let leaseDuration: Int64

  public init(clock: any QueueClock = MachineClock(), leaseDuration: Int64 = 120_000) {
    self.clock = clock
    self.leaseDuration = leaseDuration
    clock.whenMoved { [weak self] in self?.serve() }
  }

  public func append(_ events: [Event]) async throws(QueueError) -> [Accepted] {
    let accepted: [Accepted]? = facts.withLock { facts in
      facts.isClosed ? nil : events.map { Self.add($0, &facts) }
    }
    guard let accepted else { throw .closed }
    serve()
    return accepted
  }

  public func lease(lanes: Int, eventsPerLane: Int, except: Set<Route>) async throws(QueueError) -> [Lease] {
    let id = facts.withLock { facts in
      facts.lastNumber += 1
      return facts.lastNumber
    }
    let leases = await withTaskCancellationHandler {
      await withUnsafeContinuation { answer in
        let isClosed = facts.withLock { facts in
          if !facts.isClosed {
            facts.waiting.append(
              Waiting(id: id, lanes: lanes, eventsPerLane: eventsPerLane, except: except, answer: answer))
          }
          return facts.isClosed
        }
        if isClosed { answer.resume(returning: nil) } else { serve() }
        if Task.isCancelled { cancel(id) }
      }
    } onCancel: {
      cancel(id)
    }
    guard let leases else { throw .closed }
    return leases
  }

  private func cancel(_ id: UInt64) {
    let waiting: Waiting? = facts.withLock { facts in
      guard let index = facts.waiting.firstIndex(where: { $0.id == id }) else { return nil }
      return facts.waiting.remove(at: index)
    }
    waiting?.answer.resume(returning: [])
  }

  public func extend(_ lease: Lease) async throws(QueueError) {
    let end = leaseEnd
    let isHeld = facts.withLock { facts in
      facts.leases[lease.token.number]?.endsAt = end
      return facts.leases[lease.token.number] != nil
    }
    if !isHeld { throw .notYours }
  }

  public func note(_ lease: Lease, _ note: Note) async throws(QueueError) {
    let isHeld = facts.withLock { facts in
      guard let head = facts.leases[lease.token.number]?.sequences.first else { return false }
      Self.update(head, &facts) { $0.notes.append(note) }
      return true
    }
    if !isHeld { throw .notYours }
  }

  public func settle(_ lease: Lease, _ outcome: Outcome) async throws(QueueError) {
    let isHeld = facts.withLock { facts in
      guard let held = facts.leases.removeValue(forKey: lease.token.number) else { return false }
      for sequence in held.sequences { Self.update(sequence, &facts) { Self.settle(&$0, outcome) } }
      if case .done(_, let then) = outcome { for event in then { _ = Self.add(event, &facts) } }
      return true
    }
    if !isHeld { throw .notYours }
    serve()
  }

  public func list(_ filter: Filter, after: UInt64?, limit: Int) async throws(QueueError) -> [Entry] {
    let found = facts.withLock { facts in
      facts.items.map(\.entry).filter { $0.sequence > (after ?? 0) && Self.matches(filter, $0) }
    }
    return Array(found.prefix(limit))
  }

  public func change(_ filter: Filter, _ change: Change) async throws(QueueError) -> Int {
    let count = facts.withLock { facts in
      var count = 0
      for index in facts.items.indices where Self.matches(filter, facts.items[index].entry) {
        let state = facts.items[index].entry.state
        switch change {
        case .retry where [.held, .dead, .retrying].contains(state):
          facts.items[index].entry.become(.queued, attempts: 0)
        case .drop(let reason) where [.queued, .retrying, .held, .dead].contains(state):
          facts.items[index].entry.become(.dropped, reason: reason)
          facts.items[index].notes = []
        default: continue
        }
        count += 1
      }
      return count
    }
    serve()
    return count
  }

  public func counts() async -> Counts {
    facts.withLock { facts in
      var counts = Counts()
      counts.received = UInt64(facts.items.count) + facts.duplicates
      counts.duplicates = facts.duplicates
      for state in EventState.allCases {
        counts.byState[state] = UInt64(facts.items.count { $0.entry.state == state })
      }
      counts.oldestPending =
        facts.items.first { [.queued, .leased, .retrying].contains($0.entry.state) }?.entry.event.receivedAt
      return counts
    }
  }

  public func close() {
    let waiting = facts.withLock { facts in
      facts.isClosed = true
      let waiting = facts.waiting
      facts.waiting = []
      return waiting
    }
    for one in waiting { one.answer.resume(returning: nil) }
  }

  // MARK: rules

  private var leaseEnd: Int64 { clock.monotonic() + leaseDuration * 1_000_000 }

  private static func add(_ event: Event, _ facts: inout Facts) -> Accepted {
    let same = facts.items.map(\.entry).filter { $0.event.system == event.system && $0.event.id == event.id }
    if let known = same.first(where: { $0.event.payload == event.payload }) {
      facts.duplicates += 1
      return Accepted(sequence: known.sequence, verdict: .duplicate)
    }
    facts.lastNumber += 1
    for index in facts.items.indices
    where facts.items[index].entry.event.lane == event.lane && facts.items[index].entry.state == .retrying {
      facts.items[index].entry.become(.queued)
    }
    let entry = Entry(
      sequence: facts.lastNumber, event: event, state: .queued, attempts: 0, isConflicting: !same.isEmpty)
    facts.items.append(Item(entry: entry))
    return Accepted(sequence: facts.lastNumber, verdict: .stored)
  }

  private static func settle(_ item: inout Item, _ outcome: Outcome) {
    switch outcome {
    case .done(let reason, _):
      item.entry.become(.done, reason: reason)
      item.notes = []
    case .retry(let at, let reason, let counts):
      item.entry.become(.retrying, attempts: item.entry.attempts - (counts ? 0 : 1), dueAt: at, reason: reason)
    case .held(let reason): item.entry.become(.held, reason: reason)
    case .dead(let reason): item.entry.become(.dead, reason: reason)
    }
  }

  private static func update(_ sequence: UInt64, _ facts: inout Facts, _ body: (inout Item) -> Void) {
    if let index = facts.items.firstIndex(where: { $0.entry.sequence == sequence }) { body(&facts.items[index]) }
  }

  private static func matches(_ filter: Filter, _ entry: Entry) -> Bool {
    (filter.states.isEmpty || filter.states.contains(entry.state))
      && (filter.kinds.isEmpty || filter.kinds.contains(entry.event.kind))
      && (filter.endpoint == nil || filter.endpoint == entry.event.endpoint)
      && (filter.id == nil || filter.id == entry.event.id) && (filter.key == nil || filter.key == entry.event.key)
      && (filter.subject == nil || filter.subject == entry.event.subject)
      && (filter.sequences == nil || filter.sequences?.contains(entry.sequence) == true)
  }

  /// Ends leases whose time is over, and gives what is due to those who wait.
  private func serve() {
    let now = clock.monotonic()
    let wall = clock.wall()
    let end = leaseEnd
    let answers = facts.withLock { facts in
      for (token, lease) in facts.leases where lease.endsAt <= now {
        facts.leases[token] = nil
        for sequence in lease.sequences { Self.update(sequence, &facts) { $0.entry.become(.queued) } }
      }
      var answers: [(UnsafeContinuation<[Lease]?, Never>, [Lease])] = []
      for waiting in facts.waiting {
        let leases = Self.choose(waiting, wall, end, &facts)
        if !leases.isEmpty { answers.append((waiting.answer, leases)) }
      }
      let answered = facts.answered
      facts.waiting.removeAll { answered.contains($0.id) }
      facts.answered = []
      return answers
    }
    for (answer, leases) in answers { answer.resume(returning: leases) }
  }

  private static func choose(_ waiting: Waiting, _ wall: Instant, _ end: Int64, _ facts: inout Facts) -> [Lease] {
    var leases: [Lease] = []
    var seen: Set<Lane> = []
    for item in facts.items where item.entry.state.isOpen {
      let lane = item.entry.event.lane
      guard leases.count < waiting.lanes, seen.insert(lane).inserted else { continue }
      let queue = facts.items.filter { $0.entry.event.lane == lane && $0.entry.state.isOpen }
      guard let head = queue.first, head.entry.state != .leased, head.entry.dueAt ?? wall <= wall,
        !head.entry.event.isExcepted(waiting.except)
      else { continue }
      let flow = head.entry.event.flow
      let sequences = queue.prefix { $0.entry.event.flow == flow }.prefix(waiting.eventsPerLane).map(\.entry.sequence)
      facts.lastNumber += 1
      let token = facts.lastNumber
      facts.leases[token] = (sequences, end)
      for sequence in sequences {
        update(sequence, &facts) { $0.entry.become(.leased, attempts: $0.entry.attempts + 1, reason: $0.entry.reason) }
      }
      let entries = facts.items.map(\.entry).filter { sequences.contains($0.sequence) }
      leases.append(
        Lease(
          token: LeaseToken(token), lane: lane, events: entries, attempt: entries[0].attempts, notes: head.notes))
    }
    if !leases.isEmpty { facts.answered.insert(waiting.id) }
    return leases
  }
}

extension EventState {
  fileprivate var isOpen: Bool { self == .queued || self == .leased || self == .retrying }
}

extension Event {
  fileprivate var flow: String? { kind == .run ? subject : nil }
  fileprivate func isExcepted(_ routes: Set<Route>) -> Bool { routes.contains { $0.flow == flow } }
}

extension Entry {
  fileprivate mutating func become(
    _ state: EventState, attempts: Int? = nil, dueAt: Instant? = nil, reason: Reason? = nil
  ) {
    self = Entry(
      sequence: sequence, event: event, state: state, attempts: attempts ?? self.attempts, dueAt: dueAt,
      reason: reason ?? self.reason, isConflicting: isConflicting)
  }
}
