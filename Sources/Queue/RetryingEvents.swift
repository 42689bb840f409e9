import Events

// What a person wants tried again.

extension QueueState {
  /// Whether a retry would change the event.
  func isRetryable(_ sequence: UInt64, replays: Bool) -> Bool {
    switch rows[sequence]?.state {
    case .held, .dead, .retrying: true
    case .done, .dropped: replays
    case .queued, .leased, nil: false
    }
  }

  mutating func retry(_ retrying: Retrying, _ place: Place) {
    for (index, sequence) in retrying.sequences.enumerated() {
      guard let row = rows[sequence] else { continue }
      var lane = row.lane
      switch row.state {
      case .held, .dead: lanes[lane].parked -= 1
      case .retrying: remove([sequence], from: lane)
      case .done, .dropped:
        guard let left = retrying.lanes[sequence] else { continue }
        lane = number(of: LaneHash(left, duplicates.key))
        rows.update(sequence) { $0.lane = lane }
      case .queued, .leased: continue
      }
      restart(sequence, isBulk: retrying.isBulk)
      insert(sequence, into: lane)
      // In a lane where something else waits it would hold that up.
      let waits = retrying.over > 0 && lanes[lane].count == 1
      finish(sequence, waits ? .retrying : .queued, place)
      if waits { lanes[lane].dueAt = retrying.due(at: index) }
      refresh(lane)
    }
  }

  private mutating func restart(_ sequence: UInt64, isBulk: Bool) {
    setState(sequence, .queued)
    rows.update(sequence) {
      $0.attempts = 0
      $0.deaths = 0
      $0.waited = 0
      $0.marks.remove([.suspect, .charged])
      $0.marks.set(.bulk, isBulk)
    }
  }
}
