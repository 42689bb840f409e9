import CLinux
import Glibc

/// What the kernel lets this process do.
public enum ProcessLimits {
  /// From now on the process leaves no core dump, and no process of another user, nor one of the same user without
  /// privileges, can read its memory: secrets are in it. Debuggers and profilers need root then.
  public static func forbidCoreDumps() throws(Errno) {
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = try retrying { setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) }
    // The limit does not hold where core dumps go to a program (core(5)); this does.
    _ = try retrying { clinux_forbid_dumps() }
  }

  /// Raises the number of descriptors to all that is allowed, for each connection is one; how many there are.
  @discardableResult
  public static func raiseDescriptors() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    if limit.rlim_cur < limit.rlim_max {
      var raised = rlimit(rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max)
      if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }

  /// How many of the descriptors connections may take. The others are for files of our own and for calls to others: the
  /// queue has to be able to open its next segment, whoever connects.
  public static var descriptorsForConnections: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
    let all = Int(clamping: limit.rlim_cur)
    return max(1, all - min(512, max(40, all / 5)))
  }
}
