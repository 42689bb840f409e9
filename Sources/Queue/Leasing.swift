// Leases: from the record that starts one to the record that ends it.

extension QueueState {
  mutating func startLease(_ token: UInt64, _ sequences: [UInt64]) {
    let present = sequences.filter { rows[$0]?.state.isPending == true }
    guard let first = present.first, let lane = rows[first]?.lane else { return }
    for sequence in present {
      setState(sequence, .leased)
      rows.update(sequence) { $0.attempts = $0.leased.attempts }
    }
    lanes[lane].isReserved = false
    lanes[lane].isLeased = true
    leases[token] = HeldLease(lane: lane, sequences: sequences)
    if present.contains(where: { rows[$0]?.isSuspect == true }) { suspects.begin(token) }
    refresh(lane)
  }

  /// The lease of the token, unless it has ended.
  func held(_ token: UInt64) -> HeldLease? { leases[token] }

  mutating func extend(_ token: UInt64, until end: Int64) {
    leases[token]?.endsAt = end
    nextExpiry = min(nextExpiry, end)
  }

  /// Leases whose time is over.
  mutating func expired(at now: Int64) -> [UInt64] {
    guard now >= nextExpiry else { return [] }
    nextExpiry = leases.values.lazy.map(\.endsAt).min() ?? .max
    return leases.lazy.filter { $0.value.endsAt <= now }.map { $0.key }.sorted()
  }

  mutating func settle(_ settlement: Settlement, at time: Int64, _ place: Place) {
    let lease = leases.removeValue(forKey: settlement.token)
    if let lease { comeBack(lease.lane) }
    suspects.end(settlement.token)
    // A log with damage may lack events or the lease: what is there is settled.
    let present = settlement.sequences.filter { rows[$0]?.state.isPending == true }
    guard let first = present.first, let lane = rows[first]?.lane else {
      // All of it was erased meanwhile.
      if let lease { refresh(lease.lane) }
      return
    }
    if settlement.kind != .expired { for sequence in present { acquit(sequence) } }
    switch settlement.kind {
    case .done: leave(present, lane, .done, place)
    case .held: leave(present, lane, .held, place)
    case .dead: leave(present, lane, .dead, place)
    case .retry, .retryUncounted:
      let due = settlement.dueAt?.millisecondsSince1970 ?? 0
      for sequence in present {
        if settlement.kind == .retryUncounted { uncount(sequence) } else { charge(sequence, due &- time) }
        finish(sequence, .retrying, place)
      }
      lanes[lane].dueAt = due
    case .expired: for sequence in present { setState(sequence, .queued) }
    }
    refresh(lane)
  }

  private mutating func leave(_ sequences: [UInt64], _ lane: UInt32, _ state: RowState, _ place: Place) {
    remove(sequences, from: lane)
    for sequence in sequences { finish(sequence, state, place) }
    if state != .done { lanes[lane].parked += UInt32(sequences.count) }
  }

  /// It was worked on and the process lived. What it waited for is over.
  private mutating func acquit(_ sequence: UInt64) {
    rows.update(sequence) {
      $0.deaths = 0
      $0.marks.remove([.suspect, .charged])
    }
  }

  /// Its own failure makes the event wait.
  private mutating func charge(_ sequence: UInt64, _ milliseconds: Int64) {
    rows.update(sequence) {
      $0.waited = UInt32(clamping: Int64($0.waited) + max(0, milliseconds))
      $0.marks.insert(.charged)
    }
  }

  /// It does not wait as long as it was to.
  mutating func refund(_ sequence: UInt64, _ milliseconds: Int64) {
    rows.update(sequence) {
      guard $0.marks.contains(.charged) else { return }
      $0.waited = UInt32(clamping: Int64($0.waited) - max(0, milliseconds))
      $0.marks.remove(.charged)
    }
  }

  /// The process began or ended: nobody holds a lease any more.
  ///
  /// A death counts against the event that was leased alone, or as the one suspect among others: only of these it may be
  /// said. All others that were leased are suspects from now on, leased one at a time until they prove harmless. What a
  /// death counts against waits before it is tried again, the second time for longer than a process that is killed from
  /// outside, again and again, is likely to live: that is not to be blamed on an event that does no harm.
  mutating func endLeases(deathsAllowed: UInt32?, at time: Int64, _ place: Place) {
    let isAlone = leases.values.reduce(0) { $0 + $1.sequences.count } == 1
    for (token, lease) in leases.sorted(by: { $0.key < $1.key }) {
      comeBack(lease.lane)
      for sequence in lease.sequences where rows[sequence]?.state == .leased {
        guard let deathsAllowed else {
          uncount(sequence)
          setState(sequence, .queued)
          continue
        }
        let deaths = count(sequence, isBlamed: isAlone || suspects.isOut(token))
        if deaths >= deathsAllowed {
          leave([sequence], lease.lane, .dead, place)
        } else if deaths > 0, suspectDelay > 0 {
          setState(sequence, .retrying)
          lanes[lease.lane].dueAt = time &+ suspectDelay &* (deaths == 1 ? 1 : Limits.secondSuspicion)
        } else {
          setState(sequence, .queued)
        }
      }
      refresh(lease.lane)
    }
    leases = [:]
    suspects.endAll()
  }

  /// The deaths of the process that count against an event, this one included.
  private mutating func count(_ sequence: UInt64, isBlamed: Bool) -> UInt32 {
    rows.update(sequence) {
      $0.marks.insert(.suspect)
      if isBlamed, $0.deaths < .max { $0.deaths += 1 }
    }
    return UInt32(rows[sequence]?.deaths ?? 0)
  }

  private mutating func uncount(_ sequence: UInt64) {
    rows.update(sequence) { $0.attempts = $0.attempts == 0 ? 0 : $0.attempts - 1 }
  }
}
