import Foundation
import GRDB

/// What happened and why: runs and their steps, links, agreed values, what events touched, cursors.
///
/// A record that can be rebuilt: what decides a write is in the queue's log or in the systems themselves. So it is
/// synced at checkpoints only (WAL, synchronous NORMAL), and a damaged file is set aside and begun anew. Nothing in it
/// is masked, nothing in it is a secret; its file is the owner's alone (mode 0600).
///
/// All calls run on the database's own threads, never on the caller's event loop.
public final class Ledger: Sendable {
  /// Where the damaged file went that was found at the path; nil if there was none.
  public let setAside: String?
  private let database: any DatabaseWriter

  private init(_ database: any DatabaseWriter, setAside: String?) {
    self.database = database
    self.setAside = setAside
  }

  /// Opens or makes the ledger at a path, in a folder that exists. A schema of a later version is refused.
  public static func open(path: String) throws(LedgerError) -> Ledger {
    do throws(LedgerError) {
      return Ledger(try connect(path), setAside: nil)
    } catch .damaged {
      let aside = try moveAside(path)
      return Ledger(try connect(path), setAside: aside)
    }
  }

  /// A ledger that ends with its last reference.
  public static func inMemory() throws(LedgerError) -> Ledger {
    do {
      let queue = try DatabaseQueue()
      try Migrations.all.migrate(queue)
      return Ledger(queue, setAside: nil)
    } catch {
      throw LedgerError(error)
    }
  }

  /// Ends all work; later calls fail.
  public func close() throws(LedgerError) {
    do { try database.close() } catch { throw LedgerError(error) }
  }

  func read<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws(LedgerError) -> T {
    do { return try await database.read(work) } catch { throw LedgerError(error) }
  }

  /// One transaction.
  func write<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws(LedgerError) -> T {
    do { return try await database.write(work) } catch { throw LedgerError(error) }
  }

  private static func connect(_ path: String) throws(LedgerError) -> DatabasePool {
    if !FileManager.default.fileExists(atPath: path) {
      // SQLite gives the files beside it the same mode.
      guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
        throw .storage("\(path): cannot be made")
      }
    }
    var configuration = Configuration()
    configuration.label = "ledger"
    configuration.busyMode = .timeout(Limits.busySeconds)
    configuration.maximumReaderCount = Limits.readers
    do {
      let pool = try DatabasePool(path: path, configuration: configuration)
      if try pool.read(Migrations.all.hasBeenSuperseded) {
        throw LedgerError.newer
      }
      try Migrations.all.migrate(pool)
      return pool
    } catch {
      throw LedgerError(error)
    }
  }

  private static func moveAside(_ path: String) throws(LedgerError) -> String {
    let files = FileManager.default
    var number = 1
    while files.fileExists(atPath: "\(path).damaged-\(number)") { number += 1 }
    let aside = "\(path).damaged-\(number)"
    do {
      try files.moveItem(atPath: path, toPath: aside)
      for suffix in ["-wal", "-shm"] where files.fileExists(atPath: path + suffix) {
        try files.moveItem(atPath: path + suffix, toPath: aside + suffix)
      }
    } catch {
      throw .storage("\(path): is damaged, and cannot be set aside")
    }
    return aside
  }
}

enum Limits {
  static let busySeconds = 5.0
  static let readers = 4
  /// Rows that one listing gives at most.
  static let page = 1000
}
