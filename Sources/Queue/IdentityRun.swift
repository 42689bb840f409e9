import Posix

/// A run on disk that was checked and can be looked into: filter and index are in memory, the entries are not.
final class IdentityRun: Sendable {
  let head: IdentityRunHead
  let filter: IdentityFilter
  private let index: [UInt64]
  private let disk: any Disk
  private let file: DiskFile

  private init(_ disk: any Disk, _ file: DiskFile, _ head: IdentityRunHead, _ filter: IdentityFilter, _ index: [UInt64])
  {
    self.disk = disk
    self.file = file
    self.head = head
    self.filter = filter
    self.index = index
  }

  deinit { disk.close(file) }

  var name: String { IdentityRunFormat.name(head.first) }
  /// Bytes that it takes in memory.
  var memory: Int { filter.size + index.count * 8 }

  enum Opening {
    case run(IdentityRun)
    /// A later program wrote it.
    case version(UInt32)
    case damaged
  }

  /// Opens a run and checks all of it but its blocks, each of which is checked whenever it is read.
  static func open(_ disk: any Disk, _ path: String) throws(DiskError) -> Opening {
    let file = try disk.open(path, .read)
    do throws(DiskError) {
      let opening = try read(disk, file)
      if case .run = opening { return opening }
      disk.close(file)
      return opening
    } catch {
      disk.close(file)
      throw error
    }
  }

  private static func read(_ disk: any Disk, _ file: DiskFile) throws(DiskError) -> Opening {
    let start = try disk.read(file, at: 0, count: IdentityRunFormat.headSize)
    let head: IdentityRunHead
    switch start.withUnsafeBytes({ IdentityRunHead.read($0) }) {
    case .head(let found): head = found
    case .version(let version): return .version(version)
    case .damaged: return .damaged
    }
    guard try disk.size(file) == UInt64(head.fileSize) else { return .damaged }
    let filter = IdentityFilter(count: head.count)
    let read = try disk.read(file, at: UInt64(IdentityRunFormat.headSize), into: filter.storage)
    let end = try disk.read(file, at: UInt64(IdentityRunFormat.headSize + head.filterSize), count: head.indexSize)
    guard read == head.filterSize, end.count == head.indexSize else { return .damaged }
    let sum = end.withUnsafeBytes { crc32c($0, from: crc32c(UnsafeRawBufferPointer(filter.storage))) }
    guard sum == head.checksum else { return .damaged }
    let index = end.withUnsafeBytes { all in (0..<head.blocks).map { all.get($0 * 8, UInt64.self) } }
    return .run(IdentityRun(disk, file, head, filter, index))
  }

  // MARK: looking

  /// Reads the block where the hash would be, seldom one more. `.uncertain` where that cannot be read, or is not what
  /// was written.
  func look(_ identity: Identity) -> Familiarity {
    var found = Familiarity.unknown
    // The last block that begins before the hash may hold it too.
    var block = max(0, firstBlock(atLeast: identity.id) - 1)
    while block < index.count, index[block] <= identity.id {
      let here = try? withBlock(block) { Self.look(identity, in: $0) }
      switch here {
      case .duplicate: return here ?? .uncertain
      case .unknown: break
      case .conflicting: found = .conflicting
      case .uncertain, nil: if found == .unknown { found = .uncertain }
      }
      block += 1
    }
    return found
  }

  /// The newest entry of the same hash and body.
  private static func look(_ identity: Identity, in entries: UnsafeRawBufferPointer) -> Familiarity {
    var low = 0
    var high = entries.count / IdentityRunFormat.entrySize
    let end = high
    while low < high {
      let middle = (low + high) / 2
      let isBefore = entries.get(middle * IdentityRunFormat.entrySize, UInt64.self) < identity.id
      if isBefore { low = middle + 1 } else { high = middle }
    }
    var found = Familiarity.unknown
    while low < end {
      let entry = Identity(entries, at: low)
      guard entry.id == identity.id else { break }
      if entry.body == identity.body { found = .duplicate(of: entry.sequence) }
      if found == .unknown { found = .conflicting }
      low += 1
    }
    return found
  }

  private func firstBlock(atLeast hash: UInt64) -> Int {
    var low = 0
    var high = index.count
    while low < high {
      let middle = (low + high) / 2
      if index[middle] < hash { low = middle + 1 } else { high = middle }
    }
    return low
  }

  // MARK: blocks

  struct Damaged: Error {}

  /// Reads a block and checks it; the entries are lent.
  func withBlock<Value>(_ block: Int, _ body: (UnsafeRawBufferPointer) throws -> Value) throws -> Value {
    let size = head.entries(inBlock: block) * IdentityRunFormat.entrySize
    let whole = size + IdentityRunFormat.blockTail
    return try withUnsafeTemporaryAllocation(byteCount: whole, alignment: 8) { bytes in
      let at = UInt64(head.firstBlock + block * IdentityRunFormat.blockSize)
      let count = try disk.read(file, at: at, into: bytes)
      let all = UnsafeRawBufferPointer(bytes)
      guard count == whole, all.get(whole - 4, UInt32.self) == crc32c(all.part(0, whole - 4), from: head.seed(block))
      else { throw Damaged() }
      return try body(all.part(0, size))
    }
  }

  /// Reads all of it; throws where a block cannot be read or is damaged.
  func check() throws {
    for block in 0..<head.blocks { try withBlock(block) { _ in } }
  }
}

extension Identity {
  /// The entry of that number in a block.
  init(_ entries: UnsafeRawBufferPointer, at number: Int) {
    let at = number * IdentityRunFormat.entrySize
    self.init(
      id: entries.get(at, UInt64.self), body: entries.get(at + 8, UInt64.self),
      sequence: entries.get(at + 16, UInt64.self))
  }
}

extension Disk {
  /// So many bytes, or fewer where the file ends.
  func read(_ file: DiskFile, at offset: UInt64, count: Int) throws(DiskError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    let read = try span.withUnsafeMutableBytes { (all) throws(DiskError) in try self.read(file, at: offset, into: all) }
    bytes.removeLast(count - read)
    return bytes
  }
}
