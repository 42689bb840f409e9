import Posix

/// A batch that is to be written where the log ends.
struct BatchWrite: Sendable {
  let head: BatchHead
  /// Of the head.
  let checksum: UInt32
  let file: DiskFile
  let offset: UInt64
  /// With the head.
  var bytes: [UInt8]

  /// Writes it and syncs it. Only a full disk leaves the log usable: what a failed write left is overwritten by the next
  /// batch, whose head stands in the same place.
  func run(_ disk: any Disk) throws(LogError) {
    do { try disk.write(bytes, to: file, at: offset) } catch { throw LogError(isFinal: !error.isFull, error) }
    // After a failed sync the bytes may be gone although the next sync succeeds: never ask again, whatever the error.
    do { try disk.sync(file) } catch { throw LogError(isFinal: true, error) }
  }
}

/// A thread that writes and syncs one batch at a time, while the writer sees to the next one.
final class SyncThread: Sendable {
  /// What came of a batch; its bytes come back, so that their memory is used again.
  struct Landing: Sendable {
    var write: BatchWrite
    let failure: LogError?
  }

  private let inbox = Inbox<BatchWrite>()
  private let landings = Landings()
  private let thread: BlockingThread

  private final class Landings: Sendable {
    let last = Lock<Landing?>(nil)
  }

  /// `whenLanded` is called on the thread, each time that there is a landing to take.
  init(_ disk: any Disk, whenLanded: @escaping @Sendable () -> Void) throws(Errno) {
    let inbox = inbox
    let landings = landings
    thread = try BlockingThread(name: "queue-sync") {
      var writes: [BatchWrite] = []
      while true {
        inbox.take(into: &writes, until: nil)
        // Nobody else holds its bytes when they are given back.
        guard let write = writes.popLast() else { return }
        let failure: LogError?
        do throws(LogError) {
          try write.run(disk)
          failure = nil
        } catch {
          failure = error
        }
        landings.last.withLock { $0 = Landing(write: write, failure: failure) }
        whenLanded()
      }
    }
  }

  /// Nothing may be under way.
  func submit(_ write: BatchWrite) { _ = inbox.put(write) }

  /// What the batch that was under way came to, once.
  func takeLanding() -> Landing? {
    landings.last.withLock { last in
      defer { last = nil }
      return last
    }
  }

  func close() {
    _ = inbox.close()
    thread.join()
  }
}
