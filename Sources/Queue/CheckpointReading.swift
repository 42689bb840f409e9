import Posix

/// A checkpoint that was read and is whole.
struct Checkpoint {
  let head: CheckpointHead
  let names: [UInt64]
  let snapshot: StateSnapshot
}

/// Reads a checkpoint; nil as soon as anything of it is not what was written.
struct CheckpointReading {
  private let disk: any Disk
  private let file: DiskFile
  private var offset: UInt64 = 0
  private let size: UInt64
  private let keys: EncryptionKeys?
  private var cipher: CheckpointCipher?

  static func read(_ disk: any Disk, _ path: String, _ keys: EncryptionKeys) -> Checkpoint? {
    guard let file = try? disk.open(path, .read) else { return nil }
    defer { disk.close(file) }
    guard let size = try? disk.size(file) else { return nil }
    var reading = CheckpointReading(disk: disk, file: file, size: size, keys: keys)
    return reading.checkpoint()
  }

  /// The head alone, for who wants to know how far the log went.
  static func head(_ disk: any Disk, _ path: String) -> CheckpointHead? {
    guard let file = try? disk.open(path, .read) else { return nil }
    defer { disk.close(file) }
    var reading = CheckpointReading(disk: disk, file: file, size: UInt64(CheckpointHead.size), keys: nil)
    return reading.bytes(CheckpointHead.size)?.withUnsafeBytes { CheckpointHead($0) }
  }

  private init(disk: any Disk, file: DiskFile, size: UInt64, keys: EncryptionKeys?) {
    self.keys = keys
    self.disk = disk
    self.file = file
    self.size = size
  }

  private mutating func checkpoint() -> Checkpoint? {
    guard let head = bytes(CheckpointHead.size)?.withUnsafeBytes({ CheckpointHead($0) }) else { return nil }
    var names: [UInt64] = []
    var snapshot = StateSnapshot(
      QueueState(duplicateWindow: 0, identityKey: head.identityKey, identitiesInMemory: 0), through: 0)
    while let start = bytes(16) {
      let kind = start.withUnsafeBytes { CheckpointSection(rawValue: $0.get(0, UInt32.self)) }
      let length = start.withUnsafeBytes { $0.get(8, UInt64.self) }
      guard let kind, length <= size - offset, let content = content(start, Int(length)) else { return nil }
      if kind == .end {
        return offset == size ? Checkpoint(head: head, names: names, snapshot: snapshot) : nil
      }
      if kind == .key {
        cipher = keys.flatMap { CheckpointCipher(content, $0, nextSequence: head.nextSequence) }
        if cipher == nil { return nil }
        continue
      }
      guard let content = kind.isText && cipher != nil ? cipher?.open(kind, content) : content else { return nil }
      let isRead = content.withUnsafeBytes { Self.read(kind, $0, &names, &snapshot) }
      guard isRead else { return nil }
    }
    return nil
  }

  /// The content of a section, checked; its padding is passed over.
  private mutating func content(_ start: [UInt8], _ length: Int) -> [UInt8]? {
    guard let content = bytes(length) else { return nil }
    let sum = start.withUnsafeBytes { crc32c($0.part(8, 8), from: crc32c($0.part(0, 4))) }
    guard content.withUnsafeBytes({ crc32c($0, from: sum) }) == start.withUnsafeBytes({ $0.get(4, UInt32.self) })
    else { return nil }
    offset = min(size, UInt64(Format.padded(Int(offset))))
    return content
  }

  private mutating func bytes(_ count: Int) -> [UInt8]? {
    guard UInt64(count) <= size - min(size, offset) else { return nil }
    var isWhole = false
    let (disk, file, at) = (disk, file, offset)
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { all, filled in
      let raw = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(all)[..<count])
      filled = (try? disk.read(file, at: at, into: raw)) ?? 0
      isWhole = filled == count
    }
    offset += UInt64(count)
    return isWhole ? bytes : nil
  }

  private static func read(
    _ kind: CheckpointSection, _ content: UnsafeRawBufferPointer, _ names: inout [UInt64],
    _ snapshot: inout StateSnapshot
  ) -> Bool {
    var reader = PayloadReader(content)
    switch kind {
    case .end, .key: return true
    case .names:
      while let name = reader.number(UInt64.self) { names.append(name) }
      return true
    case .facts: return facts(&reader, &snapshot)
    case .leases:
      while let token = reader.number(UInt64.self) {
        guard let lane = reader.number(UInt32.self), let sequences = reader.sequences() else { return false }
        snapshot.leases[token] = HeldLease(lane: lane, sequences: sequences)
      }
      return true
    case .notes: return notes(&reader, &snapshot)
    case .flows:
      while let number = reader.number(UInt16.self) {
        guard let flow = reader.text() else { return false }
        snapshot.flows[flow] = number
      }
      return true
    case .sources:
      while let hash = reader.number(UInt64.self) {
        guard let number = reader.number(UInt16.self) else { return false }
        snapshot.sources[SourceHash(hash: hash)] = number
      }
      return true
    case .parked:
      while let sequence = reader.number(UInt64.self) {
        guard let since = reader.number(Int64.self) else { return false }
        snapshot.parkedSince[sequence] = since
      }
      return true
    case .pauses:
      while let since = reader.number(Int64.self) {
        guard let part = PartCoding.decode(&reader) else { return false }
        snapshot.pauses[part] = since
      }
      return true
    case .rows: return append(content, to: &snapshot.rows, capacity: RowTable.chunkSize)
    case .lanes: return append(content, to: &snapshot.lanes, capacity: LaneTable.chunkSize)
    case .identities:
      guard let parts = [FrozenIdentities](&reader) else { return false }
      snapshot.identities = parts
      return true
    }
  }

  private static func facts(_ reader: inout PayloadReader, _ snapshot: inout StateSnapshot) -> Bool {
    var numbers: [UInt64] = []
    while let number = reader.number(UInt64.self) { numbers.append(number) }
    guard numbers.count > 4, let tally = Tally(Array(numbers[4...])) else { return false }
    (snapshot.oldest, snapshot.lastStamp) = (numbers[0], numbers[1])
    (snapshot.suspect, snapshot.keptFrom) = (numbers[2], numbers[3])
    snapshot.tally = tally
    return true
  }

  private static func notes(_ reader: inout PayloadReader, _ snapshot: inout StateSnapshot) -> Bool {
    while let sequence = reader.number(UInt64.self) {
      guard let count = reader.number(UInt32.self) else { return false }
      for _ in 0..<count {
        guard let text = reader.text() else { return false }
        snapshot.notes[sequence, default: []].append(text)
      }
    }
    return true
  }

  private static func append<Plain: BitwiseCopyable>(
    _ content: UnsafeRawBufferPointer, to chunks: inout [[Plain]], capacity: Int
  ) -> Bool {
    let stride = MemoryLayout<Plain>.stride
    guard content.count % stride == 0 else { return false }
    let count = content.count / stride
    chunks.append(
      [Plain](unsafeUninitializedCapacity: max(count, capacity)) { all, filled in
        UnsafeMutableRawBufferPointer(all).copyMemory(from: content)
        filled = count
      })
    return true
  }
}
