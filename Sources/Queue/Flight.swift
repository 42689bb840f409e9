import Posix

// Batches one behind the other. A sync keeps the disk busy and the writer idle: while many call, the writer hands a batch
// to a thread of its own, and puts the next one together meanwhile. At most one is on its way at a time, and nothing of
// it is known to the state before it is on disk.
//
// What is decided meanwhile is decided by the state as it is, and by what is on its way. That is known of events (their
// identities) and of leases (which of them end, which lanes are chosen), so only these calls are taken ahead; all others
// wait until nothing is on its way, as do rolling, retention and marks. Where a batch could not be written, what was
// planned behind it is refused with it.

/// A batch on its way to the disk.
struct Flight {
  var draft: Draft
  let waiters: [Waiter]
  let chosen: [LeasesChosen]
  let origin: Place
  /// Bytes of it in the log.
  let size: Int
  /// When it was handed over; monotonic nanoseconds.
  let began: Int64

  /// Who is answered by a batch that is worth another thread: smaller ones are written by the writer itself.
  static let few = 8
  /// Calls that the writer waits for at a time meanwhile.
  static let part = 8
}

extension Command {
  /// Whether it can be planned behind a batch that is not on disk yet.
  var isPlannedAhead: Bool {
    switch self {
    case .append, .lease, .cancelLease, .extend, .settle: true
    default: false
    }
  }
}

extension Writer {
  /// Whether the draft may be on its way while the next one is put together.
  var mayFly: Bool {
    isPlain && !mustWrite && clock.runsByItself && waiters.count + chosen.count >= Flight.few && !isRestDue
  }

  /// Something waits that is seen to between two batches only.
  private var isRestDue: Bool {
    nextCall < calls.count && !calls[nextCall].isPlannedAhead
      || wall >= retaining.nextLook && !retaining.isUnderWay && !options.retention.keepsAll
      || now >= scrubbing.next && !scrubbing.isUnderWay && !log.sealed.isEmpty
  }

  /// Hands the draft over, and begins the next one. False where there is no thread for it.
  mutating func takeOff() -> Bool {
    guard let thread = syncThread() else { return false }
    let origin = log.origin
    let write = log.prepare(&draft, at: wall)
    let size = write.bytes.count
    thread.submit(write)
    // The disk does not wait for what else there is to do in this turn.
    Wakeups.release()
    var next = spareDrafts.popLast() ?? Draft(nextSequence: draft.nextSequence, isEncrypted: log.keys.encrypts)
    next.reset(behind: draft)
    flight = Flight(draft: draft, waiters: waiters, chosen: chosen, origin: origin, size: size, began: now)
    draft = next
    waiters = []
    chosen = []
    return true
  }

  private mutating func syncThread() -> SyncThread? {
    if let syncing { return syncing }
    let inbox = inbox
    syncing = try? SyncThread(log.disk) { inbox.poke() }
    return syncing
  }

  /// Takes a batch that is on disk into the state, and answers for it. The next one leaves first, where it can.
  mutating func land() throws(LogError) {
    guard var landing = syncing?.takeLanding(), var landed = flight else { return }
    if let failure = landing.failure {
      if failure.isFinal { throw failure }
      flight = nil
      refuse(landed.waiters, landed.chosen)
      return refuse()
    }
    flight = nil
    draft.forgetBefore()
    log.landed(landing.write)
    let time = log.time
    lastWrite = now
    checkpointing.behind += UInt64(landed.size)
    if draft.isEmpty || !mayFly || !takeOff() {
      gathering.note(answered: landed.waiters.count, after: now - landed.began)
    }
    landed.draft.apply(to: &state, batchAt: landed.origin, time: time)
    answer(landed.waiters, landed.chosen)
    landed.draft.giveBack(&landing.write.bytes)
    landed.draft.reset(nextSequence: 0)
    spareDrafts.append(landed.draft)
  }
}
