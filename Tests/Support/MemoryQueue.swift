import Events
import Formats
import Posix
import Queue

/// A queue without a disk, written as plainly as can be: the file-backed queue has to behave the same, and tests of what
/// stands on a queue need no folder.
public final class MemoryQueue: EventQueue {
  struct Item {
    var entry: Entry
    var notes: [Note] = []
    /// Milliseconds that its own failures made it wait, and of these, those of the wait it is in.
    var waited: Int64 = 0
    var charged: Int64 = 0
    /// What it was before it was erased, to tell repeats.
    var erased: Event?
  }

  struct Held {
    let sequences: [UInt64]
    var endsAt: Int64
    let isBulk: Bool
  }

  struct Waiting {
    let id: UInt64
    let lanes: Int
    let eventsPerLane: Int
    let except: Set<Route>
    let answer: UnsafeContinuation<[Lease]?, Never>
  }

  struct Facts {
    var items: [Item] = []
    var leases: [UInt64: Held] = [:]
    var pauses: [WorkPart: Instant] = [:]
    /// Interactive lanes that were chosen since the last bulk one.
    var inARow = 0
    let destinations: @Sendable (String) -> [System]
    var waiting: [Waiting] = []
    /// Of those that wait, who was just given something.
    var answered: Set<UInt64> = []
    var lastNumber: UInt64 = 0
    var duplicates: UInt64 = 0
    var isClosed = false
  }

  private let facts: Lock<Facts>
  private let clock: any QueueClock
  private let leaseDuration: Int64

  public init(
    clock: any QueueClock = MachineClock(), leaseDuration: Int64 = 120_000,
    destinations: @escaping @Sendable (String) -> [System] = { _ in [] }
  ) {
    facts = Lock(Facts(destinations: destinations))
    self.clock = clock
    self.leaseDuration = leaseDuration
    clock.whenMoved { [weak self] in self?.serve() }
  }

  public func append(_ events: [Event]) async throws(QueueError) -> [Accepted] {
    let wall = clock.wall()
    let accepted: [Accepted]? = facts.withLock { facts in
      facts.isClosed ? nil : events.map { Self.add($0, wall, &facts) }
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

  public func settle(_ endings: [Ending]) async -> [QueueError?] {
    let wall = clock.wall()
    let errors = facts.withLock { facts in
      endings.map { ending -> QueueError? in
        guard let held = facts.leases.removeValue(forKey: ending.lease.token.number) else { return .notYours }
        for sequence in held.sequences { Self.update(sequence, &facts) { Self.settle(&$0, ending.outcome, wall) } }
        if case .done(_, let then) = ending.outcome { for event in then { _ = Self.add(event, wall, &facts) } }
        return nil
      }
    }
    serve()
    return errors
  }

  public func list(_ filter: Filter, after: UInt64?, limit: Int) async throws(QueueError) -> [Entry] {
    let found = facts.withLock { facts in
      facts.items.map(\.entry).filter { $0.sequence > (after ?? 0) && Self.matches(filter, $0) }
    }
    return Array(found.prefix(limit))
  }

  public func change(_ filter: Filter, _ change: Change) async throws(QueueError) -> Int {
    let wall = clock.wall()
    let count = facts.withLock { facts in
      switch change {
      case .retry(let retry): return Self.retry(filter, retry, wall, &facts)
      case .drop(let reason):
        var count = 0
        for index in facts.items.indices where Self.matches(filter, facts.items[index].entry) {
          guard [.queued, .retrying, .held, .dead].contains(facts.items[index].entry.state) else { continue }
          facts.items[index].entry.become(.dropped, reason: reason)
          facts.items[index].notes = []
          count += 1
        }
        return count
      case .erase(let text, let reason): return Self.erase(filter, text ?? "", reason, &facts)
      }
    }
    serve()
    return count
  }

  public func pause(_ part: WorkPart) async throws(QueueError) -> Bool {
    let wall = clock.wall()
    return facts.withLock { facts in
      if facts.pauses[part] != nil { return false }
      facts.pauses[part] = wall
      return true
    }
  }

  public func resume(_ part: WorkPart) async throws(QueueError) -> Bool {
    let wasPaused = facts.withLock { $0.pauses.removeValue(forKey: part) != nil }
    serve()
    return wasPaused
  }

  public func pauses() async throws(QueueError) -> [Pause] {
    facts.withLock { facts in
      facts.pauses.sorted { $0.key.description < $1.key.description }.map { part, since in
        let inside = facts.items.filter { Self.isIn(part, $0.entry.event, facts) && $0.entry.state.isOpen }
        let leased = inside.count { $0.entry.state == .leased }
        return Pause(part: part, since: since, waiting: inside.count - leased, leased: leased)
      }
    }
  }

  public func counts() async -> Counts {
    facts.withLock { facts in
      var counts = Counts()
      counts.received = UInt64(facts.items.count) + facts.duplicates
      counts.duplicates = facts.duplicates
      for state in EventState.allCases {
        counts.byState[state] = UInt64(facts.items.count { $0.entry.state == state })
      }
      counts.paused = UInt64(
        facts.items.count { $0.entry.state.isOpen && $0.entry.state != .leased && Self.isPaused($0.entry.event, facts) }
      )
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

  static func update(_ sequence: UInt64, _ facts: inout Facts, _ body: (inout Item) -> Void) {
    if let index = facts.items.firstIndex(where: { $0.entry.sequence == sequence }) { body(&facts.items[index]) }
  }

  static func matches(_ filter: Filter, _ entry: Entry) -> Bool {
    (filter.states.isEmpty || filter.states.contains(entry.state))
      && (filter.kinds.isEmpty || filter.kinds.contains(entry.event.kind))
      && (filter.endpoint == nil || filter.endpoint == entry.event.endpoint)
      && (filter.id == nil || filter.id == entry.event.id) && (filter.key == nil || filter.key == entry.event.key)
      && (filter.subject == nil || filter.subject == entry.event.subject)
      && (filter.needs == nil || filter.needs == entry.reason?.needs?.id)
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
}
