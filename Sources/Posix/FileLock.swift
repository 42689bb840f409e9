import Glibc

/// flock(2) on a file of its own, which stays when the lock is released: removing it would let two processes each lock a
/// file of the same name.
public final class FileLock: DiskLock {
  private let descriptor: Lock<Int32?>

  /// Takes the lock without waiting; `DiskError.isLocked` where another process, or another part of this one, holds it.
  public init(_ path: String) throws(DiskError) {
    let opened = try openAboveStandard(path, O_RDWR | O_CREAT, call: "open")
    do {
      _ = try retrying { flock(opened, LOCK_EX | LOCK_NB) }
    } catch {
      Glibc.close(opened)
      throw DiskError("flock", path, error)
    }
    descriptor = Lock(opened)
  }

  deinit { release() }

  public func release() {
    let held = descriptor.withLock { slot in
      let held = slot
      slot = nil
      return held
    }
    if let held { Glibc.close(held) }
  }
}
