import Events
import Formats
import Posix
import Synchronization

/// What callers may know without asking the writer.
final class SharedFacts: Sendable {
  private struct Facts {
    var tally = Tally()
    var oldest: Int64?
    var failure: QueueError?
    var ended = QueueError.closed
    var lock: (any DiskLock)?
  }

  private let facts: Lock<Facts>
  /// Bytes of events that wait for the writer.
  private let waiting = Atomic<Int>(0)

  init(_ lock: any DiskLock) { facts = Lock(Facts(lock: lock)) }

  var failure: QueueError? { facts.withLock { $0.failure } }
  /// What calls get once the queue takes no more.
  var ended: QueueError { facts.withLock { $0.ended } }

  func publish(_ tally: Tally, oldest: Int64?) {
    facts.withLock {
      $0.tally = tally
      $0.oldest = oldest
    }
  }

  func fail(_ error: QueueError) { facts.withLock { $0.failure = error } }
  func end(_ error: QueueError) { facts.withLock { $0.ended = error } }

  func unlock() {
    let lock = facts.withLock { facts in
      let lock = facts.lock
      facts.lock = nil
      return lock
    }
    lock?.release()
  }

  /// False where too much waits already.
  func enter(_ size: Int, limit: Int) -> Bool {
    if waiting.load(ordering: .relaxed) + size > limit { return false }
    waiting.wrappingAdd(size, ordering: .relaxed)
    return true
  }

  func leave(_ size: Int) { waiting.wrappingSubtract(size, ordering: .relaxed) }

  var counts: Counts {
    let (tally, oldest) = facts.withLock { ($0.tally, $0.oldest) }
    var counts = Counts()
    counts.received = tally.received + tally.duplicates
    counts.duplicates = tally.duplicates
    for state in EventState.allCases { counts.byState[state] = tally[RowState(state)] }
    counts.oldestPending = oldest.map { milliseconds in
      let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
      return Instant(
        secondsSince1970: rest < 0 ? seconds - 1 : seconds,
        nanoseconds: Int32(rest < 0 ? rest + 1000 : rest) * 1_000_000)
    }
    return counts
  }
}

extension RowState {
  init(_ state: EventState) {
    switch state {
    case .queued: self = .queued
    case .leased: self = .leased
    case .retrying: self = .retrying
    case .held: self = .held
    case .done: self = .done
    case .dead: self = .dead
    case .dropped: self = .dropped
    }
  }
}

/// Carries the writer into its thread.
// Safe: `writer` is touched by the writer's thread only, after `init`.
final class WriterParts: @unchecked Sendable {
  private var writer: Writer

  init(writer: Writer) { self.writer = writer }

  func run() { Wakeups.holdingBack { writer.run() } }
}
