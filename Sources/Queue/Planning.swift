import Events
import Formats

// What each call puts into the batch, decided by the state as it is on disk and by the batch so far.

extension Writer {
  enum Planned {
    case planned
    /// It does not fit behind what is already in the batch: write that first.
    case afterThisBatch
  }

  mutating func plan(_ call: Command) throws(LogError) -> Planned {
    switch call {
    case .append(let events, let packed, let size, let answer): return try append(events, packed, size, answer)
    case .lease(let request):
      if cancelled.remove(request.id) != nil {
        request.answer.resume(returning: .success([]))
      } else {
        leaseRequests.append(request)
      }
    case .cancelLease(let id):
      if let index = leaseRequests.firstIndex(where: { $0.id == id }) {
        leaseRequests.remove(at: index).answer.resume(returning: .success([]))
      } else {
        cancelled.insert(id)
      }
    case .extend(let token, let answer):
      let isHeld = usable(token) != nil
      state.extend(token, until: leaseEnd)
      answer.resume(returning: isHeld ? .success(()) : .failure(.notYours))
    case .note(let token, let text, let answer): return try note(token, text, answer)
    case .settle(let token, let outcome, let answer): return try settle(token, outcome, answer)
    case .drop(let sequences, let reason, let answer):
      let open = sequences.filter(state.isDroppable)
      return try change(.changed(.drop, open, reason), open.count, answer)
    case .retry(let request, let answer): return try retry(request, answer)
    case .pause(let part, let isPaused, let answer): return try pause(part, isPaused, answer)
    case .pauses(let answer): answer.resume(returning: .success(state.standingPauses()))
    case .rows(let query, let answer): answer.resume(returning: .success(rows(query)))
    case .unreadable(let token, let text):
      let reason = Reason("event-unreadable", .internalError, "The event cannot be read back: {0}.", quoted: [text])
      return try settle(token, .dead(reason), nil)
    case .spare(let spare): take(spare)
    case .checkpointed(let size): checkpointed(size)
    case .erase(let request): return try erase(request)
    case .scrubbed(let name, let damage): scrubbed(name, damage)
    case .erased: checkpointing.holds -= 1
    case .oldEvents(let found): return try take(found)
    case .remembered(let outcome): take(outcome)
    case .rotate(let key, let answer):
      log.keys.begin(key)
      answer.resume(returning: .success(()))
    case .close(let answer): closing = answer
    }
    return .planned
  }

  private mutating func append(
    _ events: [Event], _ packed: [[UInt8]], _ size: Int, _ answer: Answer<[Accepted]>
  ) throws(LogError) -> Planned {
    if state.duplicates.isBehind {
      answer.resume(returning: .failure(.full))
      shared.leave(size)
      return .planned
    }
    let ending = options.unwanted == nil ? 0 : events.count * Size.record(Limits.ending)
    switch try room(size + ending, isIntake: true) {
    case .later: return .afterThisBatch
    case .full: answer.resume(returning: .failure(.full))
    case .yes:
      draft.beginGroup()
      let accepted = draft.put(events, packed: packed, known: state.duplicates)
      endUnwanted(events, accepted)
      waiters.append(.accepted(answer, accepted))
    }
    shared.leave(size)
    return .planned
  }

  /// What nobody wants is done with its append: no lease, no second sync.
  private mutating func endUnwanted(_ events: [Event], _ accepted: [Accepted]) {
    guard let unwanted = options.unwanted else { return }
    for (event, one) in zip(events, accepted) where one.verdict == .stored {
      guard let reason = unwanted(event) else { continue }
      let record = LogRecord.changed(.done, [one.sequence], reason)
      if Size.record(record) <= Size.record(Limits.ending) { draft.put(record) }
    }
  }

  private mutating func note(_ token: UInt64, _ text: String, _ answer: Answer<Void>) throws(LogError) -> Planned {
    guard let lease = usable(token), let head = lease.sequences.first else {
      answer.resume(returning: .failure(.notYours))
      return .planned
    }
    guard text.utf8.count <= Limits.note, state.notes[head, default: []].count < Limits.notes else {
      answer.resume(returning: .failure(.tooLarge(limit: Limits.note)))
      return .planned
    }
    return try put(.note(head, text), .done(answer))
  }

