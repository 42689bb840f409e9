import Testing

@testable import Queue

/// When a batch waits for company.
@Suite struct GatheringTests {
  @Test func `one caller by itself waits for nobody`() {
    var gathering = Gathering()
    for _ in 0..<3 {
      gathering.note(answered: 1, after: 100_000)
      let wanted = gathering.take(waiting: 1)
      #expect(wanted == nil)
    }
  }

  @Test func `among many, a batch waits for two fifths of those who are about, and for a few syncs' time`() {
    var gathering = Gathering()
    gathering.note(answered: 40, after: 100_000)
    let wanted = gathering.take(waiting: 10)
    #expect(wanted?.calls == 20)
    #expect(wanted?.nanoseconds == 400_000)
    gathering.note(answered: 8, after: 10_000_000)
    let longest = gathering.take(waiting: 0)
    #expect(longest?.nanoseconds == Gathering.longest)
  }

  @Test func `it waits after a batch that was answered, and once`() {
    var gathering = Gathering()
    let first = gathering.take(waiting: 100)
    #expect(first == nil)
    gathering.note(answered: 40, after: 100_000)
    let second = gathering.take(waiting: 10)
    #expect(second != nil)
    let third = gathering.take(waiting: 100)
    #expect(third == nil)
  }
}
