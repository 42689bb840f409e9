import Events

// What a person asks for: pauses, retries, drops.

extension Writer {
  mutating func retry(_ request: RetryRequest, _ answer: Answer<Int>) throws(LogError) -> Planned {
    let open = request.sequences.filter { state.isRetryable($0, replays: request.retry.replays) }
    let retrying = Retrying(
      from: wall, over: request.retry.over, isBulk: request.isBulk, sequences: open, lanes: request.lanes)
    return try change(.retried(retrying), open.count, answer)
  }

  mutating func pause(_ part: WorkPart, _ isPaused: Bool, _ answer: Answer<Bool>) throws(LogError) -> Planned {
    guard state.pauses.contains(part) != isPaused else {
      answer.resume(returning: .success(false))
      return .planned
    }
    return try putAlone(.paused(part, isPaused: isPaused), .paused(answer))
  }

  mutating func change(_ record: LogRecord, _ count: Int, _ answer: Answer<Int>) throws(LogError) -> Planned {
    guard count > 0 else {
      answer.resume(returning: .success(0))
      return .planned
    }
    return try putAlone(record, .changed(answer, count))
  }

  /// Nothing follows it in its batch: the next call sees its effect, so no event is leased and dropped at once.
  private mutating func putAlone(_ record: LogRecord, _ waiter: Waiter) throws(LogError) -> Planned {
    let result = try put(record, waiter)
    mustWrite = result == .planned && !draft.isEmpty
    return result
  }
}
