import Events
import Formats
import Posix
import Queue
import Support

/// Keys for tests, and queues that are encrypted under them.
enum Encrypted {
  static func key(_ number: UInt8) -> KeyEncryptionKey {
    guard let key = KeyEncryptionKey(bytes: [UInt8](repeating: number, count: 32)) else { preconditionFailure() }
    return key
  }

  static func options(_ current: UInt8?, _ older: UInt8...) -> QueueOptions {
    var options = DamageTests.options
    options.encryption = QueueEncryption(current: current.map(key), older: older.map(key))
    return options
  }

  static func open(_ disk: any Disk, _ options: QueueOptions) throws -> FileQueue {
    try FileQueue.open(folder: "/q", disk: disk, clock: ManualClock(), options: options)
  }

  /// What is delivered, and what was found.
  static func read(_ disk: FaultyDisk, _ options: QueueOptions) async throws -> ([String], RecoveryReport) {
    let queue = try open(disk, options)
    let ids = try await queue.list(Filter(), after: nil, limit: 1000).map(\.event.id)
    await queue.close()
    return (ids, queue.recovery)
  }
}

extension DiskImage {
  /// All bytes of all files and their names.
  var everything: [String: [UInt8]] { Dictionary(uniqueKeysWithValues: paths.map { ($0, self[$0] ?? []) }) }

  /// In the order of their names.
  func files(_ ending: String) -> [String] { paths.filter { $0.hasSuffix(ending) } }
}
