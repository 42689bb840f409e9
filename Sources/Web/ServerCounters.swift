import Net
import Posix
import HTTP
import Synchronization

/// What a server has done since it began; for metrics.
public struct ServerCounters: Hashable, Sendable {
  public var connectionsOpen = 0
  public var connectionsAccepted = 0
  /// Connections closed at once because there were too many.
  public var connectionsRefused = 0
  /// Responses by the hundred of their status: 200 to 299 is `responses[2]`; six places.
  public var responses = [Int](repeating: 0, count: 6)

  public var requests: Int { responses.reduce(0, +) }
}

/// A server's part on one loop: counters that no other loop writes, and the date.
// Safe: `budget`, `date` and `dateUntil` are touched on the loop only; the counters are atomics.
final class LoopPart: @unchecked Sendable {
  let loop: EventLoop
  let accepted = Atomic<Int>(0)
  let refused = Atomic<Int>(0)
  let informational = Atomic<Int>(0)
  let successful = Atomic<Int>(0)
  let redirected = Atomic<Int>(0)
  let clientErrors = Atomic<Int>(0)
  let serverErrors = Atomic<Int>(0)
  var budget: BodyBudget
  private var date: [UInt8] = []
  private var dateUntil = Int64.min

  init(_ loop: EventLoop, memory: Int) {
    self.loop = loop
    budget = BodyBudget(limit: memory)
  }

  /// The Date field's value, made once a second.
  func dateNow() -> [UInt8] {
    if loop.now >= dateUntil {
      let wall = Clock.wall()
      date = HTTPDate.format(secondsSince1970: wall.seconds)
      dateUntil = loop.now + 1_000_000_000 - Int64(wall.nanoseconds)
    }
    return date
  }

  @inline(__always)
  func count(_ status: Status) {
    switch status.rawValue / 100 {
    case 2: successful.wrappingAdd(1, ordering: .relaxed)
    case 3: redirected.wrappingAdd(1, ordering: .relaxed)
    case 4: clientErrors.wrappingAdd(1, ordering: .relaxed)
    case 5: serverErrors.wrappingAdd(1, ordering: .relaxed)
    default: informational.wrappingAdd(1, ordering: .relaxed)
    }
  }

  func add(to counters: inout ServerCounters) {
    counters.connectionsAccepted += accepted.load(ordering: .relaxed)
    counters.connectionsRefused += refused.load(ordering: .relaxed)
    counters.responses[1] += informational.load(ordering: .relaxed)
    counters.responses[2] += successful.load(ordering: .relaxed)
    counters.responses[3] += redirected.load(ordering: .relaxed)
    counters.responses[4] += clientErrors.load(ordering: .relaxed)
    counters.responses[5] += serverErrors.load(ordering: .relaxed)
  }
}
