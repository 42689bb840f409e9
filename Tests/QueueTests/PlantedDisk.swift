import Posix
import Support

/// A disk with a bug between it and the queue, as the queue itself might have it: the crash loop has to find each.
final class PlantedDisk: Disk {
  enum Bug: String, CaseIterable, Sendable {
    /// fdatasync is left out.
    case skippedSync
    /// fdatasync returns before it is done: the queue acknowledges early.
    case earlyAcknowledgement
    /// A new segment's name is not synced.
    case skippedFolderSync
  }

  private let base: FaultyDisk
  private let bug: Bug
  private let owed = Lock<DiskFile?>(nil)

  init(_ base: FaultyDisk, _ bug: Bug) {
    self.base = base
    self.bug = bug
  }

  func write(_ bytes: UnsafeRawBufferPointer, to file: DiskFile, at offset: UInt64) throws(DiskError) {
    let late = owed.withLock { slot in
      let late = slot
      slot = nil
      return late
    }
    if let late { try? base.sync(late) }
    try base.write(bytes, to: file, at: offset)
  }

  func sync(_ file: DiskFile) throws(DiskError) {
    switch bug {
    case .skippedSync: break
    case .earlyAcknowledgement: owed.withLock { $0 = file }
    default: try base.sync(file)
    }
  }

  func syncAll(_ file: DiskFile) throws(DiskError) {
    if bug != .skippedSync { try base.syncAll(file) }
  }

  func syncFolder(_ path: String) throws(DiskError) {
    if bug != .skippedFolderSync { try base.syncFolder(path) }
  }

  func createFolder(_ path: String) throws(DiskError) { try base.createFolder(path) }
  func open(_ path: String, _ mode: DiskMode) throws(DiskError) -> DiskFile { try base.open(path, mode) }
  func close(_ file: DiskFile) { base.close(file) }
  func read(
    _ file: DiskFile, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
  ) throws(DiskError) -> Int { try base.read(file, at: offset, into: bytes) }
  func size(_ file: DiskFile) throws(DiskError) -> UInt64 { try base.size(file) }
  func allocate(_ file: DiskFile, size: UInt64) throws(DiskError) { try base.allocate(file, size: size) }
  func truncate(_ file: DiskFile, to size: UInt64) throws(DiskError) { try base.truncate(file, to: size) }
  func rename(_ from: String, to: String) throws(DiskError) { try base.rename(from, to: to) }
  func link(_ from: String, to: String) throws(DiskError) { try base.link(from, to: to) }
  func unlink(_ path: String) throws(DiskError) { try base.unlink(path) }
  func list(_ folder: String) throws(DiskError) -> [String] { try base.list(folder) }
  func freeSpace(_ path: String) throws(DiskError) -> UInt64 { try base.freeSpace(path) }
  func fileSystem(_ path: String) throws(DiskError) -> String? { try base.fileSystem(path) }
  func lock(_ path: String) throws(DiskError) -> any DiskLock { try base.lock(path) }
}
