import Glibc

/// How many descriptors the process may have open at once: RLIMIT_NOFILE of getrlimit(2).
public enum DescriptorLimit {
  /// The limit in force.
  public static var current: Int {
    var limit = rlimit()
    guard getrlimit(kind, &limit) == 0 else { return 1_024 }
    return Int(clamping: limit.rlim_cur)
  }

  /// Raises the limit as far as the process may by itself: systemd and shells leave it at 1,024 for programs that use
  /// select(2), which we do not.
  public static func raise() {
    var limit = rlimit()
    guard getrlimit(kind, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(kind, &limit)
  }

  /// How many of them connections may take; the others are for files of our own and for calls to others, so that the
  /// queue can open its next segment whoever connects.
  public static var forConnections: Int {
    let current = current
    return max(1, current - min(512, max(40, current / 5)))
  }

  private static var kind: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
}
