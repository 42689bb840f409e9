import Formats
import Posix
import Queue

/// Two clocks that move only when a test moves them.
public final class ManualClock: QueueClock {
  private struct Hands {
    var monotonic: Int64 = 1_000_000_000
    var wall: Instant
    var wakes: [@Sendable () -> Void] = []
  }

  private let hands: Lock<Hands>

  /// 2026-11-24T00:00:00Z by default.
  public init(wall: Instant = Instant(secondsSince1970: 1_795_478_400)) {
    hands = Lock(Hands(wall: wall))
  }

  public func monotonic() -> Int64 { hands.withLock { $0.monotonic } }
  public func wall() -> Instant { hands.withLock { $0.wall } }
  public var runsByItself: Bool { false }

  public func whenMoved(_ wake: @escaping @Sendable () -> Void) { hands.withLock { $0.wakes.append(wake) } }

  /// Moves both clocks, and wakes whoever asked.
  public func advance(milliseconds: Int64) {
    let wakes = hands.withLock { hands in
      hands.monotonic += milliseconds * 1_000_000
      hands.wall = hands.wall.adding(milliseconds: milliseconds)
      return hands.wakes
    }
    for wake in wakes { wake() }
  }

  /// Somebody set the wall clock.
  public func set(wall: Instant) {
    let wakes = hands.withLock { hands in
      hands.wall = wall
      return hands.wakes
    }
    for wake in wakes { wake() }
  }
}
