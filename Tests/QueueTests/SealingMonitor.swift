import Posix
import Support

@testable import Queue

/// A record as it was handed to the disk.
struct SealedRecord: Sendable {
  let key: [UInt8]
  let sequence: UInt64
  /// From its head on.
  let bytes: [UInt8]
}

/// Passes everything on to a disk, and keeps each encrypted record that was ever handed to it, whether it stayed or not.
final class SealingMonitor: Disk {
  struct Seen: Sendable {
    var records: [SealedRecord] = []
    /// Data keys by the salts of their segments.
    var keys: [UInt64: [UInt8]] = [:]

    /// Uses of one nonce with one key for anything but the same bytes.
    var repeats: [UInt64] {
      var first: [[UInt8]: [UInt64: [UInt8]]] = [:]
      var found: [UInt64] = []
      for record in records {
        if let known = first[record.key]?[record.sequence] {
          if known != record.bytes { found.append(record.sequence) }
        } else {
          first[record.key, default: [:]][record.sequence] = record.bytes
        }
      }
      return found
    }
  }

  private let base: FaultyDisk
  private let wrapper: KeyEncryptionKey
  private let state: Lock<(seen: Seen, paths: [Int32: String])>

  /// `seen`: by those who wrote to the disk before.
  init(_ base: FaultyDisk, _ wrapper: KeyEncryptionKey, after seen: Seen = Seen()) {
    self.base = base
    self.wrapper = wrapper
    state = Lock((seen, [:]))
  }

  var seen: Seen { state.withLock { $0.seen } }

  func open(_ path: String, _ mode: DiskMode) throws(DiskError) -> DiskFile {
    let file = try base.open(path, mode)
    // A segment keeps the name that its file was allocated under.
    state.withLock { $0.paths[file.number] = path }
    return file
  }

  func write(_ bytes: UnsafeRawBufferPointer, to file: DiskFile, at offset: UInt64) throws(DiskError) {
    let copy = [UInt8](bytes)
    state.withLock { state in
      let path = state.paths[file.number] ?? ""
      if path.hasSuffix(".key.part") {
        Self.note(key: copy, wrapper, in: &state.seen)
      } else if path.hasSuffix(".log") || path.hasSuffix(".segment") {
        Self.note(batches: copy, in: &state.seen)
      }
    }
    try base.write(bytes, to: file, at: offset)
  }

  private static func note(key bytes: [UInt8], _ wrapper: KeyEncryptionKey, in seen: inout Seen) {
    guard let file = EncryptionKeyFile(bytes), let key = try? file.dataKey(wrapper) else { return }
    seen.keys[file.salt] = key
  }

  private static func note(batches: [UInt8], in seen: inout Seen) {
    batches.withUnsafeBytes { bytes in
      guard let salt = SegmentScan.salt(in: bytes, at: 0), let key = seen.keys[salt] else { return }
      var scan = SegmentScan(bytes, salt: salt, at: 0)
      while let found = scan.next() {
        guard case .batch(let head, _, let range) = found else { continue }
        SegmentScan.records(head, range, in: bytes) { frame in
          let whole = Array(bytes[frame.offset..<frame.end])
          if frame.isEncrypted { seen.records.append(SealedRecord(key: key, sequence: frame.sequence, bytes: whole)) }
        }
      }
    }
  }

  func close(_ file: DiskFile) { base.close(file) }
  func createFolder(_ path: String) throws(DiskError) { try base.createFolder(path) }
  func read(
    _ file: DiskFile, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
  ) throws(DiskError) -> Int { try base.read(file, at: offset, into: bytes) }
  func size(_ file: DiskFile) throws(DiskError) -> UInt64 { try base.size(file) }
  func sync(_ file: DiskFile) throws(DiskError) { try base.sync(file) }
  func syncAll(_ file: DiskFile) throws(DiskError) { try base.syncAll(file) }
  func syncFolder(_ path: String) throws(DiskError) { try base.syncFolder(path) }
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
