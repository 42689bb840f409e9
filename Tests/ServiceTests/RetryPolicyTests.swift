import Events
import Formats
import Queue
import Testing

@testable import Service

@Suite struct RetryPolicyTests {
  let policy = RetryPolicy()
  let reason = Reason("X", .busy, "busy")
  let accepted = Instant(secondsSince1970: 1_000_000, nanoseconds: 0)

  func outcome(
    _ failure: Failure, attempt: Int = 1, streak: Int = 1, later: Int64 = 0, waited: Int64 = 0, dice: Int64? = nil
  )
    -> Outcome
  {
    policy.outcome(
      of: failure, attempt: attempt, streak: streak, waited: waited * 1_000, now: accepted.adding(seconds: later),
      dice: { dice ?? $0.upperBound })
  }

  @Test(arguments: zip([1, 2, 3, 11], [1_000, 2_000, 4_000, 900_000] as [Int64]))
  func `each attempt doubles the longest wait, up to the cap`(attempt: Int, milliseconds: Int64) {
    let outcome = outcome(.later(after: nil, .event, reason), attempt: attempt)
    #expect(outcome == .retry(at: accepted.adding(milliseconds: milliseconds), reason, counts: true))
  }

  @Test func `the jitter is full: it may be at once`() {
    #expect(
      outcome(.later(after: nil, .event, reason), attempt: 9, dice: 0) == .retry(at: accepted, reason, counts: true))
  }

  @Test func `what the system asked for is the least`() {
    let outcome = outcome(.later(after: 120, .event, reason), dice: 0)
    #expect(outcome == .retry(at: accepted.adding(seconds: 120), reason, counts: true))
  }

  @Test func `after 72 hours of waiting for its own failures an event is dead, however old it is`() {
    let window: Int64 = 72 * 3_600
    #expect(outcome(.later(after: nil, .event, reason), attempt: 300, waited: window) == .dead(reason))
    let last = outcome(.unknown(reason), attempt: 300, later: 10 * window, waited: window - 1)
    #expect(last == .retry(at: accepted.adding(seconds: 10 * window + 1), reason, counts: true))
  }

  @Test func `a system that is down never kills an event, and does not count as its attempt`() {
    let outcome = outcome(.later(after: nil, .destination, reason), attempt: 900, streak: 3, later: 90 * 86_400)
    let now = accepted.adding(seconds: 90 * 86_400)
    #expect(outcome == .retry(at: now.adding(milliseconds: 4_000), reason, counts: false))
  }

  @Test func `never is dead at once, held waits for a person`() {
    #expect(outcome(.never(reason)) == .dead(reason))
    #expect(outcome(.held(reason)) == .held(reason))
  }
}

@Suite struct PairLocksTests {
  @Test func `a pair's names are taken all or none`() {
    let locks = PairLocks()
    #expect(locks.acquire(["a", "b"]))
    #expect(!locks.acquire(["b", "c"]))
    #expect(locks.acquire(["c"]))
    locks.release(["a", "b"])
    #expect(locks.acquire(["b"]))
  }
}

@Suite struct RunRequestTests {
  @Test func `a run request survives the queue`() {
    let request = RunRequest(
      flow: "order", entity: "order-from-opportunity", side: .netsuite,
      record: RecordID(type: "salesOrder", id: "4711"),
      pair: "006A", cause: RunRequest.Cause(sequence: 7, endpoint: "erp", id: "msg_1"))
    let event = request.event(at: Instant(secondsSince1970: 1, nanoseconds: 0))
    #expect(RunRequest(event) == request)
    #expect(event.lane == Lane(system: System(.causeway, "order-from-opportunity"), key: "006A"))
  }

  @Test func `routing one event twice asks for one run`() {
    let cause = RunRequest.Cause(sequence: 7, endpoint: "erp", id: "msg_1")
    let record = RecordID(type: "salesOrder", id: "1")
    let ids = [0, 1].map { seconds in
      RunRequest(flow: "f", entity: "e", side: .netsuite, record: record, pair: "p", cause: cause)
        .event(at: Instant(secondsSince1970: seconds, nanoseconds: 0)).id
    }
    #expect(ids[0] == ids[1])
  }
}
