import Events
import Formats
import Queue
import Support

@testable import Service

/// A destination that is down for hours while work for it comes in, in virtual time: the policy, the circuit and the
/// budget are the real ones, the queue and the workers are plain lists.
struct OutageSimulation {
  static let erp = "erp"
  /// Milliseconds of a step, and of a call.
  static let step: Int64 = 100
  static let call: Int64 = 500
  /// Calls that the destination takes at a time, and lanes that are worked at a time.
  static let concurrency = 5
  static let lanes = 64
  /// Calls a second that it can take.
  static let rate = Double(concurrency) * 1_000 / Double(call)

  let downFor: Int64
  let backlog: Int
  private var random: SeededRandom
  private var throttle = Throttle()
  private let policy = RetryPolicy()
  private let start = Instant(secondsSince1970: 1_795_478_400)

  private var now: Int64 = 0
  private var ready: [Int] = []
  private var next = 0
  private var later: [Int64: [Int]] = [:]
  /// Leased, and waiting for one of the destination's places.
  private var waiting: [Int] = []
  private var calling: [(id: Int, until: Int64)] = []
  private var wasTried: Set<Int> = []

  private(set) var done: Set<Int> = []
  private(set) var dead: Set<Int> = []
  private(set) var mostAtOnce = 0
  /// When calls began.
  private(set) var calls: [Int64] = []
  private(set) var doneAt: Int64 = 0

  init(seed: UInt64, downFor: Int64, backlog: Int) {
    random = SeededRandom(seed: seed)
    self.downFor = downFor
    self.backlog = backlog
  }

  mutating func run(until end: Int64) {
    var arrived = 0
    while now < end, done.count + dead.count < backlog {
      // All of it comes while the destination is down.
      while arrived < backlog, Int64(arrived) * downFor / Int64(backlog) <= now {
        ready.append(arrived)
        arrived += 1
      }
      ready += later.removeValue(forKey: now) ?? []
      finish()
      lease()
      begin()
      now += Self.step
    }
    doneAt = now
  }

  private mutating func finish() {
    let over = calling.filter { $0.until <= now }
    calling.removeAll { $0.until <= now }
    for (id, _) in over {
      if now < downFor {
        fail(id, .later(after: nil, .destination, Reason("down", .unavailable, "It is down.")), isCall: true)
      } else {
        throttle.succeeded(Self.erp)
        done.insert(id)
      }
    }
  }

  private mutating func lease() {
    guard throttle.shut(at: now).isEmpty else { return }
    while next < ready.count, waiting.count + calling.count < Self.lanes {
      let id = ready[next]
      next += 1
      if let left = throttle.wait([Self.erp], isRetry: wasTried.contains(id), at: now) {
        putBack(id, now + left + Int64.random(in: 0...5_000, using: &random))
      } else {
        waiting.append(id)
      }
    }
  }

  private mutating func begin() {
    while calling.count < Self.concurrency, !waiting.isEmpty {
      let id = waiting.removeFirst()
      if let left = throttle.call(Self.erp, isRetry: wasTried.contains(id), at: now) {
        fail(id, .later(after: (left + 999) / 1_000, .destination, Throttle.reason(Self.erp)), isCall: false)
        continue
      }
      calls.append(now)
      calling.append((id, now + Self.call))
      mostAtOnce = max(mostAtOnce, calling.count)
    }
  }

  private mutating func fail(_ id: Int, _ failure: Failure, isCall: Bool) {
    wasTried.insert(id)
    if isCall { throttle.failed(Self.erp, failure, at: now) }
    let streak = max(1, throttle.failuresInARow(Self.erp))
    var random = random
    let outcome = policy.outcome(
      of: failure, attempt: 1, streak: streak, waited: 0, now: start.adding(milliseconds: now),
      dice: { Int64.random(in: $0, using: &random) })
    self.random = random
    switch outcome {
    case .retry(let at, _, _): putBack(id, at.millisecondsSince1970 - start.millisecondsSince1970)
    case .done, .held, .dead: dead.insert(id)
    }
  }

  private mutating func putBack(_ id: Int, _ due: Int64) {
    let step = max(now + Self.step, (due + Self.step - 1) / Self.step * Self.step)
    later[step, default: []].append(id)
  }
}
