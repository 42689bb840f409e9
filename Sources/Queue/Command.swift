import Events

/// Who waits for an answer. Resumed exactly once, by the writer's thread or, with what was read, by the reader's.
typealias Answer<Value: Sendable> = UnsafeContinuation<Result<Value, QueueError>, Never>

/// What a caller asks of the writer.
enum Command: Sendable {
  /// With the events' packed bodies, where any was packed.
  case append([Event], packed: [[UInt8]], size: Int, Answer<[Accepted]>)
  case lease(LeaseRequest)
  case cancelLease(UInt64)
  case extend(UInt64, Answer<Void>)
  case note(UInt64, String, Answer<Void>)
  case settle(UInt64, Outcome, EndingAnswer)
  case drop([UInt64], Reason, Answer<Int>)
  case retry(RetryRequest, Answer<Int>)
  case pause(WorkPart, Bool, Answer<Bool>)
  case pauses(Answer<[Pause]>)
  case rows(RowQuery, Answer<[Row]>)
  /// A leased event cannot be read back.
  case unreadable(UInt64, String)
  /// The next segment is allocated, or could not be.
  case spare(Spare?)
  /// A checkpoint was written, of so many bytes, or could not be.
  case checkpointed(UInt64?)
  /// What is to be carried on from the oldest segment.
  case oldEvents(OldEvents)
  /// The identities' thread has done a job.
  case remembered(IdentityOutcome)
  /// New segments are encrypted under this key from here on.
  case rotate(KeyEncryptionKey, Answer<Void>)
  case erase(ErasureRequest)
  /// A sealed segment was read again.
  case scrubbed(String, [Damage])
  /// What was to be overwritten is.
  case erased
  case close(Answer<Void>)

  func fail(_ error: QueueError) {
    switch self {
    case .append(_, _, _, let answer): answer.resume(returning: .failure(error))
    case .lease(let request): request.answer.resume(returning: .failure(error))
    case .cancelLease, .unreadable, .spare, .checkpointed, .oldEvents, .remembered, .erased, .scrubbed: break
    case .extend(_, let answer), .note(_, _, let answer), .rotate(_, let answer):
      answer.resume(returning: .failure(error))
    case .settle(_, _, let answer): answer.give(error)
    case .drop(_, _, let answer), .retry(_, let answer): answer.resume(returning: .failure(error))
    case .pause(_, _, let answer): answer.resume(returning: .failure(error))
    case .pauses(let answer): answer.resume(returning: .failure(error))
    case .rows(_, let answer): answer.resume(returning: .failure(error))
    case .erase(let request): request.answer.resume(returning: .failure(error))
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

struct RetryRequest: Sendable {
  let retry: Retry
  let sequences: [UInt64]
  /// Of those that were done or dropped.
  let lanes: [UInt64: Lane]
  let isBulk: Bool
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
  case ended(EndingAnswer)
  case changed(Answer<Int>, Int)
  case paused(Answer<Bool>)

  /// Whether the caller waits for nothing else.
  func succeed() -> Bool {
    switch self {
    case .accepted(let answer, let accepted): answer.resume(returning: .success(accepted))
    case .done(let answer): answer.resume(returning: .success(()))
    case .ended(let answer): return answer.give(nil)
    case .changed(let answer, let count): answer.resume(returning: .success(count))
    case .paused(let answer): answer.resume(returning: .success(true))
    }
    return true
  }

  func fail(_ error: QueueError) {
    switch self {
    case .accepted(let answer, _): answer.resume(returning: .failure(error))
    case .done(let answer): answer.resume(returning: .failure(error))
    case .ended(let answer): answer.give(error)
    case .changed(let answer, _): answer.resume(returning: .failure(error))
    case .paused(let answer): answer.resume(returning: .failure(error))
    }
  }
}
