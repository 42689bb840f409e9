import Glibc
import Posix
import Support

@testable import Queue

/// Holds the writer in its syncs, so that calls gather behind them.
final class HeldSync: Sendable {
  private struct State {
    var isHeld = true
    /// The writer is in a sync, and waits.
    var isReached = false
    /// One sync may go.
    var goes = false
  }

  private let state = Lock(State())

  init(_ disk: FaultyDisk) {
    disk.watch { [self] _, call, _ in
      if call == "fdatasync" { hold() }
      return nil
    }
  }

  private func hold() {
    state.withLock { $0.isReached = true }
    while state.withLock({ $0.isHeld && !$0.goes }) { sched_yield() }
    state.withLock { ($0.isReached, $0.goes) = (false, false) }
  }

  /// Until the writer is in a sync.
  func wait() async { while !state.withLock({ $0.isReached }) { await Task.yield() } }

  /// Until so many calls wait behind it.
  func wait(_ queue: FileQueue, calls: Int) async { while queue.inbox.count < calls { await Task.yield() } }

  /// Lets the sync go that is held; the next one is held again.
  func release() { state.withLock { ($0.isReached, $0.goes) = (false, true) } }

  /// Holds no sync any more.
  func end() { state.withLock { $0.isHeld = false } }
}
