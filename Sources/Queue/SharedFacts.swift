import Events
import Formats
import Posix
import Synchronization

/// What callers may know without asking the writer.
final class SharedFacts: Sendable {
  private struct Facts {
    var tally = Tally()
    var oldest: Int64?
    var paused: UInt64 = 0
    var miscounted: UInt64 = 0
    var scrubbed: [String: [Damage]] = [:]
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

  func publish(_ tally: Tally, oldest: Int64?, paused: UInt64) {
    facts.withLock {
      $0.tally = tally
      $0.oldest = oldest
      $0.paused = paused
    }
  }

  /// What counting anew found.
  func publish(miscounted: UInt64) { facts.withLock { $0.miscounted = miscounted } }

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

  /// Damage that the scrub found and that was not mended, by segment.
  func note(scrubbed name: String, _ damage: [Damage]) {
    facts.withLock { $0.scrubbed[name] = damage.isEmpty ? nil : damage }
  }

  var scrubbed: [Damage] {
    facts.withLock { facts in facts.scrubbed.sorted { $0.key < $1.key }.flatMap(\.value) }
  }

  var counts: Counts {
    let (tally, oldest, paused, miscounted) = facts.withLock { ($0.tally, $0.oldest, $0.paused, $0.miscounted) }
    var counts = Counts(tally, oldest: oldest)
    counts.paused = paused
    counts.miscounted = miscounted
    return counts
  }
}

extension Counts {
  init(_ tally: Tally, oldest: Int64?) {
    self.init()
    received = tally.received + tally.duplicates
    duplicates = tally.duplicates
    expired = tally.expired
    for state in EventState.allCases { byState[state] = tally[RowState(state)] }
    oldestPending = oldest.map { Instant(millisecondsSince1970: $0) }
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
