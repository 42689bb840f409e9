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
  /// Writes and merges identity runs.
  let identities: Upkeep

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
  var chosen: [LeasesChosen] = []
  /// A change was put in the draft: what follows has to see its effect.
  var mustWrite = false

  // From turn to turn.
  var leaseRequests: [LeaseRequest] = []
  var cancelled: Set<UInt64> = []
  /// The last turn wrote: leases that found nothing are tried again.
  var hasNews = true
  var closing: Answer<Void>?
  var checkpointing = Checkpointing()
  var retaining = Retaining()
  var scrubbing = Scrubbing()
  /// Who waits until something is overwritten.
  var erasing: [(answer: Answer<Int>, count: Int)] = []
  /// The next segment is being allocated ahead.
  var isMakingSpare = false
  /// Segments that this batch says are gone.
  var removals: [UInt32] = []
  var gathering = Gathering()
  private var lastCount: Int64

  init(
    _ log: Log, _ state: QueueState, nextSequence: UInt64, clock: any QueueClock, inbox: Inbox<Command>,
    reader: Reader, identities: Upkeep, shared: SharedFacts
  ) {
    self.clock = clock
    options = log.options
    self.shared = shared
    self.inbox = inbox
    self.reader = reader
    self.identities = identities
    self.state = state
    self.log = log
    draft = Draft(nextSequence: nextSequence, isEncrypted: log.keys.encrypts)
    wall = max(log.time, clock.wall().millisecondsSince1970)
    now = clock.monotonic()
    lastWrite = now
    lastCount = now
  }

  /// Until the queue is closed or storage fails.
  mutating func run() {
    publish()
    while true {
      take()
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

  /// Takes the next calls, and waits for them where none are left.
  private mutating func take() {
    if nextCall < calls.count { return }
    nextCall = 0
    Wakeups.release()
    if draft.isEmpty, clock.runsByItself { gathering.begin(waiting: inbox.count) }
    if gathering.isOn {
      inbox.await(gathering.part, until: gathering.end, awake: Gathering.awake)
      inbox.take(into: &calls, until: 0)
      gathering.note(came: calls.count)
    } else {
      inbox.take(into: &calls, until: wakeTime())
    }
  }

  /// When to look around although nobody calls.
  private mutating func wakeTime() -> Int64? {
    if hasNews, !leaseRequests.isEmpty { return 0 }
    guard clock.runsByItself else { return nil }
    var times: [Int64] = []
    if log.marked < log.end { times.append(lastWrite + options.idleDelay * 1_000_000) }
    if state.nextExpiry < .max { times.append(state.nextExpiry) }
    if !log.sealed.isEmpty { times.append(max(now, scrubbing.next)) }
    if !log.sealed.isEmpty, !options.retention.keepsAll {
      times.append(now + max(0, retaining.nextLook - wall) * 1_000_000)
    }
    // What could not be written is tried again.
    if state.duplicates.failure != nil { times.append(now + Limits.clockCheck) }
    if !leaseRequests.isEmpty, let due = state.nextDue() {
      // The wall clock may jump: look again before long.
      times.append(now + min(max(0, due - wall) * 1_000_000, Limits.clockCheck))
    }
    return times.min()
  }

  private mutating func turn() throws(LogError) {
    if draft.isEmpty {
      mustWrite = false
      try retain()
      scrub()
    }
    while nextCall < calls.count, !mustWrite, closing == nil, draft.bytes.count < Limits.batch {
      if try plan(calls[nextCall]) == .afterThisBatch { break }
      nextCall += 1
    }
    if isGathering { return }
    gathering.stop()
    if !mustWrite {
      try planExpiries()
      try planLeases()
    }
    try write()
    workOnIdentities()
  }

  /// Others are about to call, and nothing keeps the batch from waiting for them.
  private var isGathering: Bool {
    gathering.isOn && nextCall == calls.count && !mustWrite && closing == nil && clock.monotonic() < gathering.end
  }

  /// Writes what was planned.
  private mutating func write() throws(LogError) {
    hasNews = !draft.isEmpty
    if !draft.isEmpty {
      try commit()
    } else if log.marked < log.end, now - lastWrite >= options.idleDelay * 1_000_000 {
      try mark(.idle)
      checkpointIfDue()
      recount()
    }
  }

  private mutating func workOnIdentities() {
    guard let job = state.duplicates.nextJob(at: wall) else { return }
    let files = IdentityFiles(disk: log.disk, folder: log.folder, key: log.identityKey)
    let inbox = inbox
    identities.submit { _ = inbox.put(.remembered(files.perform(job))) }
  }

  mutating func take(_ outcome: IdentityOutcome) {
    state.duplicates.finish(outcome, at: wall)
    // A segment may have waited for it.
    if case .written = outcome { retaining.nextLook = wall }
  }

  /// Writes, syncs, applies, answers; in this order.
  private mutating func commit() throws(LogError) {
    let origin = log.origin
    let size = draft.bytes.count
    Wakeups.release()
    let began = clock.monotonic()
    do throws(LogError) {
      try log.write(&draft, at: wall)
    } catch {
      if error.isFinal { throw error }
      return refuse()
    }
    lastWrite = clock.monotonic()
    checkpointing.behind += UInt64(size)
    draft.apply(to: &state, batchAt: origin, time: log.time)
    gathering.note(answered: answer(), at: lastWrite, after: lastWrite - began)
    for segment in removals { remove(segment: segment) }
    removals = []
    draft.reset(nextSequence: draft.nextSequence)
    overwrite()
  }

  /// The batch is on disk and in the state. Says how many callers have heard all that they wait for.
  private mutating func answer() -> Int {
    // Whoever is answered finds itself counted.
    publish()
    var count = 0
    for waiter in waiters where waiter.succeed() { count += 1 }
    waiters.removeAll(keepingCapacity: true)
    handOut()
    return count
  }

  /// The disk is full: nothing of this turn happened.
  mutating func refuse() {
    for waiter in waiters { waiter.fail(.full) }
    for one in chosen {
      state.takeBack(one.lanes.map(\.choice))
      leaseRequests.append(one.request)
    }
    waiters = []
    chosen = []
    for (answer, _) in erasing { answer.resume(returning: .failure(.full)) }
    erasing = []
    removals = []
    hasNews = false
    // Leases that were to end are still there: they are looked for again, but not without a pause.
    state.nextExpiry = max(state.nextExpiry, now + Limits.clockCheck)
    // What the failed write left behind may be encrypted with these sequences: they are not used again.
    draft.reset(nextSequence: draft.nextSequence)
  }

  /// Whether the sums are still what is there; now and then, while there is nothing else to do.
  private mutating func recount() {
    guard now - lastCount >= Limits.recount else { return }
    lastCount = now
    shared.publish(miscounted: state.miscount())
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
    shared.publish(tally, oldest: oldest, paused: state.pausedCount())
  }

  // MARK: the end

  private mutating func end(_ closing: Answer<Void>) throws(LogError) {
    draft.reset(nextSequence: draft.nextSequence)
    if !state.leases.isEmpty {
      draft.put(.closed)
      let size = draft.bytes.count + Log.ending
      let hasRoom = log.room >= size ? true : try roll(size, isIntake: false)
      // On a full disk they end as those of a process that died.
      if hasRoom {
        let origin = log.origin
        try log.write(&draft, at: wall)
        draft.apply(to: &state, batchAt: origin, time: log.time)
      }
    }
    try mark(.closing)
    log.upkeep.close()
    checkpointAtEnd()
    publish()
    leave(.closed)
    closing.resume(returning: .success(()))
  }

  /// A failed sync is final: nobody can know what is on disk, so nothing is promised any more.
  private mutating func fail(_ error: QueueError) {
    shared.fail(error)
    for waiter in waiters { waiter.fail(error) }
    for one in chosen { one.request.answer.resume(returning: .failure(error)) }
    for (answer, _) in erasing { answer.resume(returning: .failure(error)) }
    leave(error)
    options.onFailure?(error)
    closing?.resume(returning: .success(()))
  }

  private mutating func leave(_ error: QueueError) {
    shared.end(error)
    for call in Array(calls[nextCall...]) + inbox.close() {
      if case .spare(let spare?) = call { log.disk.close(spare.file) }
      call.fail(error)
    }
    for request in leaseRequests { request.answer.resume(returning: .failure(error)) }
    log.upkeep.close()
    log.disk.close(log.file)
    if let spare = log.spare { log.disk.close(spare.file) }
    reader.close()
    identities.close()
    shared.unlock()
  }
}
