/// Deadlines of many connections, cheaply: a ring of slots, each a fraction of a second wide.
///
/// A timer is a number (what it means is the owner's business) and a tick. Adding is O(1) and allocates nothing once the
/// slots have grown. There is no removal: whoever is told of a timer looks whether it still matters, and adds it again
/// where the deadline has moved. So a connection that sets a later deadline on every request touches the wheel once a
/// second, not once a request.
struct TimerWheel {
  /// 2^26 ns, about 67 ms: precise enough for deadlines of seconds.
  private static let tickShift: Int64 = 26
  private static let slotCount: Int64 = 512

  private struct Timer {
    let tick: Int64
    let token: UInt64
  }

  private var slots = [[Timer]](repeating: [], count: Int(slotCount))
  private var current: Int64
  private var count = 0
  /// The earliest tick that has a timer, or later than all of them: `.max` when there is none.
  private var next = Int64.max

  init(now: Int64) { current = Self.tick(at: now) }

  /// The tick that has passed entirely at `nanoseconds`.
  private static func tick(at nanoseconds: Int64) -> Int64 { nanoseconds >> tickShift }

  /// The first tick that is not before the deadline: a timer is never early.
  static func tick(for deadline: Int64) -> Int64 { tick(at: deadline) + 1 }

  mutating func add(_ token: UInt64, tick: Int64) {
    // Where nothing was due, `current` stands still: it only has to lie behind every timer.
    let tick = max(tick, current + 1)
    slots[Int(tick & (Self.slotCount - 1))].append(Timer(tick: tick, token: token))
    count += 1
    if tick < next { next = tick }
  }

  /// True where `advance` would have something to do.
  @inline(__always)
  func isDue(at now: Int64) -> Bool { Self.tick(at: now) >= next }

  /// Moves on to `now`; the timers that came due, in the order of their ticks.
  mutating func advance(to now: Int64) -> [UInt64] {
    let target = Self.tick(at: now)
    guard target > current else { return [] }
    var due: [UInt64] = []
    if target >= next {
      // One whole turn looks at every slot, so a long leap needs no more than that.
      for tick in max(next, target - Self.slotCount + 1)...target { take(from: tick, upTo: target, into: &due) }
    }
    current = target
    if target >= next { findNext() }
    return due
  }

  /// Milliseconds until the next timer may be due, at least 0; -1 when there is none: what epoll_wait(2) takes.
  func millisecondsToNext(from now: Int64) -> Int32 {
    guard next != .max else { return -1 }
    let nanoseconds = (next << Self.tickShift) - now
    return Int32(clamping: max(0, (nanoseconds + 999_999) / 1_000_000))
  }

  private mutating func take(from tick: Int64, upTo target: Int64, into due: inout [UInt64]) {
    let slot = Int(tick & (Self.slotCount - 1))
    guard !slots[slot].isEmpty else { return }
    // Timers of a later turn share the slot and stay.
    let before = slots[slot].count
    slots[slot].removeAll { timer in
      guard timer.tick <= target else { return false }
      due.append(timer.token)
      return true
    }
    count -= before - slots[slot].count
  }

  private mutating func findNext() {
    next = .max
    guard count > 0 else { return }
    for offset in 1...Self.slotCount {
      let slot = slots[Int((current + offset) & (Self.slotCount - 1))]
      for timer in slot where timer.tick < next { next = timer.tick }
      if next <= current + offset { return }
    }
  }
}
