import Glibc

/// Everything a simulated disk holds; a value, so that a picture of it costs little.
public struct DiskImage: Sendable {
  struct NameChange {
    var removed: String?
    var added: String?
    var file: Int
  }

  var files: [SimulatedFile] = []
  /// As a program sees them.
  var names: [String: Int] = [:]
  private var durableNames: [String: Int] = [:]
  private var nameChanges: [NameChange] = []

  public init() {}

  public var paths: [String] { names.keys.sorted() }

  /// A file's bytes as a program sees them.
  public subscript(path: String) -> [UInt8]? {
    get { names[path].map { files[$0].now } }
    set {
      if let newValue {
        let number = names[path] ?? makeFile(path)
        files[number] = SimulatedFile(newValue)
      } else if names[path] != nil {
        changeNames(NameChange(removed: path, added: nil, file: 0))
      }
      syncNames()
    }
  }

  /// A disk with this image, everything on it durable as a program sees it.
  public func disk() -> FaultyDisk {
    var image = self
    for index in image.files.indices { image.files[index].sync() }
    image.syncNames()
    return FaultyDisk(image)
  }

  /// The disk as a killed process leaves it: all that it wrote can be read, and nothing of it is synced that was not.
  public func afterKill() -> FaultyDisk { FaultyDisk(self) }

  /// The disk as a power cut leaves it: every unsynced write whole, cut, in scattered sectors, zeroed or gone, in any
  /// order; every unsynced name there or not. Seed 0 loses all that is not synced, seed 1 keeps it.
  public func afterCrash(seed: UInt64) -> FaultyDisk {
    var random = SeededRandom(seed: seed)
    var image = DiskImage()
    var names = durableNames
    for change in nameChanges where seed == 1 || (seed > 1 && Bool.random(using: &random)) {
      if let removed = change.removed { names[removed] = nil }
      if let added = change.added { names[added] = change.file }
    }
    for (path, number) in names.sorted(by: { $0.key < $1.key }) {
      image.names[path] = image.files.count
      image.files.append(SimulatedFile(files[number].afterCrash(seed: seed, &random)))
    }
    image.syncNames()
    return FaultyDisk(image)
  }

  mutating func makeFile(_ path: String) -> Int {
    files.append(SimulatedFile([]))
    changeNames(NameChange(removed: nil, added: path, file: files.count - 1))
    return files.count - 1
  }

  mutating func changeNames(_ change: NameChange) {
    if let removed = change.removed { names[removed] = nil }
    if let added = change.added { names[added] = change.file }
    nameChanges.append(change)
  }

  mutating func syncNames() {
    durableNames = names
    nameChanges = []
  }
}

struct SimulatedFile: Sendable {
  enum Change: Sendable {
    case write(Int, [UInt8])
    case truncate(Int)
  }

  private var durable: [UInt8]
  private var changes: [Change] = []
  /// Something of what a program sees will never be on disk.
  private var hasLost = false
  /// As a program sees it.
  private(set) var now: [UInt8]

  init(_ bytes: [UInt8]) {
    durable = bytes
    now = bytes
  }

  mutating func change(_ change: Change) {
    Self.apply(change, to: &now)
    changes.append(change)
  }

  mutating func sync() {
    if hasLost { for change in changes { Self.apply(change, to: &durable) } } else { durable = now }
    changes = []
  }

  /// The pages stay readable and look clean: no later sync writes them.
  mutating func loseUnsynced() {
    if !changes.isEmpty { hasLost = true }
    changes = []
  }

  func afterCrash(seed: UInt64, _ random: inout SeededRandom) -> [UInt8] {
    var bytes = durable
    if seed == 0 { return bytes }
    let order = seed == 1 ? changes : changes.shuffled(using: &random)
    for change in order {
      if seed == 1 {
        Self.apply(change, to: &bytes)
      } else {
        Self.damage(change, &bytes, &random)
      }
    }
    return bytes
  }

  private static let sector = 512

  private static func damage(_ change: Change, _ bytes: inout [UInt8], _ random: inout SeededRandom) {
    guard case .write(let offset, let written) = change else {
      if Bool.random(using: &random) { apply(change, to: &bytes) }
      return
    }
    switch Int.random(in: 0..<5, using: &random) {
    case 0: break
    case 1: apply(change, to: &bytes)
    case 2:
      let cut = (offset / sector + Int.random(in: 0...written.count / sector + 1, using: &random)) * sector
      if cut > offset { apply(.write(offset, Array(written.prefix(cut - offset))), to: &bytes) }
    case 3:
      sectors(offset, written) { at, part in
        if Bool.random(using: &random) { apply(.write(at, part), to: &bytes) }
      }
    default:
      sectors(offset, written) { at, part in
        let isZeroed = Bool.random(using: &random)
        apply(.write(at, isZeroed ? [UInt8](repeating: 0, count: part.count) : part), to: &bytes)
      }
    }
  }

  private static func sectors(_ offset: Int, _ written: [UInt8], _ body: (Int, [UInt8]) -> Void) {
    var at = offset
    while at < offset + written.count {
      let end = min(offset + written.count, (at / sector + 1) * sector)
      body(at, Array(written[(at - offset)..<(end - offset)]))
      at = end
    }
  }

  private static func apply(_ change: Change, to bytes: inout [UInt8]) {
    switch change {
    case .truncate(let size):
      if size < bytes.count { bytes.removeLast(bytes.count - size) } else { grow(&bytes, size) }
    case .write(let offset, let written):
      grow(&bytes, offset + written.count)
      bytes.replaceSubrange(offset..<offset + written.count, with: written)
    }
  }

  /// At once: this is most of what a simulated disk does.
  private static func zeros(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { bytes, filled in
      memset(bytes.baseAddress!, 0, count)
      filled = count
    }
  }

  private static func grow(_ bytes: inout [UInt8], _ size: Int) {
    if bytes.count < size { bytes += zeros(size - bytes.count) }
  }
}
