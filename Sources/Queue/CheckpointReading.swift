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
    return reading.elements(UInt8.self, bytes: CheckpointHead.size)?.withUnsafeBytes { CheckpointHead($0) }
  }

  private init(disk: any Disk, file: DiskFile, size: UInt64, keys: EncryptionKeys?) {
    self.keys = keys
    self.disk = disk
    self.file = file
    self.size = size
  }

  private mutating func checkpoint() -> Checkpoint? {
    guard let head = elements(UInt8.self, bytes: CheckpointHead.size)?.withUnsafeBytes({ CheckpointHead($0) })
    else { return nil }
    var names: [UInt64] = []
    var snapshot = StateSnapshot(
      QueueState(duplicateWindow: 0, identityKey: head.identityKey, identitiesInMemory: 0), through: 0)
    while let start = SectionStart(elements(UInt8.self, bytes: SectionStart.size)), start.length <= size - offset {
      switch start.kind {
      case .rows:
        guard let chunk = content(start, of: Row.self, capacity: RowTable.chunkSize) else { return nil }
        snapshot.rows.append(chunk)
      case .lanes:
        guard let chunk = content(start, of: LaneSlot.self, capacity: LaneTable.chunkSize) else { return nil }
        snapshot.lanes.append(chunk)
      case .key:
        guard let content = content(start, of: UInt8.self) else { return nil }
        cipher = keys.flatMap { CheckpointCipher(content, $0, nextSequence: head.nextSequence) }
        if cipher == nil { return nil }
      case .end:
        guard content(start, of: UInt8.self) != nil, offset == size else { return nil }
        return Checkpoint(head: head, names: names, snapshot: snapshot)
      default:
        guard let content = content(start, of: UInt8.self), let opened = open(content, start.kind),
          opened.withUnsafeBytes({ Self.read(start.kind, $0, &names, &snapshot) })
        else { return nil }
      }
    }
    return nil
  }

  private func open(_ content: [UInt8], _ kind: CheckpointSection) -> [UInt8]? {
    guard kind.isText, let cipher else { return content }
    return cipher.open(kind, content)
  }

  /// The content of a section, checked; its padding is passed over.
  private mutating func content<Element: BitwiseCopyable>(
    _ start: SectionStart, of type: Element.Type, capacity: Int = 0
  ) -> [Element]? {
    let content = elements(type, bytes: Int(start.length), capacity: capacity)
    guard let content, content.withUnsafeBytes({ crc32c($0, from: start.sum) }) == start.checksum else { return nil }
    offset = min(size, UInt64(Format.padded(Int(offset))))
    return content
  }

  /// The next so many bytes, read to where they stay.
  private mutating func elements<Element: BitwiseCopyable>(
    _ type: Element.Type, bytes: Int, capacity: Int = 0
  ) -> [Element]? {
    let count = bytes / MemoryLayout<Element>.stride
    guard count * MemoryLayout<Element>.stride == bytes, UInt64(bytes) <= size - min(size, offset) else { return nil }
    var isWhole = false
    let (disk, file, at) = (disk, file, offset)
    let elements = [Element](unsafeUninitializedCapacity: max(count, capacity)) { all, filled in
      let raw = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(all)[..<bytes])
      isWhole = (try? disk.read(file, at: at, into: raw)) == bytes
      filled = isWhole ? count : 0
    }
    offset += UInt64(bytes)
    return isWhole ? elements : nil
  }

  private static func read(
    _ kind: CheckpointSection, _ content: UnsafeRawBufferPointer, _ names: inout [UInt64],
    _ snapshot: inout StateSnapshot
  ) -> Bool {
    var reader = PayloadReader(content)
    switch kind {
    case .end, .key, .rows, .lanes: return true
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
    case .identities:
      guard let parts = [FrozenIdentities](&reader) else { return false }
      snapshot.identities = parts
      return true
    }
  }

  private static func facts(_ reader: inout PayloadReader, _ snapshot: inout StateSnapshot) -> Bool {
    var numbers: [UInt64] = []
    while let number = reader.number(UInt64.self) { numbers.append(number) }
    guard numbers.count > 3, let tally = Tally(Array(numbers[3...])) else { return false }
    (snapshot.oldest, snapshot.suspect, snapshot.keptFrom) = (numbers[0], numbers[1], numbers[2])
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
}

/// What stands before a section's content.
private struct SectionStart {
  static let size = 16

  let kind: CheckpointSection
  let length: UInt64
  let checksum: UInt32
  /// The checksum of the kind and the length, to be gone on with.
  let sum: UInt32

  /// Nil where it is no such thing.
  init?(_ bytes: [UInt8]?) {
    let fields = bytes?.withUnsafeBytes { bytes in
      (
        kind: CheckpointSection(rawValue: bytes.get(0, UInt32.self)), checksum: bytes.get(4, UInt32.self),
        length: bytes.get(8, UInt64.self), sum: crc32c(bytes.part(8, 8), from: crc32c(bytes.part(0, 4)))
      )
    }
    guard let fields, let kind = fields.kind else { return nil }
    (self.kind, length, checksum, sum) = (kind, fields.length, fields.checksum, fields.sum)
  }
}
