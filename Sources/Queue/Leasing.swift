// Leases: from the record that starts one to the record that ends it.

extension QueueState {
  mutating func startLease(_ token: UInt64, _ sequences: [UInt64]) {
    let present = sequences.filter { rows[$0]?.state.isPending == true }
    guard let first = present.first, let lane = rows[first]?.lane else { return }
    for sequence in present {
      setState(sequence, .leased)
      rows.update(sequence) { $0.attempts = $0.attempts == .max ? .max : $0.attempts + 1 }
    }
    lanes[lane].isReserved = false
    lanes[lane].token = token
    leases[token] = HeldLease(lane: lane, sequences: sequences)
    refresh(lane)
  }

  /// The lease of the token, unless it has ended.
  func held(_ token: UInt64) -> HeldLease? { leases[token] }

  mutating func extend(_ token: UInt64, until end: Int64) { leases[token]?.endsAt = end }

  func expired(at now: Int64) -> [UInt64] {
    leases.lazy.filter { $0.value.endsAt <= now }.map { $0.key }.sorted()
  }

  func nextExpiry() -> Int64? { leases.values.lazy.map(\.endsAt).min() }

  mutating func settle(_ settlement: Settlement, _ place: Place) {
    leases[settlement.token] = nil
    // A log with damage may lack events or the lease: what is there is settled.
    let present = settlement.sequences.filter { rows[$0]?.state.isPending == true }
    guard let first = present.first, let lane = rows[first]?.lane else { return }
    if lanes[lane].token == settlement.token { lanes[lane].token = 0 }
    if settlement.kind != .expired { for sequence in present { rows.update(sequence) { $0.deaths = 0 } } }
    switch settlement.kind {
    case .done: leave(present, lane, .done, place)
    case .held: leave(present, lane, .held, place)
    case .dead: leave(present, lane, .dead, place)
    case .retry, .retryUncounted:
      for sequence in present {
        if settlement.kind == .retryUncounted { uncount(sequence) }
        finish(sequence, .retrying, place)
      }
      lanes[lane].dueAt = settlement.dueAt?.millisecondsSince1970 ?? 0
    case .expired: for sequence in present { setState(sequence, .queued) }
    }
    refresh(lane)
  }

  private mutating func leave(_ sequences: [UInt64], _ lane: UInt32, _ state: RowState, _ place: Place) {
    remove(sequences, from: lane)
    for sequence in sequences { finish(sequence, state, place) }
    if state != .done { lanes[lane].parked += UInt32(sequences.count) }
  }

  /// The process began or ended: nobody holds a lease any more.
  mutating func endLeases(deathsAllowed: UInt32?, _ place: Place) {
    for (_, lease) in leases.sorted(by: { $0.key < $1.key }) {
      lanes[lease.lane].token = 0
      for sequence in lease.sequences {
        guard let row = rows[sequence], row.state == .leased else { continue }
        guard let deathsAllowed else {
          uncount(sequence)
          setState(sequence, .queued)
          continue
        }
        let deaths = row.deaths == .max ? .max : row.deaths + 1
        rows.update(sequence) { $0.deaths = deaths }
        if UInt32(deaths) >= deathsAllowed {
          leave([sequence], lease.lane, .dead, place)
        } else {
          setState(sequence, .queued)
        }
      }
      refresh(lease.lane)
    }
    leases = [:]
  }

  private mutating func uncount(_ sequence: UInt64) {
    rows.update(sequence) { $0.attempts = $0.attempts == 0 ? 0 : $0.attempts - 1 }
  }
}
