import Posix

// The part of a recovery that writes.

extension Recovery {
  /// Makes the end of the log sure, and opens it for writing.
  mutating func openTail() throws -> Log {
    guard let tail else { return try createFirst() }
    try keepCopies(tail)
    let path = folder + "/" + tail.name
    let file = try disk.open(path, .write)
    do {
      // Pages whose writing back failed look clean: what is not known to be synced is written once more, and only
      // then believed.
      if tail.marked < tail.end { try disk.write(tail.unverified, to: file, at: UInt64(tail.marked)) }
      if tail.end == Format.segmentHeadSize, let head = firstBytes(tail) { try disk.write(head, to: file, at: 0) }
      if let torn = tail.torn {
        try disk.write([UInt8](repeating: 0, count: torn.count), to: file, at: UInt64(torn.lowerBound))
      }
      let size = try allocated(file, atLeast: UInt64(tail.end))
      try disk.syncAll(file)
      try disk.syncFolder(folder)
      return Log(
        disk: disk, folder: folder, options: options, names: names, segment: tail.segment, file: file, salt: tail.salt,
        end: UInt64(tail.end), size: size, marked: UInt64(tail.marked), nextBatch: chain?.number ?? 1,
        previous: chain?.checksum ?? 0, time: time)
    } catch {
      disk.close(file)
      throw error
    }
  }

  private func createFirst() throws -> Log {
    let salt = UInt64.random(in: 1...UInt64.max)
    let number = chain?.number ?? 1
    let previous = chain?.checksum ?? 0
    let file = try SegmentFile.create(
      disk, folder, size: options.segmentSize,
      SegmentHead(firstSequence: nextSequence, firstBatch: number, salt: salt, previous: previous))
    let start = UInt64(Format.segmentHeadSize)
    return Log(
      disk: disk, folder: folder, options: options, names: names, segment: names.append(nextSequence), file: file,
      salt: salt, end: start, size: options.segmentSize, marked: start, nextBatch: number, previous: previous,
      time: time)
  }

  /// The head of a segment that has no batch yet.
  private func firstBytes(_ tail: Tail) -> [UInt8]? {
    guard let first = Format.firstSequence(tail.name), let chain else { return nil }
    return SegmentHead(firstSequence: first, firstBatch: chain.number, salt: tail.salt, previous: chain.checksum).bytes
  }

  /// The file's length, made whole again where a crash kept it short; less where the disk is full.
  private func allocated(_ file: DiskFile, atLeast end: UInt64) throws -> UInt64 {
    let size = try disk.size(file)
    let wanted = max(options.segmentSize, end)
    if size >= wanted { return size }
    do {
      try disk.allocate(file, size: wanted)
      return wanted
    } catch  where error.isFull {
      return size
    }
  }

  /// Keeps what was torn or damaged in a file of its own, before anything is overwritten.
  private mutating func keepCopies(_ tail: Tail) throws {
    for index in report.damage.indices {
      let damage = report.damage[index]
      switch damage.kind {
      case .chain, .segment: continue
      case .tornTail where tail.torn == nil: continue
      case .tornTail, .unreadable, .body: break
      }
      let ending = damage.kind == .tornTail ? "torn" : "corrupt"
      let copy = "\(damage.segment).\(ending)-\(damage.offset)"
      try keep(damage, as: copy)
      report.damage[index].copy = copy
    }
  }

  private func keep(_ damage: Damage, as copy: String) throws {
    guard try !disk.list(folder).contains(copy) else { return }
    let source = try disk.open(folder + "/" + damage.segment, .read)
    defer { disk.close(source) }
    var bytes = [UInt8](repeating: 0, count: Int(damage.length))
    let count = try bytes.withUnsafeMutableBytes { try disk.read(source, at: damage.offset, into: $0) }
    bytes.removeLast(bytes.count - count)
    let part = folder + "/" + copy + ".part"
    let file = try disk.open(part, .replace)
    defer { disk.close(file) }
    try disk.write(bytes, to: file, at: 0)
    try disk.syncAll(file)
    try disk.rename(part, to: folder + "/" + copy)
    try disk.syncFolder(folder)
  }
}
