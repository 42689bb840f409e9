import Formats
import Posix

/// The two clocks a queue reads. Order and leases never depend on the wall clock: it is for due times and for how long
/// identities are remembered.
public protocol QueueClock: Sendable {
  /// Nanoseconds; never goes back.
  func monotonic() -> Int64
  func wall() -> Instant
  /// True where a thread may sleep until a time of `monotonic`. A clock that is moved by hand says false, and calls
  /// `wake` whenever it was moved.
  var runsByItself: Bool { get }
  func whenMoved(_ wake: @escaping @Sendable () -> Void)
}

/// The machine's clocks.
public struct MachineClock: QueueClock {
  public init() {}
  public func monotonic() -> Int64 { Clock.monotonicNanoseconds() }
  public func wall() -> Instant {
    let time = Clock.wall()
    return Instant(secondsSince1970: time.seconds, nanoseconds: time.nanoseconds)
  }
  public var runsByItself: Bool { true }
  public func whenMoved(_ wake: @escaping @Sendable () -> Void) {}
}
