import Posix

/// A disk in memory that knows what is durable and what a power cut would take, and that fails on demand.
///
/// A file is its durable bytes and the writes since its last sync; a folder is its durable names and the names made,
/// changed and removed since its last sync. `afterCrash` makes the disk that a power cut leaves behind.
public final class FaultyDisk: Disk {
  /// What to do at a call instead of the call.
  public enum Fault: Sendable {
    case error(Errno)
    /// Writes the first half, then fails.
    case shortWrite(Errno)
    /// A sync that fails and loses the writes it was for, although they can be read until the power goes: what Linux
    /// does to pages whose writing back failed.
    case lostSync(Errno)
  }

  /// Called before each call with its number, from 1, and its name; `create` opens a file that is new or emptied, `open`
  /// one that stays as it is. May answer with a fault.
  public typealias Watcher = @Sendable (Int, String, FaultyDisk) -> Fault?

  struct Hardware {
    var image = DiskImage()
    var handles: [Int32: Int] = [:]
    var nextHandle: Int32 = 100
    var locks: Set<String> = []
    var calls = 0
    var watcher: Watcher?
    var free: UInt64 = 1 << 40
  }

  let hardware: Lock<Hardware>

  public init() { hardware = Lock(Hardware()) }

  init(_ image: DiskImage) { hardware = Lock(Hardware(image: image)) }

  public var calls: Int { hardware.withLock { $0.calls } }
  public func watch(_ watcher: Watcher?) { hardware.withLock { $0.watcher = watcher } }
  /// The medium turns a bit of a file.
  public func flip(_ path: String, _ offset: Int) {
    hardware.withLock { hardware in
      guard let number = hardware.image.names[path] else { return }
      let byte = hardware.image.files[number].now[offset]
      hardware.image.files[number].change(.write(offset, [byte ^ 1]))
    }
  }
  public func setFree(_ bytes: UInt64) { hardware.withLock { $0.free = bytes } }

  /// The disk as it is now, unsynced writes included; a copy costs little.
  public var image: DiskImage { hardware.withLock { $0.image } }

  // MARK: Disk

  public func createFolder(_ path: String) throws(DiskError) { try call("mkdir", path) { _ throws(DiskError) in } }

  public func open(_ path: String, _ mode: DiskMode) throws(DiskError) -> DiskFile {
    let makes = mode == .create || mode == .replace
    return try call(makes ? "create" : "open", path) { hardware throws(DiskError) in
      var number = hardware.image.names[path]
      switch mode {
      case .read, .write: break
      case .create:
        if number != nil { throw DiskError("open", path, .exists) }
        number = hardware.image.makeFile(path)
      case .replace:
        if let known = number {
          hardware.image.files[known].change(.truncate(0))
        } else {
          number = hardware.image.makeFile(path)
        }
      }
      guard let number else { throw DiskError("open", path, .noSuchFile) }
      hardware.nextHandle += 1
      hardware.handles[hardware.nextHandle] = number
      return DiskFile(number: hardware.nextHandle)
    }
  }

  public func close(_ file: DiskFile) { hardware.withLock { $0.handles[file.number] = nil } }

  public func write(_ bytes: UnsafeRawBufferPointer, to file: DiskFile, at offset: UInt64) throws(DiskError) {
    let copy = [UInt8](bytes)
    try call("pwrite", "") { hardware throws(DiskError) in
      try Self.file(file, &hardware) { $0.change(.write(Int(offset), copy)) }
    } short: { hardware in
      try? Self.file(file, &hardware) { $0.change(.write(Int(offset), Array(copy.prefix(copy.count / 2)))) }
    }
  }

  public func read(
    _ file: DiskFile, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
  ) throws(DiskError) -> Int {
    // Safe: used within this call only.
    nonisolated(unsafe) let bytes = bytes
    return try call("pread", "") { hardware throws(DiskError) in
      try Self.file(file, &hardware) { file in
        let count = max(0, min(bytes.count, file.now.count - Int(offset)))
        if count > 0 { bytes.copyBytes(from: file.now[Int(offset)..<Int(offset) + count]) }
        return count
      }
    }
  }

  public func size(_ file: DiskFile) throws(DiskError) -> UInt64 {
    try call("fstat", "") { hardware throws(DiskError) in try Self.file(file, &hardware) { UInt64($0.now.count) } }
  }

