import Foundation
import GRDB

/// An event as a peer keeps it.
public struct StoredEvent: Sendable {
  public var id: String
  public var key: String
  public var body: Data

  public init(id: String, key: String, body: Data) {
    self.id = id
    self.key = key
    self.body = body
  }
}

/// Events in SQLite, each of which is durable when `add` returns: `synchronous=FULL` in WAL mode, as many waiting events
/// as there are in one transaction. A known id is ignored.
public actor Store {
  private struct Waiting {
    let events: [StoredEvent]
    let done: CheckedContinuation<Void, any Error>
  }

  private let database: DatabasePool
  private var waiting: [Waiting] = []
  private var isWriting = false

  public init(folder: String) throws {
    let path = folder + "/peer.sqlite"
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    database = try DatabasePool(path: path)
    // A pool sets NORMAL, which syncs no commit, when it has opened: whatever its configuration's preparation set before.
    let synchronous = try database.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA synchronous = FULL")
      return try Int.fetchOne(database, sql: "PRAGMA synchronous")
    }
    guard synchronous == 2 else { throw DatabaseError(message: "commits would not be synced") }
    try database.write { database in
      try database.execute(
        sql: """
          CREATE TABLE event(
            sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL, body BLOB NOT NULL, at REAL NOT NULL)
          """)
    }
  }

  public func add(_ events: [StoredEvent]) async throws {
    try await withCheckedThrowingContinuation { done in
      waiting.append(Waiting(events: events, done: done))
      guard !isWriting else { return }
      isWriting = true
      Task { await write() }
    }
  }

  public func count() async throws -> Int {
    try await database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM event") ?? 0 }
  }

  private func write() async {
    while !waiting.isEmpty {
      let batch = waiting
      waiting.removeAll(keepingCapacity: true)
      do {
        let at = Date().timeIntervalSince1970
        try await database.write { database in
          let insert = try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO event(id, key, body, at) VALUES(?, ?, ?, ?)")
          for one in batch {
            for event in one.events { try insert.execute(arguments: [event.id, event.key, event.body, at]) }
          }
        }
        for one in batch { one.done.resume() }
      } catch {
        for one in batch { one.done.resume(throwing: error) }
      }
    }
    isWriting = false
  }
}