  private mutating func settle(_ token: UInt64, _ outcome: Outcome, _ answer: EndingAnswer?) throws(LogError)
    -> Planned
  {
    guard let lease = usable(token) else {
      answer?.give(.notYours)
      return .planned
    }
    let record = LogRecord.settled(Settlement(outcome, token, lease.sequences))
    var then: [Event] = []
    if case .done(_, let events) = outcome { then = events }
    if then.contains(where: { EventCoding.longestName($0) > Limits.name }) {
      answer?.give(.tooLarge(limit: Limits.name))
      return .planned
    }
    switch try room(Size.record(record) + (then.isEmpty ? 0 : Size.append(then)), isIntake: false) {
    case .later: return .afterThisBatch
    case .full: answer?.give(.full)
    case .yes:
      draft.beginGroup()
      draft.put(record)
      if !then.isEmpty { _ = draft.put(then, known: state.duplicates) }
      if let answer { waiters.append(.ended(answer)) }
    }
    return .planned
  }

  mutating func put(_ record: LogRecord, _ waiter: Waiter) throws(LogError) -> Planned {
    switch try room(Size.record(record), isIntake: false) {
    case .later: return .afterThisBatch
    case .full: waiter.fail(.full)
    case .yes:
      draft.beginGroup()
      draft.put(record)
      waiters.append(waiter)
    }
    return .planned
  }

  /// The lease, unless it has ended, or ends in this batch.
  private func usable(_ token: UInt64) -> HeldLease? {
    draft.ends(token) ? nil : state.held(token)
  }

  private func rows(_ query: RowQuery) -> [Row] {
    var found: [Row] = []
    let first = query.sequences.map { max(query.after, $0.lowerBound == 0 ? 0 : $0.lowerBound - 1) } ?? query.after
    state.rows.forEach(after: first) { row in
      if let range = query.sequences, row.sequence > range.upperBound { return false }
      if query.states.isEmpty || query.states.contains(row.state.eventState) { found.append(row) }
      return found.count < query.limit
    }
    return found
  }

  // MARK: room

  enum Room { case yes, later, full }

  /// Whether so many bytes have room; begins a new segment where they have not. Where the disk is full, settling may use
  /// the reserve, and then the segment that was allocated ahead.
  mutating func room(_ size: Int, isIntake: Bool) throws(LogError) -> Room {
    // Marks and the seal always have room.
    let used = draft.bytes.count + Log.ending
    let free = Int(log.room) - used
    if size + Int(options.reserve) <= free, !isIntake || !log.isDraining { return .yes }
    if !draft.isEmpty { return .later }
    if isIntake, log.isDraining, !ceaseDraining() { return .full }
    if size + Int(options.reserve) <= free { return .yes }
    if try roll(used + size, isIntake: true) { return .yes }
    if isIntake { return .full }
    if size <= free { return .yes }
    log.isDraining = true
    return try roll(used + size, isIntake: false) ? .yes : .full
  }

  /// False where the disk is full.
  mutating func roll(_ needed: Int, isIntake: Bool) throws(LogError) -> Bool {
    if draft.isEmpty { draft.reset(nextSequence: log.free(draft.nextSequence)) }
    do throws(LogError) {
      try log.roll(firstSequence: draft.firstSequence, needed: needed, isIntake: isIntake)
    } catch {
      if error.isFinal { throw error }
      return false
    }
    makeSpare()
    checkpointIfDue()
    // Read back at once: what was written wrong is best known while the sender may still have it.
    if let sealed = log.sealed.last { readBack(sealed) }
    return true
  }

  /// Whether there is room for a segment behind this one again.
  private mutating func ceaseDraining() -> Bool {
    let wanted = options.segmentSize + options.minimumFree
    guard log.spare != nil || (try? log.disk.freeSpace(log.folder)) ?? 0 >= wanted else { return false }
    log.isDraining = false
    makeSpare()
    return true
  }

