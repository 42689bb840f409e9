// The order of events in their lanes, and which lane is next.

/// What `choose` found: a lane whose first events are to be leased.
struct Chosen {
  let lane: UInt32
  let sequences: [UInt64]
}

/// Whose turn it is while interactive and bulk lanes wait.
struct Turns {
  /// Bulk lanes that are leased, or chosen to be.
  var bulkOut = 0
  /// Interactive lanes that were chosen since the last bulk one.
  private var inARow = 0

  mutating func next(
    except: Set<UInt16>, _ interactive: inout ReadyLanes, _ bulk: inout ReadyLanes, in lanes: LaneTable
  ) -> UInt32? {
    let mayBulk = bulkOut < Priorities.bulkLeases
    if mayBulk, inARow >= Priorities.share - 1, let lane = bulk.pop(except: except, in: lanes) {
      inARow = 0
      return lane
    }
    if let lane = interactive.pop(except: except, in: lanes) {
      inARow = min(inARow + 1, Priorities.share)
      return lane
    }
    guard mayBulk, let lane = bulk.pop(except: except, in: lanes) else { return nil }
    inARow = 0
    return lane
  }
}

extension QueueState {
  /// The lanes that have waited longest of those whose turn it is, each with its first events of one flow. They are kept
  /// out of the next choice until the lease is applied, or taken back.
  mutating func choose(lanes limit: Int, eventsPerLane: Int, except: Set<UInt16>, at now: Int64) -> [Chosen] {
    promote(at: now)
    let except = pauses.numbers.isEmpty ? except : except.union(pauses.numbers)
    var chosen: [Chosen] = []
    if let suspect = chooseSuspect(except: except) { chosen.append(suspect) }
    while chosen.count < limit {
      guard let lane = turns.next(except: except, &interactive, &bulk, in: lanes) else { break }
      var sequences: [UInt64] = []
      var next = lanes[lane].head
      let flow = rows[next]?.flow
      while sequences.count < max(1, eventsPerLane), let row = rows[next], row.flow == flow, !row.isSuspect {
        sequences.append(next)
        next = row.next
      }
      reserve(lane)
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
    reserve(entry.lane)
    return Chosen(lane: entry.lane, sequences: [lanes[entry.lane].head])
  }

  private mutating func reserve(_ lane: UInt32) {
    lanes[lane].isReserved = true
    lanes[lane].stamp = 0
    lanes[lane].isOutAsBulk = lanes[lane].isBulk
    if lanes[lane].isBulk { turns.bulkOut += 1 }
  }

  /// Nobody works in the lane any more.
  mutating func comeBack(_ lane: UInt32) {
    if lanes[lane].isOutAsBulk { turns.bulkOut -= 1 }
    lanes[lane].isOutAsBulk = false
    lanes[lane].isLeased = false
  }

  mutating func takeBack(_ chosen: [Chosen]) {
    for choice in chosen {
      if rows[choice.sequences[0]]?.isSuspect == true { suspects.giveBack() }
      lanes[choice.lane].isReserved = false
      comeBack(choice.lane)
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
      stamp(entry.lane)
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
    if slot.isLeased || slot.isReserved || slot.isPaused { return }
    stamp(lane)
    enlist(lane)
  }

  private mutating func stamp(_ lane: UInt32) {
    if lastStamp == .max { renumber() }
    lastStamp += 1
    lanes[lane].stamp = lastStamp
  }

  /// There are no more stamps: they begin anew.
  private mutating func renumber() {
    for (place, lane) in lanes.stamped().enumerated() { lanes[lane].stamp = UInt32(place + 1) }
    listAll()
  }

  /// Puts every lane that has a stamp where it belongs, and nothing else.
  mutating func listAll() {
    (interactive, bulk, timers) = (ReadyLanes(), ReadyLanes(), LaneTimers())
    suspects.removeEntries()
    let stamped = lanes.stamped()
    for lane in stamped { enlist(lane) }
    lastStamp = stamped.last.map { lanes[$0].stamp } ?? 0
  }

  private mutating func enlist(_ lane: UInt32) {
    let slot = lanes[lane]
    // One whose time has come is found due at once.
    if rows[slot.head]?.state == .retrying {
      timers.push(LaneTimers.Entry(dueAt: slot.dueAt, lane: lane, stamp: slot.stamp))
    } else {
      list(lane)
    }
  }

  private mutating func list(_ lane: UInt32) {
    let slot = lanes[lane]
    let entry = ReadyLanes.Entry(lane: lane, stamp: slot.stamp)
    let head = rows[slot.head]
    if head?.isSuspect == true { return suspects.add(entry) }
    let flow = head?.flow ?? 0
    if slot.isBulk { bulk.push(entry, flow: flow) } else { interactive.push(entry, flow: flow) }
  }

  /// Puts an event behind all others of its lane.
  mutating func append(_ sequence: UInt64, to lane: UInt32, isBulk: Bool) {
    let tail = lanes[lane].tail
    if lanes[lane].head == 0 { lanes[lane].head = sequence } else { rows.update(tail) { $0.next = sequence } }
    lanes[lane].tail = sequence
    lanes[lane].count += 1
    if !isBulk { lanes[lane].interactive += 1 }
  }

  /// Takes events out of their lane's queue.
  mutating func remove(_ sequences: [UInt64], from lane: UInt32) {
    var left = sequences.count
    var before: UInt64 = 0
    var next = lanes[lane].head
    while next != 0, left > 0, let row = rows[next] {
      if sequences.contains(next) {
        left -= 1
        lanes[lane].count -= 1
        if !row.isBulk { lanes[lane].interactive -= 1 }
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
    let isBulk = rows[sequence]?.isBulk == true
    if lanes[lane].tail < sequence || lanes[lane].head == 0 { return append(sequence, to: lane, isBulk: isBulk) }
    lanes[lane].count += 1
    if !isBulk { lanes[lane].interactive += 1 }
    var before: UInt64 = 0
    var next = lanes[lane].head
    while next != 0, next < sequence {
      before = next
      next = rows[next]?.next ?? 0
    }
    rows.update(sequence) { $0.next = next }
    if before == 0 { lanes[lane].head = sequence } else { rows.update(before) { $0.next = sequence } }
  }
}
