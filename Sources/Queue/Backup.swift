import Posix

/// A copy of a queue's folder, made while the queue takes events.
public enum QueueBackup {
  /// Files that are the log's. Locks, spares and what is half written are not.
  private static func belongs(_ name: String) -> Bool {
    let endings = [".log", ".ids", ".key"]
    return name.utf8.count > 20 && endings.contains { name.hasSuffix($0) }
      && name.utf8.prefix(20).allSatisfy { 48...57 ~= $0 }
  }

  /// Copies a folder's log into another, which must be empty or new; files, names and folder are durable when it returns.
  /// A process may have the source open: the last segment is copied as far as it is whole, and what came later is not in
  /// the copy. A segment that is let go meanwhile is begun again without.
  ///
  /// `links`: finished files get a second name instead, where the file system can: they change no more, but for what is
  /// erased.
  ///
  /// Errors: `.storage`, with what is in the way.
  @discardableResult
  public static func copy(
    from source: String, to target: String, disk: any Disk = RealDisk(), links: Bool = false,
    encryption: QueueEncryption = QueueEncryption()
  ) throws(QueueError) -> QueueVerification {
    do throws(DiskError) {
      try disk.createFolder(target)
      guard try disk.list(target).isEmpty else { throw DiskError("the folder is not empty", target, .exists) }
      // In the order of the log: what is copied later begins where what was copied before ends.
      let names = try disk.list(source).filter(belongs).sorted()
      let last = names.last { $0.hasSuffix(".log") }
      for name in names {
        do throws(DiskError) {
          if name == last {
            try copyLast(name, source, target, disk)
            continue
          }
          var isLinked = false
          if links { isLinked = try link(name, source, target, disk) }
          if !isLinked { try copy(name, source, target, disk) }
        } catch {
          if !error.isMissing { throw error }
        }
      }
      try disk.syncFolder(target)
    } catch {
      throw .storage("\(error)")
    }
    return try FileQueue.verify(folder: target, disk: disk, encryption: encryption)
  }

  /// Copies a backup into a folder that a queue can then be opened in. Nothing is written unless the backup is whole.
  @discardableResult
  public static func restore(
    from backup: String, to target: String, disk: any Disk = RealDisk(),
    encryption: QueueEncryption = QueueEncryption()
  ) throws(QueueError) -> QueueVerification {
    let found = try FileQueue.verify(folder: backup, disk: disk, encryption: encryption)
    if found.isCorrupt { throw .storage("\(backup) is damaged: \(found.damage)") }
    if found.segments == 0 { throw .storage("\(backup) holds no segment of a queue") }
    return try copy(from: backup, to: target, disk: disk, encryption: encryption)
  }

  /// False where the file system has no second names, or the file is changed at this moment.
  private static func link(
    _ name: String, _ source: String, _ target: String, _ disk: any Disk
  ) throws(DiskError) -> Bool {
    if name.hasSuffix(".log"), try Overwriting.read(disk, source, name) != nil { return false }
    do throws(DiskError) {
      try disk.link(source + "/" + name, to: target + "/" + name)
      return true
    } catch {
      if error.isElsewhere { return false }
      throw error
    }
  }

  private static func copy(
    _ name: String, _ source: String, _ target: String, _ disk: any Disk
  ) throws(DiskError) {
    if name.hasSuffix(".log"), try Overwriting.read(disk, source, name) != nil {
      return try write(try disk.segment(source, name), to: target + "/" + name, disk)
    }
    let from = try disk.open(source + "/" + name, .read)
    defer { disk.close(from) }
    let to = try disk.open(target + "/" + name, .create)
    defer { disk.close(to) }
    let size = try disk.size(from)
    var part = [UInt8](repeating: 0, count: 1 << 20)
    var at: UInt64 = 0
    while at < size {
      let count = try read(from, at, &part, disk)
      if count == 0 { break }
      let bytes = count == part.count ? part : Array(part[..<count])
      try disk.write(bytes, to: to, at: at)
      at += UInt64(count)
    }
    try disk.syncAll(to)
  }

  /// The segment that may be written to at this moment: up to the end of its last whole batch. A batch that was written
  /// while the bytes around it were read is whole when they are read again.
  private static func copyLast(
    _ name: String, _ source: String, _ target: String, _ disk: any Disk
  ) throws(DiskError) {
    var bytes: [UInt8] = []
    for _ in 0..<5 {
      bytes = try disk.segment(source, name)
      if let end = bytes.withUnsafeBytes({ end(of: $0) }) {
        bytes.removeLast(bytes.count - end)
        break
      }
    }
    try write(bytes, to: target + "/" + name, disk)
  }

  private static func write(_ bytes: [UInt8], to path: String, _ disk: any Disk) throws(DiskError) {
    let file = try disk.open(path, .create)
    defer { disk.close(file) }
    try disk.write(bytes, to: file, at: 0)
    try disk.syncAll(file)
  }

  /// Where whole batches end; nil where some are behind bytes that are none.
  private static func end(of all: UnsafeRawBufferPointer) -> Int? {
    guard let head = SegmentHead(all) else { return nil }
    var scan = SegmentScan(all, salt: head.salt)
    var end = scan.at
    var isBroken = false
    while let next = scan.next() {
      guard case .batch(_, _, let range) = next else {
        isBroken = true
        continue
      }
      if isBroken { return nil }
      end = range.upperBound
    }
    return end
  }

  private static func read(
    _ file: DiskFile, _ offset: UInt64, _ part: inout [UInt8], _ disk: any Disk
  ) throws(DiskError) -> Int {
    let result: Result<Int, DiskError> = part.withUnsafeMutableBytes { all in
      do throws(DiskError) { return .success(try disk.read(file, at: offset, into: all)) } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
