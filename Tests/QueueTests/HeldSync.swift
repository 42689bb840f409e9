import Glibc
import Posix
import Support

@testable import Queue

/// Holds the writer in its next sync, so that calls gather behind it.
final class HeldSync: Sendable {
  private let isHeld = Lock(true)
  private let isReached = Lock(false)

  init(_ disk: FaultyDisk) {
    disk.watch { [self] _, call, _ in
      guard call == "fdatasync" else { return nil }
      isReached.withLock { $0 = true }
      while isHeld.withLock({ $0 }) { sched_yield() }
      return nil
    }
  }

  /// Until the writer is in the sync.
  func wait() async { while !isReached.withLock({ $0 }) { await Task.yield() } }

  /// Until so many calls wait behind it.
  func wait(_ queue: FileQueue, calls: Int) async { while queue.inbox.count < calls { await Task.yield() } }

  func release() { isHeld.withLock { $0 = false } }
}
