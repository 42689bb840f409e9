/// Lanes that begin with an event that may have ended the process, and which of them is being tried.
///
/// When a process ends, everything that it had leased may be why, and most of it is not. So each is tried once more with
/// no other suspect beside it; what the next death then counts against is one event, not all that happened to be there.
struct Suspects {
  private var entries: [ReadyLanes.Entry] = []
  /// The lease that the suspect is under; 0: none.
  private(set) var token: UInt64 = 0
  /// Chosen for a lease that is being written.
  private var isReserved = false

  mutating func add(_ entry: ReadyLanes.Entry) { entries.append(entry) }

  mutating func removeEntries() { entries = [] }

  /// None while one of them is out.
  mutating func waiting(in lanes: LaneTable) -> [ReadyLanes.Entry] {
    guard !entries.isEmpty, token == 0, !isReserved else { return [] }
    entries.removeAll { lanes[$0.lane].stamp != $0.stamp }
    return entries
  }

  mutating func reserve() { isReserved = true }

  mutating func giveBack() { isReserved = false }

  mutating func begin(_ lease: UInt64) {
    token = lease
    isReserved = false
  }

  mutating func end(_ lease: UInt64) {
    if token == lease { token = 0 }
  }

  mutating func endAll() {
    token = 0
    isReserved = false
  }

  func isOut(_ lease: UInt64) -> Bool { token == lease && lease != 0 }
}
