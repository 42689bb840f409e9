import Events

/// Who waits for an answer. Resumed exactly once, by the writer's thread or, with what was read, by the reader's.
typealias Answer<Value: Sendable> = UnsafeContinuation<Result<Value, QueueError>, Never>

/// What a caller asks of the writer.
enum Command: Sendable {
  case append([Event], size: Int, Answer<[Accepted]>)
  case lease(LeaseRequest)
  case cancelLease(UInt64)
  case extend(UInt64, Answer<Void>)
  case note(UInt64, String, Answer<Void>)
  case settle(UInt64, Outcome, Answer<Void>)
  case change(LogRecord.ChangeKind, [UInt64], Reason?, Answer<Int>)
  case rows(RowQuery, Answer<[Row]>)
  /// A leased event cannot be read back.
  case unreadable(UInt64, String)
  case close(Answer<Void>)

  func fail(_ error: QueueError) {
    switch self {
    case .append(_, _, let answer): answer.resume(returning: .failure(error))
    case .lease(let request): request.answer.resume(returning: .failure(error))
    case .cancelLease, .unreadable: break
    case .extend(_, let answer), .note(_, _, let answer), .settle(_, _, let answer):
      answer.resume(returning: .failure(error))
    case .change(_, _, _, let answer): answer.resume(returning: .failure(error))
    case .rows(_, let answer): answer.resume(returning: .failure(error))
    case .close(let answer): answer.resume(returning: .success(()))
    }
  }
}

struct LeaseRequest: Sendable {
  let id: UInt64
  let lanes: Int
  let eventsPerLane: Int
  let except: Set<Route>
  let answer: Answer<[Lease]>
}

/// Rows after a sequence, narrowed by what memory knows.
struct RowQuery: Sendable {
  let after: UInt64
  let states: Set<EventState>
  let sequences: ClosedRange<UInt64>?
  let limit: Int
}

/// Who hears once the batch is on disk.
enum Waiter {
  case accepted(Answer<[Accepted]>, [Accepted])
  case done(Answer<Void>)
  case changed(Answer<Int>, Int)

  func succeed() {
    switch self {
    case .accepted(let answer, let accepted): answer.resume(returning: .success(accepted))
    case .done(let answer): answer.resume(returning: .success(()))
    case .changed(let answer, let count): answer.resume(returning: .success(count))
    }
  }

  func fail(_ error: QueueError) {
    switch self {
    case .accepted(let answer, _): answer.resume(returning: .failure(error))
    case .done(let answer): answer.resume(returning: .failure(error))
    case .changed(let answer, _): answer.resume(returning: .failure(error))
    }
  }
}
