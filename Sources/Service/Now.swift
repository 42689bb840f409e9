import Formats
import Posix

/// The wall clock as an `Instant`, clamped so that it never runs backwards within the process.
public enum Now {
  private static let last = Lock<Instant>(Instant(secondsSince1970: 0, nanoseconds: 0))

  @Sendable public static func wall() -> Instant {
    let time = Clock.wall()
    let now = Instant(secondsSince1970: time.seconds, nanoseconds: time.nanoseconds)
    return last.withLock { last in
      last = max(last, now)
      return last
    }
  }
}
