import Posix

// The part of a recovery that writes.

extension Recovery {
  /// Makes the end of the log sure, and opens it for writing.
  mutating func openTail() throws -> Log {
    guard let tail else { return try createFirst() }
    try keepCopies(tail)
    let key = identityKey ?? .random()
    let path = folder + "/" + tail.name
    let file = try disk.open(path, .write)
    do {
      // Pages whose writing back failed look clean: what is not known to be synced is written once more, and only
      // then believed.
      if tail.marked < tail.end { try rewrite(tail, tail.unverified, at: tail.marked, to: file) }
      if tail.end == Format.segmentHeadSize, let head = firstBytes(tail, key) {
        try rewrite(tail, head, at: 0, to: file)
      }
      if let torn = tail.torn {
        try disk.write([UInt8](repeating: 0, count: torn.count), to: file, at: UInt64(torn.lowerBound))
      }
      let size = tail.isSealed ? try disk.size(file) : try allocated(file, atLeast: UInt64(tail.end))
      try disk.syncAll(file)
      try disk.syncFolder(folder)
      return Log(
        disk: disk, folder: folder, options: options, names: names, upkeep: upkeep, keys: keys, segment: tail.segment,
        file: file, salt: tail.salt, identityKey: key, end: UInt64(tail.end), size: size, marked: UInt64(tail.marked),
        nextBatch: chain?.number ?? 1, previous: chain?.checksum ?? 0, time: time,
        firstSequence: Format.firstSequence(tail.name) ?? 0, sealed: sealed, seal: tail.seal,
        isSealed: tail.isSealed, mustRoll: tail.isEncrypted || keys.encrypts,
        spare: try Spare.adopt(disk, folder, size: options.segmentSize))
    } catch {
      disk.close(file)
      throw error
    }
  }

  /// It may be on disk, and acknowledged: a crash while it is written again must not take it. On a full disk there is no
  /// room to say so first.
  private func rewrite(_ tail: Tail, _ bytes: [UInt8], at offset: Int, to file: DiskFile) throws(DiskError) {
    var overwriting = Overwriting(firstSequence: Format.firstSequence(tail.name) ?? 0, salt: tail.salt)
    overwriting.changes = [Overwriting.Change(offset: UInt64(offset), length: bytes.count, head: bytes)]
    do throws(DiskError) {
      try overwriting.run(disk, folder)
    } catch {
      guard error.isFull else { throw error }
      try disk.write(bytes, to: file, at: UInt64(offset))
    }
  }

  private func createFirst() throws -> Log {
    let key = identityKey ?? .random()
    let spare =
      try Spare.adopt(disk, folder, size: options.segmentSize)
      ?? Spare.make(disk, folder, .atOnce, size: options.segmentSize)
    let head = SegmentHead(
      firstSequence: nextSequence, firstBatch: chain?.number ?? 1, salt: .random(in: 1...UInt64.max),
      previous: chain?.checksum ?? 0, identityKey: key)
    let cipher = try spare.begin(disk, folder, head, keys)
    let start = UInt64(Format.segmentHeadSize)
    return Log(
      disk: disk, folder: folder, options: options, names: names, upkeep: upkeep, keys: keys,
      segment: names.append(nextSequence), file: spare.file, salt: head.salt, cipher: cipher, identityKey: key,
      end: start, size: spare.size, marked: start, nextBatch: head.firstBatch, previous: head.previous, time: time,
      firstSequence: nextSequence, sealed: sealed, seal: SealDraft())
  }

  /// A crash came between the seal of the last segment and the next one's head, or this opening may not write to the
  /// last one. On a full disk the next one is for settling; where there is no room for that either, the log stays as it
  /// is: full.
  mutating func goOn(_ log: inout Log) throws(DiskError) {
    nextSequence = log.free(nextSequence)
    for isIntake in [true, false] {
      do throws(LogError) {
        return try log.roll(firstSequence: nextSequence, needed: 0, isIntake: isIntake)
      } catch {
        if error.isFinal { throw error.error }
        log.isDraining = true
      }
    }
  }

  /// The head of a segment that has no batch yet.
  private func firstBytes(_ tail: Tail, _ key: IdentityKey) -> [UInt8]? {
    guard let first = Format.firstSequence(tail.name), let chain else { return nil }
    var head = SegmentHead(
      firstSequence: first, firstBatch: chain.number, salt: tail.salt, previous: chain.checksum, identityKey: key)
    if tail.isEncrypted { head.flags |= Format.encryptedSegment }
    return head.bytes
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
      case .chain, .seal, .segment, .run, .identities, .key: continue
      case .tornTail where tail.torn == nil: continue
      case .tornTail, .unreadable, .body, .notAuthentic: break
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
    try disk.replace(folder, copy, with: bytes)
  }
}
