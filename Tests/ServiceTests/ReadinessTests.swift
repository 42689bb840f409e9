import Synchronization
import Testing

@testable import Service

@Suite struct ReadinessTests {
  @Test func `a full queue is not ready, and is asked again after a while`() {
    let clock = Hands()
    let readiness = Readiness(now: { clock.nanoseconds.load(ordering: .relaxed) })
    readiness.become(.ready)
    readiness.refuse(seconds: 5)
    clock.nanoseconds.store(4_999_999_999, ordering: .relaxed)
    #expect(readiness.state == .refused("there is no room"))
    clock.nanoseconds.store(5_000_000_000, ordering: .relaxed)
    #expect(readiness.state == .ready)
  }

  @Test func `a drain and a failed disk do not end by themselves`() {
    let readiness = Readiness(now: { 0 })
    for state in [Readiness.State.draining, .refused("sync: EIO"), .starting] {
      readiness.become(state)
      readiness.refuse(seconds: -1)
      #expect(readiness.state == state)
    }
  }

  final class Hands: Sendable { let nanoseconds = Atomic<Int64>(0) }
}
