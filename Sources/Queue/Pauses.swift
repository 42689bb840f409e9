import Events
import Formats

/// What is paused, and since when.
struct Pauses {
  /// Milliseconds since 1970.
  fileprivate(set) var since: [WorkPart: Int64] = [:]
  fileprivate var lanes: Set<LaneHash> = []
  /// Flows and sources that are kept out of every lease.
  fileprivate(set) var numbers: Set<UInt16> = []

  func contains(_ part: WorkPart) -> Bool { since[part] != nil }

  /// What says all of it anew, in a fixed order.
  var records: [LogRecord] {
    since.sorted { $0.key.description < $1.key.description }.map { .paused($0, isPaused: true, since: $1) }
  }
}

extension QueueState {
  mutating func pause(_ part: WorkPart, _ isPaused: Bool, at time: Int64) {
    pauses.since[part] = isPaused ? pauses.since[part] ?? time : nil
    guard case .lane(let lane) = part else { return renumberPauses() }
    let hash = LaneHash(lane, duplicates.key)
    if isPaused { pauses.lanes.insert(hash) } else { pauses.lanes.remove(hash) }
    guard let number = lanes.known(hash) else { return }
    lanes[number].isPaused = isPaused
    refresh(number)
  }

  /// As they stood; after lanes and flows.
  mutating func restorePauses(_ since: [WorkPart: Int64]) {
    pauses.since = since
    for case .lane(let lane) in since.keys { pauses.lanes.insert(LaneHash(lane, duplicates.key)) }
    renumberPauses()
  }

  private mutating func renumberPauses() {
    pauses.numbers = pauses.since.keys.reduce(into: []) { $0.formUnion(flows.numbers(of: $1)) }
  }

  /// The lane's slot, made where it has none.
  mutating func number(of hash: LaneHash) -> UInt32 {
    let number = lanes.number(of: hash)
    if !pauses.lanes.isEmpty { lanes[number].isPaused = pauses.lanes.contains(hash) }
    return number
  }

  mutating func number(of facts: EventFacts) -> UInt16 {
    let known = flows.count
    let number = facts.flow.map { flows.number(of: $0) } ?? flows.number(of: facts.source)
    if flows.count > known, !pauses.since.isEmpty { renumberPauses() }
    return number
  }

  /// What is paused, in a fixed order.
  func standingPauses() -> [Pause] {
    pauses.since.sorted { $0.key.description < $1.key.description }.map { part, since in
      let leased = leases.values.filter { isIn(part, $0) }.reduce(0) { $0 + $1.sequences.count }
      return Pause(
        part: part, since: Instant(millisecondsSince1970: since), waiting: max(0, pending(in: part) - leased),
        leased: leased)
    }
  }

  private func pending(in part: WorkPart) -> Int {
    if case .lane(let lane) = part {
      return lanes.known(LaneHash(lane, duplicates.key)).map { Int(lanes[$0].count) } ?? 0
    }
    return flows.numbers(of: part).reduce(0) { $0 + flows.pending[Int($1)] }
  }

  private func isIn(_ part: WorkPart, _ lease: HeldLease) -> Bool {
    if case .lane(let lane) = part { return lanes.known(LaneHash(lane, duplicates.key)) == lease.lane }
    return lease.sequences.first.flatMap { rows[$0] }.map { flows.numbers(of: part).contains($0.flow) } ?? false
  }

  /// Events that wait and that a pause holds back; those that two hold back count once.
  func pausedCount() -> UInt64 {
    if pauses.since.isEmpty { return 0 }
    var count = pauses.numbers.reduce(0) { $0 + flows.pending[Int($1)] }
    for hash in pauses.lanes {
      guard let lane = lanes.known(hash), let head = rows[lanes[lane].head] else { continue }
      if !pauses.numbers.contains(head.flow) { count += Int(lanes[lane].count) }
    }
    for lease in leases.values {
      let flow = lease.sequences.first.flatMap { rows[$0] }?.flow
      let isPaused = flow.map(pauses.numbers.contains) ?? false
      if isPaused || lanes[lease.lane].isPaused { count -= lease.sequences.count }
    }
    return UInt64(max(0, count))
  }
}
