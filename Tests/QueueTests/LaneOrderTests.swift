import Events
import Formats
import Support
import Testing

@testable import Queue

/// Which lane is next does not depend on how many were listed before it.
@Suite struct LaneOrderTests {
  /// Stamps that are left before they begin anew.
  private static let left: UInt32 = 60

  @Test(arguments: 0..<20) func `the order of lanes is the same where their stamps begin anew`(_ seed: UInt64) {
    var plain = Life(seed, lastStamp: 0, retries: false)
    var anew = Life(seed, lastStamp: .max - Self.left, retries: false)
    for _ in 0..<200 { #expect(plain.turn() == anew.turn()) }
    #expect(plain.state.lastStamp > Self.left && anew.state.lastStamp < plain.state.lastStamp)
    #expect(plain.rest() == anew.rest())
  }

  @Test(arguments: 0..<20) func `nothing is lost or there twice where stamps begin anew`(_ seed: UInt64) {
    var life = Life(seed, lastStamp: .max - Self.left, retries: true)
    for _ in 0..<200 { _ = life.turn() }
    #expect(life.state.lastStamp < .max - Self.left)
    life.settleAll()
    let rest = life.rest()
    #expect(!rest.isEmpty && Set(rest).count == rest.count)
    // A lane that is leased gives no more: what waits behind is all that is left.
    #expect(Set(rest.map { life.state.rows[$0[0]]?.lane }).count == rest.count)
    #expect(life.waitingLanes == 0)
  }

  /// A queue's state under appends, leases, settlements and tries again; the same seed does the same.
  private struct Life {
    var state = QueueState(
      duplicateWindow: 1 << 40, identityKey: IdentityKey(low: 1, high: 2), identitiesInMemory: 10_000)
    private var random: SeededRandom
    private var next: UInt64 = 1
    private var number = 0
    private var out: [(token: UInt64, sequences: [UInt64])] = []
    private let retries: Bool

    init(_ seed: UInt64, lastStamp: UInt32, retries: Bool) {
      random = SeededRandom(seed: seed)
      state.lastStamp = lastStamp
      self.retries = retries
    }

    private var time: Int64 { 1_000 + Int64(next) }

    /// Lanes in which something waits and nothing is leased.
    var waitingLanes: Int { state.lanes.chunks.joined().count { $0.head != 0 && !$0.isLeased } }

    /// One thing happens; what was chosen, if that is it.
    mutating func turn() -> [[UInt64]] {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<4: append()
      case 4..<7: return lease(lanes: Int.random(in: 1...3, using: &random))
      case 7..<9: settle()
      default:
        let chosen = choose(lanes: 1)
        state.takeBack(chosen)
        return chosen.map(\.sequences)
      }
      return []
    }

    mutating func settleAll() { while !out.isEmpty { settle() } }

    /// The first of every lane that waits, in the order in which it is leased. All are due, and bulk has its turn too.
    mutating func rest() -> [[UInt64]] {
      var all: [[UInt64]] = []
      while true {
        next += 1_000
        let found = lease(lanes: .max)
        if found.isEmpty { return all }
        all += found
      }
    }

    private mutating func append() {
      number += 1
      let event = Event(
        system: System(.json, "in"), endpoint: "in", id: "\(number)", kind: .run,
        key: "key-\(Int.random(in: 0..<40, using: &random))", subject: "flow-\(number % 3)",
        receivedAt: Instant(secondsSince1970: 1_795_478_400), payload: [1],
        priority: number % 4 == 0 ? .bulk : .interactive)
      var draft = Draft(nextSequence: next)
      _ = draft.put([event], known: state.duplicates)
      draft.apply(to: &state, batchAt: Place(segment: 0, offset: 96), time: time)
      next = draft.nextSequence
    }

    private mutating func choose(lanes: Int) -> [Chosen] {
      state.choose(lanes: lanes, eventsPerLane: 1, except: [], at: time)
    }

    private mutating func lease(lanes: Int) -> [[UInt64]] {
      let chosen = choose(lanes: lanes)
      for choice in chosen { out.append((apply(.lease(choice.sequences)), choice.sequences)) }
      return chosen.map(\.sequences)
    }

    private mutating func settle() {
      guard !out.isEmpty else { return }
      let lease = out.remove(at: Int.random(in: 0..<out.count, using: &random))
      let isTriedAgain = retries && Bool.random(using: &random)
      apply(
        .settled(
          Settlement(
            kind: isTriedAgain ? .retry : .done, token: lease.token, sequences: lease.sequences,
            dueAt: isTriedAgain ? Instant(millisecondsSince1970: time + Int64.random(in: 0..<30, using: &random)) : nil,
            reason: CheckpointFieldsTests.why)))
    }

    @discardableResult
    private mutating func apply(_ record: LogRecord) -> UInt64 {
      var draft = Draft(nextSequence: next)
      let sequence = draft.put(record)
      draft.apply(to: &state, batchAt: Place(segment: 0, offset: 96), time: time)
      next = draft.nextSequence
      return sequence
    }
  }
}
