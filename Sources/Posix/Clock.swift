import Glibc

/// Reading the machine's two clocks.
public enum Clock {
  /// Nanoseconds since some moment before the program began; never goes back, stands still while the machine sleeps.
  public static func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// The time of day; may jump in both directions.
  public static func wall() -> WallTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
  }
}

/// A moment as the wall clock tells it: since 1970-01-01T00:00:00Z, leap seconds not counted.
public struct WallTime: Sendable, Hashable {
  public let seconds: Int64
  public let nanoseconds: Int32

  public init(seconds: Int64, nanoseconds: Int32) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }
}
