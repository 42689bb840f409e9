import Glibc
import Testing

@testable import Posix

@Suite(.serialized) struct ProcessLimitsTests {
  private typealias Prctl = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32

  @Test func `a process that forbids it leaves no core dump`() throws {
    // Of variable arity, so that only its address tells Swift of it. 3 is PR_GET_DUMPABLE, 4 is PR_SET_DUMPABLE.
    let prctl = unsafeBitCast(try #require(dlsym(nil, "prctl")), to: Prctl.self)
    defer { _ = prctl(4, 1, 0, 0, 0) }
    #expect(prctl(3, 0, 0, 0, 0) == 1)
    try ProcessLimits.forbidCoreDumps()
    #expect(prctl(3, 0, 0, 0, 0) == 0)
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    #expect(limit.rlim_cur == 0 && limit.rlim_max == 0)
  }

  @Test func `descriptors are raised to all that is allowed`() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    #expect(ProcessLimits.raiseDescriptors() == Int(limit.rlim_max))
    #expect(ProcessLimits.raiseDescriptors() == Int(limit.rlim_max))
  }
}