  public func sync(_ file: DiskFile) throws(DiskError) {
    try call("fdatasync", "") { hardware throws(DiskError) in
      try Self.file(file, &hardware) { $0.sync() }
    } short: {
      hardware in
      try? Self.file(file, &hardware) { $0.loseUnsynced() }
    }
  }

  public func syncAll(_ file: DiskFile) throws(DiskError) {
    try call("fsync", "") { hardware throws(DiskError) in
      try Self.file(file, &hardware) { $0.sync() }
    } short: {
      hardware in
      try? Self.file(file, &hardware) { $0.loseUnsynced() }
    }
  }

  public func allocate(_ file: DiskFile, size: UInt64) throws(DiskError) {
    try call("fallocate", "") { hardware throws(DiskError) in
      if size > hardware.free { throw DiskError("fallocate", "", .noSpace) }
      try Self.file(file, &hardware) { if $0.now.count < Int(size) { $0.change(.truncate(Int(size))) } }
    }
  }

  public func truncate(_ file: DiskFile, to size: UInt64) throws(DiskError) {
    try call("ftruncate", "") { hardware throws(DiskError) in
      try Self.file(file, &hardware) { $0.change(.truncate(Int(size))) }
    }
  }

  public func rename(_ from: String, to: String) throws(DiskError) {
    try call("rename", from) { hardware throws(DiskError) in
      guard let number = hardware.image.names[from] else { throw DiskError("rename", from, .noSuchFile) }
      hardware.image.changeNames(.init(removed: from, added: to, file: number))
    }
  }

  public func link(_ from: String, to: String) throws(DiskError) {
    try call("link", from) { hardware throws(DiskError) in
      guard let number = hardware.image.names[from] else { throw DiskError("link", from, .noSuchFile) }
      hardware.image.changeNames(.init(removed: nil, added: to, file: number))
    }
  }

  public func unlink(_ path: String) throws(DiskError) {
    try call("unlink", path) { hardware throws(DiskError) in
      guard hardware.image.names[path] != nil else { throw DiskError("unlink", path, .noSuchFile) }
      hardware.image.changeNames(.init(removed: path, added: nil, file: 0))
    }
  }

  public func list(_ folder: String) throws(DiskError) -> [String] {
    try call("readdir", folder) { hardware throws(DiskError) in
      hardware.image.names.keys.filter { $0.hasPrefix(folder + "/") }.map { String($0.dropFirst(folder.count + 1)) }
    }
  }

  public func syncFolder(_ path: String) throws(DiskError) {
    try call("fsync folder", path) { hardware throws(DiskError) in hardware.image.syncNames() }
  }

  public func freeSpace(_ path: String) throws(DiskError) -> UInt64 { hardware.withLock { $0.free } }
  public func fileSystem(_ path: String) throws(DiskError) -> String? { "simulated" }

  public func lock(_ path: String) throws(DiskError) -> any DiskLock {
    let taken = hardware.withLock { $0.locks.insert(path).inserted }
    if !taken { throw DiskError("flock", path, .wouldBlock) }
    return Held(disk: self, path: path)
  }

  private final class Held: DiskLock {
    let disk: FaultyDisk
    let path: String

    init(disk: FaultyDisk, path: String) {
      self.disk = disk
      self.path = path
    }

    func release() { disk.hardware.withLock { _ = $0.locks.remove(path) } }
  }

  // MARK: calls

  private func call<Value: Sendable>(
    _ name: String, _ path: String, _ body: (inout Hardware) throws(DiskError) -> Value,
    short: (inout Hardware) -> Void = { _ in }
  ) throws(DiskError) -> Value {
    let (number, watcher) = hardware.withLock { hardware in
      hardware.calls += 1
      return (hardware.calls, hardware.watcher)
    }
    switch watcher?(number, name, self) {
    case .error(let code): throw DiskError(name, path, code)
    case .shortWrite(let code), .lostSync(let code):
      hardware.withLock { short(&$0) }
      throw DiskError(name, path, code)
    case nil: break
    }
    let result: Result<Value, DiskError> = hardware.withLock { hardware in
      do throws(DiskError) { return .success(try body(&hardware)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  private static func file<Value>(
    _ file: DiskFile, _ hardware: inout Hardware, _ body: (inout SimulatedFile) -> Value
  ) throws(DiskError) -> Value {
    guard let number = hardware.handles[file.number] else { throw DiskError("use", "", Errno(rawValue: 9)) }
    return body(&hardware.image.files[number])
  }
}
