import Posix

/// The files of the runs: writes, merges and removes them. Belongs to one thread.
struct IdentityFiles: Sendable {
  let disk: any Disk
  let folder: String
  let key: IdentityKey

  func perform(_ job: IdentityJob) -> IdentityOutcome {
    do {
      switch job {
      case .write(let part): return .written(try write(part))
      case .merge(let one, let other): return try merge(one, other)
      case .remove(let run):
        try disk.unlink(path(run.name))
        return .removed(first: run.head.first)
      }
    } catch {
      return .failed("\(error)")
    }
  }

  func path(_ name: String) -> String { folder + "/" + name }

  // MARK: writing

  private func write(_ part: FrozenIdentities) throws -> IdentityRun {
    let head = IdentityRunHead(
      key: key, salt: UInt64.random(in: 1...UInt64.max), count: part.table.count, first: part.first, last: part.last,
      oldest: part.oldest, newest: part.newest, newestBefore: part.newestBefore)
    var entries = part.table.sorted().makeIterator()
    return try write(head) { entries.next() }
  }

  /// Writes a run under another name, syncs it, gives it its name, syncs that, and opens it.
  private func write(_ head: IdentityRunHead, _ next: () throws -> Identity?) throws -> IdentityRun {
    let name = IdentityRunFormat.name(head.first)
    let part = path(name) + IdentityRunFormat.unfinished
    let file = try disk.open(part, .replace)
    do {
      var writing = IdentityRunWriting(disk, file, head)
      while let entry = try next() { try writing.put(entry) }
      try writing.end()
      try disk.syncAll(file)
      disk.close(file)
    } catch {
      disk.close(file)
      // Whatever becomes of it: it has no name that anybody reads.
      try? disk.unlink(part)
      throw error
    }
    try disk.rename(part, to: path(name))
    try disk.syncFolder(folder)
    guard case .run(let run) = try IdentityRun.open(disk, path(name)) else {
      throw DiskError("read back", path(name), .inputOutput)
    }
    return run
  }

  // MARK: merging

  /// The merged run takes the older one's name; only when that is durable is the younger one's file removed.
  private func merge(_ one: IdentityRun, _ other: IdentityRun) throws -> IdentityOutcome {
    let (older, younger) = (one.head, other.head)
    let head = IdentityRunHead(
      key: key, salt: UInt64.random(in: 1...UInt64.max), count: older.count + younger.count, first: older.first,
      last: younger.last, oldest: older.count == 0 ? younger.oldest : older.oldest, newest: younger.newest,
      newestBefore: older.newestBefore)
    var left = IdentityCursor(one)
    var right = IdentityCursor(other)
    let run: IdentityRun
    do {
      run = try write(head) {
        guard let first = try left.current() else {
          defer { right.step() }
          return try right.current()
        }
        if let second = try right.current(), (second.id, second.sequence) < (first.id, first.sequence) {
          right.step()
          return second
        }
        left.step()
        return first
      }
    } catch let error as IdentityCursor.Unreadable {
      return .damaged(first: error.first, error.text)
    }
    try? disk.unlink(path(other.name))
    return .merged(run)
  }
}

/// Puts entries that come in order into a file.
private struct IdentityRunWriting {
  /// Bytes after which what was written is synced: one large sync at the end would hold up those of the log.
  static let syncStep = 4 << 20

  private let disk: any Disk
  private let file: DiskFile
  private var head: IdentityRunHead
  private let filter: IdentityFilter
  private var index: [UInt8] = []
  private var bytes: [UInt8] = []
  private var block = 0
  private var entries = 0
  private var at: Int
  private var synced: Int

  init(_ disk: any Disk, _ file: DiskFile, _ head: IdentityRunHead) {
    self.disk = disk
    self.file = file
    self.head = head
    filter = IdentityFilter(count: head.count)
    at = head.firstBlock
    synced = at
  }

  mutating func put(_ entry: Identity) throws {
    if entries == 0 { index.put(entry.id) }
    bytes.put(entry.id)
    bytes.put(entry.body)
    bytes.put(entry.sequence)
    filter.insert(entry.id)
    entries += 1
    if entries == head.entries(inBlock: block) { try endBlock() }
  }

  private mutating func endBlock() throws {
    let start = bytes.count - entries * IdentityRunFormat.entrySize
    bytes.put(UInt64(0))
    bytes.put(UInt32(0))
    bytes.put(bytes.withUnsafeBytes { crc32c(UnsafeRawBufferPointer(rebasing: $0[start...]), from: head.seed(block)) })
    block += 1
    entries = 0
    if bytes.count >= 1 << 16 { try flush() }
  }

  private mutating func flush() throws {
    try disk.write(bytes, to: file, at: UInt64(at))
    at += bytes.count
    bytes.removeAll(keepingCapacity: true)
    if at - synced >= Self.syncStep {
      try disk.sync(file)
      synced = at
    }
  }

  mutating func end() throws {
    precondition(block == head.blocks && entries == 0, "a run holds as many entries as its head says")
    if !bytes.isEmpty { try flush() }
    let filterBytes = UnsafeRawBufferPointer(filter.storage)
    head.checksum = index.withUnsafeBytes { crc32c($0, from: crc32c(filterBytes)) }
    try disk.write(filterBytes, to: file, at: UInt64(IdentityRunFormat.headSize))
    if !index.isEmpty { try disk.write(index, to: file, at: UInt64(IdentityRunFormat.headSize + head.filterSize)) }
    try disk.write(head.bytes, to: file, at: 0)
  }
}

/// Reads a run's entries in order, a block at a time.
private struct IdentityCursor {
  struct Unreadable: Error {
    let first: UInt64
    let text: String
  }

  private let run: IdentityRun
  private var block = 0
  private var entries: [Identity] = []
  private var at = 0

  init(_ run: IdentityRun) { self.run = run }

  mutating func current() throws(Unreadable) -> Identity? {
    while at == entries.count {
      guard block < run.head.blocks else { return nil }
      let count = run.head.entries(inBlock: block)
      do {
        entries = try run.withBlock(block) { bytes in (0..<count).map { Identity(bytes, at: $0) } }
      } catch {
        throw Unreadable(first: run.head.first, text: "\(run.name): block \(block): \(error)")
      }
      block += 1
      at = 0
    }
    return entries[at]
  }

  mutating func step() { at += 1 }
}
