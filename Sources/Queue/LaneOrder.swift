// The order of events in their lanes, and which lane is next.

/// What `choose` found: a lane whose first events are to be leased.
struct Chosen {
  let lane: UInt32
  let sequences: [UInt64]
}

extension QueueState {
  /// The lanes that have waited longest, each with its first events of one flow. They are kept out of the next choice
  /// until the lease is applied, or taken back.
  mutating func choose(lanes limit: Int, eventsPerLane: Int, except: Set<UInt16>, at now: Int64) -> [Chosen] {
    promote(at: now)
    var chosen: [Chosen] = []
    if let suspect = chooseSuspect(except: except) { chosen.append(suspect) }
    while chosen.count < limit {
      guard let lane = ready.pop(except: except, in: lanes) else { break }
      var sequences: [UInt64] = []
      var next = lanes[lane].head
      let flow = rows[next]?.flow
      while sequences.count < max(1, eventsPerLane), let row = rows[next], row.flow == flow, !row.isSuspect {
        sequences.append(next)
        next = row.next
      }
      lanes[lane].isReserved = true
      lanes[lane].stamp = 0
      chosen.append(Chosen(lane: lane, sequences: sequences))
    }
    return chosen
  }

  /// At most one suspect is out at a time, alone in its lease; first the one that least can be said of.
  private mutating func chooseSuspect(except: Set<UInt16>) -> Chosen? {
    let waiting = suspects.waiting(in: lanes)
    let allowed = waiting.filter { entry in
      rows[lanes[entry.lane].head].map { !except.contains($0.flow) } ?? false
    }
    func deaths(_ entry: ReadyLanes.Entry) -> UInt8 { rows[lanes[entry.lane].head]?.deaths ?? 0 }
    guard let entry = allowed.min(by: { (deaths($0), $0.stamp) < (deaths($1), $1.stamp) }) else { return nil }
    suspects.reserve()
    lanes[entry.lane].isReserved = true
    lanes[entry.lane].stamp = 0
    return Chosen(lane: entry.lane, sequences: [lanes[entry.lane].head])
  }

  mutating func takeBack(_ chosen: [Chosen]) {
    for choice in chosen {
      if rows[choice.sequences[0]]?.isSuspect == true { suspects.giveBack() }
      lanes[choice.lane].isReserved = false
      refresh(choice.lane)
    }
  }

  /// When the next lane becomes due; milliseconds since 1970.
  mutating func nextDue() -> Int64? {
    dropStaleTimers()
    return timers.first?.dueAt
  }

  /// Moves lanes whose time has come to those that are ready.
  private mutating func promote(at now: Int64) {
    while true {
      dropStaleTimers()
      guard let entry = timers.first, entry.dueAt <= now else { return }
      timers.pop()
      list(entry.lane)
    }
  }

  private mutating func dropStaleTimers() {
    while let entry = timers.first, lanes[entry.lane].stamp != entry.stamp { timers.pop() }
  }

  /// Puts the lane where it now belongs: among the ready, the timers, the leased or the empty.
  mutating func refresh(_ lane: UInt32) {
    let slot = lanes[lane]
    lanes[lane].stamp = 0
    if slot.head == 0 { return lanes.releaseIfEmpty(lane) }
    if slot.token != 0 || slot.isReserved { return }
    if rows[slot.head]?.state == .retrying {
      lastStamp += 1
      lanes[lane].stamp = lastStamp
      timers.push(LaneTimers.Entry(dueAt: slot.dueAt, lane: lane, stamp: lastStamp))
    } else {
      list(lane)
    }
  }

  private mutating func list(_ lane: UInt32) {
    lastStamp += 1
    lanes[lane].stamp = lastStamp
    let entry = ReadyLanes.Entry(lane: lane, stamp: lastStamp)
    let head = rows[lanes[lane].head]
    if head?.isSuspect == true { suspects.add(entry) } else { ready.push(entry, flow: head?.flow ?? 0) }
  }

  /// Takes events out of their lane's queue.
  mutating func remove(_ sequences: [UInt64], from lane: UInt32) {
    var left = sequences.count
    var before: UInt64 = 0
    var next = lanes[lane].head
    while next != 0, left > 0, let row = rows[next] {
      if sequences.contains(next) {
        left -= 1
        if before == 0 { lanes[lane].head = row.next } else { rows.update(before) { $0.next = row.next } }
        if row.next == 0 { lanes[lane].tail = before }
        rows.update(next) { $0.next = 0 }
      } else {
        before = next
      }
      next = row.next
    }
  }

  /// Puts an event back into its lane's queue, where its sequence says.
  mutating func insert(_ sequence: UInt64, into lane: UInt32) {
    var before: UInt64 = 0
    var next = lanes[lane].head
    while next != 0, next < sequence {
      before = next
      next = rows[next]?.next ?? 0
    }
    rows.update(sequence) { $0.next = next }
    if before == 0 { lanes[lane].head = sequence } else { rows.update(before) { $0.next = sequence } }
    if next == 0 { lanes[lane].tail = sequence }
  }
}
