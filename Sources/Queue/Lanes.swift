import Events

/// 128 bits of a lane's keyed hash: lanes are told apart by it, so that their names need no memory.
struct LaneHash: Hashable {
  let high, low: UInt64
}

/// One lane that has something waiting, with a worker, or put aside.
struct LaneSlot {
  var hash: LaneHash
  /// The queue: sequences of the first and the last, linked by the rows; 0: nothing waits.
  var head: UInt64 = 0
  var tail: UInt64 = 0
  /// When its head is due again, while that is retrying; milliseconds since 1970.
  var dueAt: Int64 = 0
  /// Events in its queue, and how many of them are not bulk: one is enough for the lane not to be.
  var count: UInt32 = 0
  var interactive: UInt32 = 0
  /// Held and dead events: they may come back.
  var parked: UInt32 = 0
  /// Which entry of a ready queue or of the timers is this lane's; others are stale. 0: none.
  var stamp: UInt32 = 0
  var isLeased = false
  /// Chosen for a lease that is being written.
  var isReserved = false
  /// Its lease, or what it is chosen for, counts as bulk.
  var isOutAsBulk = false
  var isPaused = false

  var isBulk: Bool { interactive == 0 }

  /// Nothing is left in the lane.
  var isEmpty: Bool { head == 0 && parked == 0 && !isLeased && !isReserved }
}

/// Lanes of one priority that can be leased now, first come first served, apart by flow so that a paused flow costs
/// nothing.
struct ReadyLanes {
  struct Entry {
    let lane: UInt32
    let stamp: UInt32
  }

  /// In chunks, so that a long one is neither copied as it grows nor kept as it shrinks.
  private struct Line {
    static let chunkSize = 1024
    var chunks: [[Entry]] = []
    /// Those before it of the first chunk are gone.
    var first = 0

    var front: Entry? { chunks.first.flatMap { first < $0.count ? $0[first] : nil } }

    mutating func append(_ entry: Entry) {
      if chunks.last.map({ $0.count == Self.chunkSize }) ?? true {
        chunks.append([])
        chunks[chunks.count - 1].reserveCapacity(Self.chunkSize)
      }
      chunks[chunks.count - 1].append(entry)
    }

    mutating func pop() {
      first += 1
      guard first == chunks[0].count else { return }
      first = 0
      if chunks.count == 1 { chunks[0].removeAll(keepingCapacity: true) } else { chunks.removeFirst() }
    }
  }

  private var lines: [Line] = []

  mutating func push(_ entry: Entry, flow: UInt16) {
    while lines.count <= Int(flow) { lines.append(Line()) }
    lines[Int(flow)].append(entry)
  }

  /// The lane that has been ready for longest of all flows but some; stale entries on the way are dropped.
  mutating func pop(except: Set<UInt16>, in lanes: LaneTable) -> UInt32? {
    var best: Int?
    for index in lines.indices where !except.contains(UInt16(index)) {
      while let front = lines[index].front, lanes[front.lane].stamp != front.stamp { lines[index].pop() }
      guard let front = lines[index].front else { continue }
      if let known = best, let other = lines[known].front, other.stamp < front.stamp { continue }
      best = index
    }
    guard let best, let front = lines[best].front else { return nil }
    lines[best].pop()
    return front.lane
  }
}

/// A heap of lanes by the time they are due.
struct LaneTimers {
  struct Entry {
    let dueAt: Int64
    let lane: UInt32
    let stamp: UInt32
  }

  private var heap: [Entry] = []

  var first: Entry? { heap.first }

  mutating func push(_ entry: Entry) {
    heap.append(entry)
    var index = heap.count - 1
    while index > 0, heap[index].dueAt < heap[(index - 1) / 2].dueAt {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  mutating func pop() {
    guard let last = heap.popLast(), !heap.isEmpty else { return }
    heap[0] = last
    var index = 0
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2] where child < heap.count && heap[child].dueAt < heap[least].dueAt {
        least = child
      }
      if least == index { return }
      heap.swapAt(index, least)
      index = least
    }
  }
}
