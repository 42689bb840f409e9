import Events
import Formats
import Queue
import Support
import Testing

@testable import Service

@Suite struct OutageTests {
  @Test(arguments: [1 as UInt64])
  func `after six hours down a backlog drains at the system's rate and not above it`(seed: UInt64) {
    let hours: Int64 = 6 * 3_600_000
    var simulation = OutageSimulation(seed: seed, downFor: hours, backlog: 20_000)
    simulation.run(until: 4 * hours)
    #expect(simulation.done.count == 20_000)
    #expect(simulation.dead.isEmpty)
    #expect(simulation.mostAtOnce <= OutageSimulation.concurrency)
    let (before, after) = (simulation.calls.filter { $0 < hours }, simulation.calls.filter { $0 >= hours })
    // While it is down it is only probed.
    #expect(before.count < 500)
    #expect(Double(Self.peak(after)) <= OutageSimulation.rate * 1.1)
    // A minute until it is noticed; then it gets all that it can take.
    let least = Int64(20_000 / OutageSimulation.rate * 1_000)
    #expect(simulation.doneAt - hours < least * 100 / 95 + 60_000)
  }

  /// The most calls that begin within a second.
  private static func peak(_ calls: [Int64]) -> Int {
    var (first, most) = (0, 0)
    for (index, call) in calls.enumerated() {
      while call - calls[first] >= 1_000 { first += 1 }
      most = max(most, index - first + 1)
    }
    return most
  }

  @Test(arguments: [1, 4, 11])
  func `the jitter is uniform from nothing to the longest wait`(attempt: Int) {
    var random = SeededRandom(seed: 7)
    let policy = RetryPolicy()
    let now = Instant(secondsSince1970: 1_000_000)
    let longest = Double(min(policy.cap, policy.base << Int64(attempt - 1)))
    let waits = (0..<4_000).map { _ -> Double in
      let failure = Failure.later(after: nil, .event, Reason("X", .busy, "busy"))
      let outcome = policy.outcome(of: failure, attempt: attempt, streak: 1, waited: 0, now: now) {
        Int64.random(in: $0, using: &random)
      }
      guard case .retry(let at, _, _) = outcome else { return -1 }
      return Double(at.millisecondsSince1970 - now.millisecondsSince1970) / longest
    }.sorted()
    // Kolmogorov and Smirnov: the largest distance from the uniform distribution, at a significance of one in a hundred.
    let distance = waits.enumerated().reduce(0.0) { most, wait in
      let (index, value) = (Double(wait.offset), wait.element)
      return max(most, abs(value - index / 4_000), abs((index + 1) / 4_000 - value))
    }
    #expect(distance < 1.63 / 4_000.0.squareRoot())
  }
}
