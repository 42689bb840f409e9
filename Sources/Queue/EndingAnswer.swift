import Posix

/// Where the answers for leases that were ended together come together: who asked hears once, when all are there.
final class EndingAnswers: Sendable {
  private struct Facts {
    var errors: [QueueError?]
    var missing: Int
  }

  private let facts: Lock<Facts>
  private let answer: UnsafeContinuation<[QueueError?], Never>

  init(_ count: Int, _ answer: UnsafeContinuation<[QueueError?], Never>) {
    facts = Lock(Facts(errors: Array(repeating: nil, count: count), missing: count))
    self.answer = answer
  }

  fileprivate func give(_ error: QueueError?, to index: Int) -> Bool {
    let all = facts.withLock { facts -> [QueueError?]? in
      facts.errors[index] = error
      facts.missing -= 1
      return facts.missing == 0 ? facts.errors : nil
    }
    guard let all else { return false }
    answer.resume(returning: all)
    return true
  }
}

/// Who waits for one of them. Given exactly once.
struct EndingAnswer: Sendable {
  let all: EndingAnswers
  let index: Int

  init(of all: EndingAnswers, index: Int) {
    self.all = all
    self.index = index
  }

  /// Nil: it has ended, synced. Whether who asked has heard by it.
  @discardableResult
  func give(_ error: QueueError?) -> Bool { all.give(error, to: index) }
}
