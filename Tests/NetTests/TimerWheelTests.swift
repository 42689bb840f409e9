import Support
import Testing

@testable import Net

struct TimerWheelTests {
  private let second: Int64 = 1_000_000_000

  @Test func `a timer is never early and at most two ticks late`() {
    var random = SeededRandom(seed: 7)
    var now: Int64 = 5 * second
    var wheel = TimerWheel(now: now)
    var pending: [UInt64: Int64] = [:]
    var token: UInt64 = 0
    for _ in 0..<20_000 {
      if Bool.random(using: &random) {
        token += 1
        let deadline = now + Int64.random(in: 0...120 * second, using: &random)
        pending[token] = deadline
        wheel.add(token, tick: TimerWheel.tick(for: deadline))
      } else {
        now += Int64.random(in: 0...second / 2, using: &random)
        for due in wheel.advance(to: now) {
          let deadline = pending.removeValue(forKey: due)
          #expect(deadline != nil && deadline! <= now)
        }
        #expect(!pending.values.contains { $0 + 2 << 26 <= now - 2 << 26 })
      }
    }
  }

  @Test func `a long leap finds every timer once`() {
    var wheel = TimerWheel(now: 0)
    for token in 0..<1_000 { wheel.add(UInt64(token), tick: TimerWheel.tick(for: Int64(token) * second)) }
    #expect(wheel.advance(to: 2_000 * second).sorted() == (0..<1_000).map { UInt64($0) })
    #expect(wheel.advance(to: 9_000 * second).isEmpty)
    #expect(wheel.millisecondsToNext(from: 9_000 * second) == -1)
  }

  @Test func `a timer of a later turn stays where an earlier one of its slot fires`() {
    var wheel = TimerWheel(now: 0)
    wheel.add(1, tick: 10)
    wheel.add(2, tick: 10 + 512)
    #expect(wheel.advance(to: 11 << 26) == [1])
    #expect(wheel.millisecondsToNext(from: 11 << 26) > 0)
    #expect(wheel.advance(to: 521 << 26).isEmpty)
    #expect(wheel.advance(to: 522 << 26) == [2])
  }

  @Test func `the wait ends no earlier than the timer`() {
    var wheel = TimerWheel(now: 0)
    wheel.add(1, tick: TimerWheel.tick(for: second))
    let wait = Int64(wheel.millisecondsToNext(from: 0))
    #expect(wait >= 1_000)
    #expect(wheel.advance(to: wait * 1_000_000) == [1])
  }
}
