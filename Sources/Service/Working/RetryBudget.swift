/// How much may be retried at a system: calls of retries are at most a tenth of the last minute's calls to it, and one
/// retry a second is always allowed. So a system that is in trouble is not called more than one that is well. Pure: the
/// time, in milliseconds of a clock that never goes back, is an argument.
struct RetryBudget: Sendable {
  enum Limits {
    /// Of so many calls one may be a retry's.
    static let share = 10
    /// Milliseconds between two retries that are always allowed.
    static let pace: Int64 = 1_000
    /// The furthest that a retry is put off, in milliseconds.
    static let furthest: Int64 = 900_000
  }

  private var calls = LastMinute()
  private var retries = LastMinute()
  private var lastAdmitted: Int64?
  /// Up to when retries have been given a time.
  private var promised: Int64 = .min

  mutating func called(isRetry: Bool, at now: Int64) {
    calls.add(at: now)
    if isRetry { retries.add(at: now) }
  }

  /// Nil: a retry may begin now. Else the milliseconds after which it is to come again: each gets a moment of its own.
  mutating func wait(at now: Int64) -> Int64? {
    let allowed = calls.sum(at: now) / Limits.share
    let isPaced = lastAdmitted.map { now - $0 >= Limits.pace } ?? true
    if isPaced || retries.sum(at: now) < allowed {
      lastAdmitted = now
      return nil
    }
    let pace = min(Limits.pace, LastMinute.length / Int64(max(1, allowed)))
    promised = min(max(promised, now) + pace, now + Limits.furthest)
    return promised - now
  }
}

/// A count of what happened in the last minute, second by second.
struct LastMinute: Sendable {
  static let length: Int64 = 60_000
  private var counts: [60 of Int] = .init(repeating: 0)
  private var second: Int64 = 0
  private var total = 0

  mutating func add(at now: Int64) {
    advance(to: now)
    counts[Int(second % 60)] += 1
    total += 1
  }

  mutating func sum(at now: Int64) -> Int {
    advance(to: now)
    return total
  }

  private mutating func advance(to now: Int64) {
    let current = max(second, now / 1_000)
    for passed in 0..<min(60, current - second) {
      let index = Int((second + 1 + passed) % 60)
      total -= counts[index]
      counts[index] = 0
    }
    // After a longer silence every second was passed, whichever is which.
    second = current
  }
}
