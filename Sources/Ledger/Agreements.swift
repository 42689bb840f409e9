import Events
import Formats
import GRDB

/// What a side stored for what was written to one of its fields (trimmed, rounded, changed by an automation). While both
/// stay as they are, the difference is none.
public struct Agreement: Hashable, Sendable {
  /// The side that was written to.
  public var side: Side
  /// The field's path, as the caller names it: `otherRefNum`, `lines[00k1].rate`.
  public var field: String
  public var wanted: FieldValue
  public var stored: FieldValue

  public init(side: Side, field: String, wanted: FieldValue, stored: FieldValue) {
    self.side = side
    self.field = field
    self.wanted = wanted
    self.stored = stored
  }
}

extension Ledger {
  /// What a pair agreed on, by side and field. The pair is named by its Salesforce record's id.
  public func agreed(entity: String, pair salesforce: String) async throws(LedgerError) -> [Agreement] {
    try await read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM agreed WHERE entity = ? AND salesforce = ? ORDER BY side, field",
        arguments: [entity, salesforce]
      ).map { try Agreement(row: $0) }
    }
  }

  /// Remembers what a pair agreed on, in one transaction; what it agreed on before for the same fields is replaced.
  public func remember(
    _ agreements: [Agreement], entity: String, pair salesforce: String
  ) async throws(LedgerError) {
    try await write { database in
      let statement = try database.makeStatement(
        sql: """
          INSERT INTO agreed (entity, salesforce, side, field, wanted, stored) VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET wanted = excluded.wanted, stored = excluded.stored
          """)
      for agreement in agreements {
        try statement.execute(arguments: [
          entity, salesforce, agreement.side.rawValue, agreement.field, agreement.wanted.typedJSON.text,
          agreement.stored.typedJSON.text,
        ])
      }
    }
  }

  /// Forgets all that a pair agreed on.
  public func forgetAgreed(entity: String, pair salesforce: String) async throws(LedgerError) {
    try await write { database in
      try database.execute(
        sql: "DELETE FROM agreed WHERE entity = ? AND salesforce = ?", arguments: [entity, salesforce])
    }
  }
}

extension Agreement {
  fileprivate init(row: Row) throws {
    let sideName: String = try row.decode(forColumn: "side")
    guard let side = Side(rawValue: sideName) else { throw LedgerError.damaged("a side of no known name") }
    self.init(
      side: side, field: try row.decode(forColumn: "field"), wanted: try Self.value(row, "wanted"),
      stored: try Self.value(row, "stored"))
  }

  private static func value(_ row: Row, _ column: String) throws -> FieldValue {
    let text: String = try row.decode(forColumn: column)
    guard let value = FieldValue(typedJSON: try JSON.parse(text)) else {
      throw LedgerError.damaged("a value of no known type")
    }
    return value
  }
}
