import Events
import Formats
import Queue

/// When a failed event is tried again, and when it is given up. Pure: the time and the dice are arguments.
///
/// Exponential with full jitter: a random moment between now and `base · 2ⁿ`, at most `cap`. What the system asked for
/// (`Retry-After`) is a lower bound.
public struct RetryPolicy: Sendable {
  /// Milliseconds.
  public var base: Int64 = 1_000
  /// Milliseconds.
  public var cap: Int64 = 15 * 60 * 1_000
  /// Seconds that an event's own failures make it wait, taken together, before it is given up. What it waits behind
  /// others, while it is paused, or while a system is down does not count.
  public var window: Int64 = 72 * 3_600

  public init() {}

  /// - Parameters:
  ///   - attempt: the event's own, from 1.
  ///   - streak: calls in a row that the destination failed, from 1; used where the destination is at fault.
  ///   - waited: milliseconds that the event's own failures made it wait so far.
  ///   - dice: a random number in the range.
  public func outcome(
    of failure: Failure, attempt: Int, streak: Int, waited: Int64, now: Instant,
    dice: (ClosedRange<Int64>) -> Int64
  ) -> Outcome {
    switch failure {
    case .never(let reason): return .dead(reason)
    case .held(let reason): return .held(reason)
    case .unknown(let reason): return again(after: nil, attempt, reason, waited, now, dice)
    case .later(let after, .event, let reason): return again(after: after, attempt, reason, waited, now, dice)
    case .later(let after, .destination, let reason):
      let at = now.adding(milliseconds: delay(streak, atLeast: after, dice))
      return .retry(at: at, reason, counts: false)
    }
  }

  private func again(
    after: Int64?, _ attempt: Int, _ reason: Reason, _ waited: Int64, _ now: Instant,
    _ dice: (ClosedRange<Int64>) -> Int64
  ) -> Outcome {
    let left = window * 1_000 - waited
    if left <= 0 { return .dead(reason) }
    let delay = min(delay(attempt, atLeast: after, dice), left)
    return .retry(at: now.adding(milliseconds: delay), reason, counts: true)
  }

  private func delay(_ attempt: Int, atLeast after: Int64?, _ dice: (ClosedRange<Int64>) -> Int64) -> Int64 {
    let doublings = min(max(attempt - 1, 0), 30)
    let ceiling = min(cap, base << Int64(doublings))
    return max((after ?? 0) * 1_000, dice(0...ceiling))
  }
}
