import Posix
import Synchronization

/// A thread for work that nobody waits for: one for allocating ahead, checkpoints and looking after sealed segments, and
/// one for identity runs, whose merging takes long.
///
/// Where the clock is moved by hand there is no thread: what is submitted is done at once, in the caller's, so that a
/// simulated run is the same each time.
final class Upkeep: Sendable {
  private let inbox = Inbox<@Sendable () -> Void>()
  private let thread: BlockingThread?
  private let isClosed = Atomic<Bool>(false)

  init(_ name: String, isSimulated: Bool) throws(Errno) {
    if isSimulated {
      thread = nil
      return
    }
    let inbox = inbox
    thread = try BlockingThread(name: name) {
      var jobs: [@Sendable () -> Void] = []
      while true {
        inbox.take(into: &jobs, until: nil)
        if jobs.isEmpty { return }
        for job in jobs { job() }
      }
    }
  }

  func submit(_ job: @escaping @Sendable () -> Void) {
    if thread == nil || !inbox.put(job) { job() }
  }

  /// Does what waits, then ends. A second call does nothing.
  func close() {
    if isClosed.exchange(true, ordering: .relaxed) { return }
    let left = inbox.close()
    thread?.join()
    for job in left { job() }
  }
}
