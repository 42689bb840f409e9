import Events

// Changes by a filter: what matches is read first, then changed with one record.

extension FileQueue {
  /// What a change is for.
  struct Matching {
    /// Ascending.
    var sequences: [UInt64] = []
    /// Of those that are done or dropped.
    var lanes: [UInt64: Lane] = [:]
  }

  func matching(_ filter: Filter, _ open: Set<EventState>) async throws(QueueError) -> Matching {
    var filter = filter
    filter.states = filter.states.isEmpty ? open : filter.states.intersection(open)
    var matching = Matching()
    if filter.states.isEmpty { return matching }
    try await forEach(filter) { entry in
      if entry.isErased { return }
      matching.sequences.append(entry.sequence)
      if entry.state == .done || entry.state == .dropped { matching.lanes[entry.sequence] = entry.event.lane }
    }
    return matching
  }

  func retry(_ filter: Filter, _ retry: Retry) async throws(QueueError) -> Int {
    let settled: Set<EventState> = retry.replays ? [.done, .dropped] : []
    var matching = try await matching(filter, settled.union([.held, .dead, .retrying]))
    if !retry.isForced { try await leaveOutOvertaken(&matching) }
    let isBulk = retry.over > 0 || matching.sequences.count > Priorities.fewRetries
    var count = 0
    for part in Self.parts(matching.sequences) {
      let lanes = matching.lanes.isEmpty ? [:] : matching.lanes.filter { part[0] <= $0.key && $0.key <= part.last ?? 0 }
      let request = RetryRequest(retry: retry, sequences: part, lanes: lanes, isBulk: isBulk)
      count += try await ask { .retry(request, $0) }
    }
    return count
  }

  /// What was done or dropped would come after a later event of its lane that is done.
  private func leaveOutOvertaken(_ matching: inout Matching) async throws(QueueError) {
    guard let first = matching.lanes.keys.min() else { return }
    var last: [Lane: UInt64] = [:]
    for lane in matching.lanes.values { last[lane] = 0 }
    try await forEach(Filter(states: [.done]), after: first) { entry in
      if last[entry.event.lane] != nil { last[entry.event.lane] = entry.sequence }
    }
    let lanes = matching.lanes
    matching.sequences.removeAll { sequence in
      guard let lane = lanes[sequence], let done = last[lane] else { return false }
      return done > sequence
    }
    matching.lanes = lanes.filter { last[$0.value, default: 0] <= $0.key }
  }

  private func forEach(
    _ filter: Filter, after: UInt64? = nil, _ take: (Entry) -> Void
  ) async throws(QueueError) {
    var last = after
    while true {
      let page = try await list(filter, after: last, limit: Limits.readPart)
      for entry in page { take(entry) }
      guard let end = page.last else { return }
      last = end.sequence
    }
  }

  static func parts(_ sequences: [UInt64]) -> [[UInt64]] {
    stride(from: 0, to: sequences.count, by: Limits.changePart).map {
      Array(sequences[$0..<min($0 + Limits.changePart, sequences.count)])
    }
  }
}
