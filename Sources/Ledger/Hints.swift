import Events
import GRDB

extension Ledger {
  /// The pairs that a record's events touched last time in a flow: a payment that moved from one invoice to another
  /// touches both. A record type's case does not matter.
  public func touched(flow: String, system: System, record: RecordID) async throws(LedgerError) -> [Pair] {
    try await read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT * FROM touched WHERE flow = ? AND system = ? AND type = ? AND record = ? ORDER BY n",
        arguments: [flow, system.description, record.type, record.id]
      ).map { try Pair(row: $0) }
    }
  }

  /// Remembers what a record touches now, instead of what it touched before.
  public func remember(
    touched pairs: [Pair], flow: String, system: System, record: RecordID
  ) async throws(LedgerError) {
    try await write { database in
      try database.execute(
        sql: "DELETE FROM touched WHERE flow = ? AND system = ? AND type = ? AND record = ?",
        arguments: [flow, system.description, record.type, record.id])
      let statement = try database.makeStatement(
        sql: "INSERT INTO touched (flow, system, type, record, n, salesforce, netsuite) VALUES (?, ?, ?, ?, ?, ?, ?)")
      for (number, pair) in pairs.enumerated() {
        try statement.execute(arguments: [
          flow, system.description, record.type, record.id, number, pair.salesforce, pair.netsuite,
        ])
      }
    }
  }

  /// How far a sweep has come; nil if it never ran.
  public func cursor(_ name: String) async throws(LedgerError) -> String? {
    try await read { database in
      try String.fetchOne(database, sql: "SELECT text FROM cursor WHERE name = ?", arguments: [name])
    }
  }

  /// Moves a cursor; nil forgets it.
  public func setCursor(_ name: String, to text: String?) async throws(LedgerError) {
    try await write { database in
      guard let text else {
        return try database.execute(sql: "DELETE FROM cursor WHERE name = ?", arguments: [name])
      }
      try database.execute(
        sql: "INSERT INTO cursor (name, text) VALUES (?, ?) ON CONFLICT DO UPDATE SET text = excluded.text",
        arguments: [name, text])
    }
  }
}
