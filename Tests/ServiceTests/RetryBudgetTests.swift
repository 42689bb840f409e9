import Support
import Testing

@testable import Service

@Suite struct RetryBudgetTests {
  @Test func `without traffic one retry a second is allowed`() {
    var budget = RetryBudget()
    #expect(budget.wait(at: 10_000) == nil)
    #expect(budget.wait(at: 10_400) != nil)
    #expect(budget.wait(at: 11_000) == nil)
  }

  @Test func `with traffic a tenth of the last minute's calls may be retries`() {
    var budget = RetryBudget()
    for index in 0..<3_000 { budget.called(isRetry: false, at: Int64(index) * 20) }
    var begun = 0
    for _ in 0..<1_000 where budget.wait(at: 59_990) == nil {
      begun += 1
      budget.called(isRetry: true, at: 59_990)
    }
    // What is retried are calls as well.
    #expect((300...334).contains(begun))
    #expect(budget.wait(at: 59_990) != nil)
  }

  @Test func `calls of more than a minute ago do not count`() {
    var budget = RetryBudget()
    for _ in 0..<3_000 { budget.called(isRetry: false, at: 1_000) }
    #expect(budget.wait(at: 61_500) == nil)
    #expect(budget.wait(at: 61_500) != nil)
  }

  @Test func `retries that have to wait come back one by one`() {
    var budget = RetryBudget()
    #expect(budget.wait(at: 0) == nil)
    let waits = (1...4).map { _ in budget.wait(at: 0) }
    #expect(waits == [1_000, 2_000, 3_000, 4_000])
    let furthest = (1...2_000).compactMap { _ in budget.wait(at: 0) }.max()
    #expect(furthest == RetryBudget.Limits.furthest)
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `over any minute retries stay within their share`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var budget = RetryBudget()
    var (calls, retries): ([Int64], [Int64]) = ([], [])
    for now in stride(from: Int64(0), to: 300_000, by: 10) {
      if Int.random(in: 0..<10, using: &random) == 0 {
        budget.called(isRetry: false, at: now)
        calls.append(now)
      }
      if Int.random(in: 0..<4, using: &random) == 0, budget.wait(at: now) == nil {
        budget.called(isRetry: true, at: now)
        calls.append(now)
        retries.append(now)
      }
      guard now % 5_000 == 0, now >= 60_000 else { continue }
      let inMinute = retries.count { $0 > now - 60_000 }
      #expect(inMinute <= calls.count { $0 > now - 60_000 } / 10 + 61)
      #expect(inMinute >= 59)
    }
  }
}
