import Events
import Formats
import GRDB

/// That two records are one thing, since when.
public struct Link: Hashable, Sendable {
  public var entity: String
  public var salesforce: String
  public var netsuite: String
  public var since: Instant

  public init(entity: String, salesforce: String, netsuite: String, since: Instant) {
    self.entity = entity
    self.salesforce = salesforce
    self.netsuite = netsuite
    self.since = since
  }
}

extension Ledger {
  /// Remembers a link. A record has one partner in an entity: another link of either record ends. The same link again
  /// keeps the time it has been there since.
  public func link(_ link: Link) async throws(LedgerError) {
    try await write { database in
      let known = try Int.fetchOne(
        database, sql: "SELECT 1 FROM link WHERE entity = ? AND salesforce = ? AND netsuite = ?",
        arguments: [link.entity, link.salesforce, link.netsuite])
      if known != nil { return }
      try database.execute(
        sql: "DELETE FROM link WHERE entity = ? AND (salesforce = ? OR netsuite = ?)",
        arguments: [link.entity, link.salesforce, link.netsuite])
      try database.execute(
        sql: "INSERT INTO link (entity, salesforce, netsuite, since) VALUES (?, ?, ?, ?)",
        arguments: [link.entity, link.salesforce, link.netsuite, link.since.millisecondsSince1970])
    }
  }

  /// Ends the link of a record, and forgets what its pair agreed on.
  public func unlink(entity: String, side: Side, id: String) async throws(LedgerError) {
    try await write { database in
      let condition = "entity = ? AND \(side.rawValue) = ?"
      try database.execute(
        sql: "DELETE FROM agreed WHERE entity = ? AND salesforce IN (SELECT salesforce FROM link WHERE \(condition))",
        arguments: [entity, entity, id])
      try database.execute(sql: "DELETE FROM link WHERE \(condition)", arguments: [entity, id])
    }
  }

  /// The link of a record of one side; nil if it has none.
  public func link(entity: String, side: Side, id: String) async throws(LedgerError) -> Link? {
    try await read { database in
      try Row.fetchOne(
        database, sql: "SELECT * FROM link WHERE entity = ? AND \(side.rawValue) = ?", arguments: [entity, id]
      ).map { try Link(row: $0) }
    }
  }

  /// Links of an entity by Salesforce id, those after `after`.
  public func links(
    entity: String, after salesforce: String? = nil, limit: Int = 100
  ) async throws(LedgerError) -> [Link] {
    let count = Swift.min(Swift.max(limit, 0), Limits.page)
    return try await read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM link WHERE entity = ? AND salesforce > ? ORDER BY salesforce LIMIT \(count)",
        arguments: [entity, salesforce ?? ""]
      ).map { try Link(row: $0) }
    }
  }
}

extension Link {
  fileprivate init(row: Row) throws {
    let since: Int64 = try row.decode(forColumn: "since")
    self.init(
      entity: try row.decode(forColumn: "entity"), salesforce: try row.decode(forColumn: "salesforce"),
      netsuite: try row.decode(forColumn: "netsuite"), since: Instant(millisecondsSince1970: since))
  }
}