  /// Has the next segment allocated; the inbox hears of it. Where it cannot be, the next segment begins without.
  ///
  /// One at a time: it has one name, and a second one would be the same file, which may be a segment by then.
  mutating func makeSpare() {
    if log.spare != nil || isMakingSpare { return }
    isMakingSpare = true
    let (disk, folder, inbox) = (log.disk, log.folder, inbox)
    let (size, floor) = (options.segmentSize, options.segmentSize + options.minimumFree)
    log.upkeep.submit {
      var spare: Spare?
      if let free = try? disk.freeSpace(folder), free >= floor {
        spare = try? Spare.make(disk, folder, .ahead, size: size)
      }
      if !inbox.put(.spare(spare)), let spare { disk.close(spare.file) }
    }
  }

  mutating func take(_ spare: Spare?) {
    isMakingSpare = false
    guard let spare else { return }
    if log.spare == nil { log.spare = spare } else { log.disk.close(spare.file) }
  }

  // MARK: leases

  var leaseEnd: Int64 { now &+ options.leaseDuration &* 1_000_000 }

  mutating func planExpiries() throws(LogError) {
    for token in state.expired(at: now) where !draft.ends(token) {
      guard let lease = state.held(token) else { continue }
      let record = LogRecord.settled(Settlement(kind: .expired, token: token, sequences: lease.sequences))
      switch try room(Size.record(record), isIntake: false) {
      case .yes:
        draft.beginGroup()
        draft.put(record)
      case .later: return
      case .full:
        // Tried again, but not without a pause.
        state.nextExpiry = now + Limits.clockCheck
        return
      }
    }
  }

  mutating func planLeases() throws(LogError) {
    var waiting: [LeaseRequest] = []
    for request in leaseRequests {
      let size = request.lanes * Size.record(4 + 8 * request.eventsPerLane)
      guard try room(size, isIntake: false) == .yes else {
        waiting.append(request)
        continue
      }
      let found = state.choose(
        lanes: request.lanes, eventsPerLane: request.eventsPerLane, except: state.flows.numbers(of: request.except),
        at: wall)
      if found.isEmpty {
        waiting.append(request)
        continue
      }
      draft.beginGroup()
      chosen.append(self.chosen(found.map { ($0, token: draft.put(.lease($0.sequences))) }, request))
    }
    leaseRequests = waiting
  }

  /// What was chosen, with its events on their way: they are read while the batch is synced.
  private mutating func chosen(_ lanes: [(choice: Chosen, token: UInt64)], _ request: LeaseRequest) -> LeasesChosen {
    let parts = lanes.map { choice, token in
      LeasePart(
        token: token, rows: choice.sequences.compactMap { state.rows[$0]?.leased },
        notes: state.notes[choice.sequences[0], default: []])
    }
    let reading = LeaseReading(parts, request.answer, inbox)
    // By a clock that is moved by hand, one thing happens at a time.
    if clock.runsByItself { read(reading) }
    return LeasesChosen(request: request, lanes: lanes, reading: reading)
  }

  private func read(_ reading: LeaseReading) {
    if !reader.submit({ reading.run(&$0) }) { reading.giveUp() }
  }

  /// What was leased is on disk.
  mutating func handOut() {
    for one in chosen {
      for (_, token) in one.lanes { state.extend(token, until: leaseEnd) }
      one.reading.handOut()
      if !clock.runsByItself { read(one.reading) }
    }
    chosen.removeAll(keepingCapacity: true)
  }
}

extension Settlement {
  init(_ outcome: Outcome, _ token: UInt64, _ sequences: [UInt64]) {
    self.init(kind: .done, token: token, sequences: sequences)
    switch outcome {
    case .done(let reason, _): self.reason = reason
    case .retry(let at, let reason, let counts):
      kind = counts ? .retry : .retryUncounted
      dueAt = at
      self.reason = reason
    case .held(let reason):
      kind = .held
      self.reason = reason
    case .dead(let reason):
      kind = .dead
      self.reason = reason
    }
  }
}
