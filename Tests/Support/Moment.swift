import Posix

/// The time of the machine, for what OpenSSL compares with it.
public enum Moment {
  /// Seconds since 1970.
  public static var now: Int64 { Clock.wall().seconds }
}
