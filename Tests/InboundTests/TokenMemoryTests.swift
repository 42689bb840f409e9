import Formats
import Support
import Testing

@testable import Inbound

@Suite struct TokenMemoryTests {
  private func use(_ token: UInt64, _ body: UInt64 = 1, expires: Int64 = 1_000) -> TokenUse {
    TokenUse(token: .init(high: token, low: 0), body: .init(high: body, low: 0), expires: expires)
  }

  @Test func `a token is known with its body until it expires`() {
    let memory = TokenMemory()
    #expect(memory.take(use(1), now: 0) == .first)
    #expect(memory.take(use(1), now: 999) == .again)
    #expect(memory.take(use(1, 2), now: 999) == .otherBody)
    #expect(memory.take(use(1, 2, expires: 2_000), now: 1_000) == .first)
  }

  @Test func `what has expired makes room, and what has not is kept`() {
    let memory = TokenMemory(limit: 10)
    for token in 0..<10 { #expect(memory.take(use(UInt64(token), expires: 60), now: 0) == .first) }
    #expect(memory.take(use(10), now: 59) == .full)
    #expect(memory.take(use(0), now: 59) == .again)
    for token in 10..<20 { #expect(memory.take(use(UInt64(token), expires: 600), now: 121) == .first) }
    #expect(memory.all(now: 121).count == 10)
    #expect(memory.take(use(20), now: 122) == .full)
  }

  @Test func `what is new is given once, and comes back after a restart`() {
    let memory = TokenMemory(isWritten: true)
    _ = memory.take(use(1), now: 0)
    _ = memory.take(use(1), now: 0)
    _ = memory.take(use(2), now: 0)
    let written = memory.takeUnwritten()
    #expect(written == [use(1), use(2)])
    #expect(memory.takeUnwritten().isEmpty)
    let next = TokenMemory(isWritten: true)
    next.restore(written + [use(3, expires: 5)], now: 5)
    #expect(next.take(use(1, 2), now: 6) == .otherBody)
    #expect(next.take(use(2), now: 6) == .again)
    #expect(next.take(use(3, 2), now: 6) == .first)
    #expect(next.takeUnwritten() == [use(3, 2)])
  }
}
