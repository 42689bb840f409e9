// Erasing: what a person wants gone is gone from every segment, and the log still holds together.

extension QueueState {
  /// What waits for work or for a person is dropped by it; what is settled stays so. Its identity stays known.
  mutating func erase(_ sequence: UInt64, _ place: Place) {
    guard let row = rows[sequence] else { return }
    notes[sequence] = nil
    switch row.state {
    case .queued, .leased, .retrying:
      remove([sequence], from: row.lane)
      finish(sequence, .dropped, place)
      refresh(row.lane)
    case .held, .dead:
      lanes[row.lane].parked -= 1
      finish(sequence, .dropped, place)
      refresh(row.lane)
    case .done, .dropped: rows.update(sequence) { $0.reason = place }
    }
  }
}
