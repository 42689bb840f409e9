import Events
import Formats
import Posix

/// The one thread that writes: takes all that waits, writes it once, syncs once, applies it to the state, and answers
/// everybody in a row. Belongs to that thread.
struct Writer {
  let clock: any QueueClock
  let options: QueueOptions
  let shared: SharedFacts
  let inbox: Inbox<Command>
  let reader: Reader

  var state: QueueState
  var log: Log
  var draft: Draft
  /// The wall clock, clamped so that it never runs backwards; milliseconds since 1970.
  var wall: Int64
  /// The monotonic clock, nanoseconds.
  var now: Int64
  var lastWrite: Int64

  // The calls of this turn.
  var calls: [Command] = []
  var nextCall = 0
  var waiters: [Waiter] = []
  var chosen: [(request: LeaseRequest, lanes: [(Chosen, token: UInt64)])] = []
  /// A change was put in the draft: what follows has to see its effect.
  var mustWrite = false

  // From turn to turn.
  var leaseRequests: [LeaseRequest] = []
  var cancelled: Set<UInt64> = []
  /// The last turn wrote: leases that found nothing are tried again.
  var hasNews = true
  var closing: Answer<Void>?
  private var gathering = Gathering()

  init(
    _ log: Log, _ state: QueueState, nextSequence: UInt64, clock: any QueueClock, inbox: Inbox<Command>,
    reader: Reader, shared: SharedFacts
  ) {
    self.clock = clock
    options = log.options
    self.shared = shared
    self.inbox = inbox
    self.reader = reader
    self.state = state
    self.log = log
    draft = Draft(nextSequence: nextSequence)
    wall = max(log.time, clock.wall().millisecondsSince1970)
    now = clock.monotonic()
    lastWrite = now
  }

  /// Until the queue is closed or storage fails.
  mutating func run() {
    publish()
    while true {
      if nextCall == calls.count {
        nextCall = 0
        Wakeups.release()
        gather()
        inbox.take(into: &calls, until: wakeTime())
      }
      now = clock.monotonic()
      wall = max(wall, clock.wall().millisecondsSince1970)
      do {
        try turn()
        // Whoever called behind it is told that the queue is closed.
        if let closing { return try end(closing) }
      } catch {
        return fail(.storage("\(error.error)"))
      }
    }
  }

  /// Waits for company, where much of it is about.
  private mutating func gather() {
    guard clock.runsByItself, let wanted = gathering.take(waiting: inbox.count) else { return }
    inbox.await(wanted.calls, until: clock.monotonic() + wanted.nanoseconds)
  }

  /// When to look around although nobody calls.
  private mutating func wakeTime() -> Int64? {
    if hasNews, !leaseRequests.isEmpty { return 0 }
    guard clock.runsByItself else { return nil }
    var times: [Int64] = []
    if log.marked < log.end { times.append(lastWrite + options.idleDelay * 1_000_000) }
    if let expiry = state.nextExpiry() { times.append(expiry) }
    if !leaseRequests.isEmpty, let due = state.nextDue() {
      // The wall clock may jump: look again before long.
      times.append(now + min(max(0, due - wall) * 1_000_000, Limits.clockCheck))
    }
    return times.min()
  }

  private mutating func turn() throws(LogError) {
    draft.reset(nextSequence: draft.nextSequence)
    mustWrite = false
    while nextCall < calls.count, !mustWrite, closing == nil, draft.bytes.count < Limits.batch {
      if try plan(calls[nextCall]) == .afterThisBatch { break }
      nextCall += 1
    }
    if !mustWrite {
      try planExpiries()
      try planLeases()
    }
    hasNews = !draft.isEmpty
    if draft.isEmpty {
      answer()
      if log.marked < log.end, now - lastWrite >= options.idleDelay * 1_000_000 { try mark(.idle) }
    } else {
      try commit()
    }
  }

  /// Writes, syncs, applies, answers; in this order.
  private mutating func commit() throws(LogError) {
    let origin = log.origin
    Wakeups.release()
    do throws(LogError) {
      try log.write(&draft, at: wall)
    } catch {
      if error.isFinal { throw error }
      return refuse()
    }
    lastWrite = clock.monotonic()
    gathering.note(answered: waiters.count, after: lastWrite - now)
    draft.apply(to: &state, batchAt: origin, time: log.time)
    // Whoever is answered finds itself counted.
    publish()
    answer()
  }

  private mutating func answer() {
    for waiter in waiters { waiter.succeed() }
    waiters.removeAll(keepingCapacity: true)
    handOut()
  }

  /// The disk is full: nothing of this turn happened.
  private mutating func refuse() {
    for waiter in waiters { waiter.fail(.full) }
    waiters.removeAll(keepingCapacity: true)
    for (request, lanes) in chosen {
      state.takeBack(lanes.map(\.0))
      leaseRequests.append(request)
    }
    chosen = []
    hasNews = false
    draft.reset(nextSequence: draft.firstSequence)
  }

  mutating func mark(_ kind: BatchHead.Kind) throws(LogError) {
    do throws(LogError) {
      try log.mark(kind, nextSequence: draft.nextSequence, at: wall)
    } catch {
      if error.isFinal { throw error }
    }
    lastWrite = now
  }

  private mutating func publish() {
    let tally = state.tally
    let oldest = state.oldestPending()
    shared.publish(tally, oldest: oldest)
  }

  // MARK: the end

  private mutating func end(_ closing: Answer<Void>) throws(LogError) {
    draft.reset(nextSequence: draft.nextSequence)
    if !state.leases.isEmpty {
      draft.put(.closed)
      let origin = log.origin
      try log.write(&draft, at: wall)
      draft.apply(to: &state, batchAt: origin, time: log.time)
    }
    try mark(.closing)
    publish()
    leave(.closed)
    closing.resume(returning: .success(()))
  }

  /// A failed sync is final: nobody can know what is on disk, so nothing is promised any more.
  private mutating func fail(_ error: QueueError) {
    shared.fail(error)
    for waiter in waiters { waiter.fail(error) }
    for (request, _) in chosen { request.answer.resume(returning: .failure(error)) }
    leave(error)
    options.onFailure?(error)
    closing?.resume(returning: .success(()))
  }

  private mutating func leave(_ error: QueueError) {
    shared.end(error)
    for call in calls[nextCall...] { call.fail(error) }
    for call in inbox.close() { call.fail(error) }
    for request in leaseRequests { request.answer.resume(returning: .failure(error)) }
    log.disk.close(log.file)
    reader.close()
    shared.unlock()
  }
}
