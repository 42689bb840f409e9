import Posix

/// A thread that writes and merges identity runs, so that the writer of the log waits for none of it.
final class IdentityThread: Sendable {
  private let inbox = Inbox<IdentityJob>()
  private let thread: BlockingThread

  /// `done` hears the outcome of each job, on this thread.
  init(_ files: IdentityFiles, done: @escaping @Sendable (IdentityOutcome) -> Void) throws(Errno) {
    let inbox = inbox
    thread = try BlockingThread(name: "queue-ids") {
      var jobs: [IdentityJob] = []
      while true {
        inbox.take(into: &jobs, until: nil)
        if jobs.isEmpty { break }
        for job in jobs { done(files.perform(job)) }
      }
    }
  }

  func submit(_ job: IdentityJob) { _ = inbox.put(job) }

  /// Ends what is being done, then the thread. What was not begun is done after the next start.
  func close() {
    _ = inbox.close()
    thread.join()
  }
}
