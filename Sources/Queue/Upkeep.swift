import Posix
import Synchronization

/// The thread for work that nobody waits for: allocating ahead, checkpoints, looking after sealed segments.
///
/// Where the clock is moved by hand there is no thread: what is submitted is done at once, in the caller's, so that a
/// simulated run is the same each time.
final class Upkeep: Sendable {
  private let inbox = Inbox<@Sendable () -> Void>()
  private let thread: BlockingThread?
  private let isClosed = Atomic<Bool>(false)

  init(isSimulated: Bool) throws(Errno) {
    if isSimulated {
      thread = nil
      return
    }
    let inbox = inbox
    thread = try BlockingThread(name: "queue-keep") {
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
