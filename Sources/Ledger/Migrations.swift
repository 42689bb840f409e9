import GRDB

/// The schema, as steps. A step that was released is never changed; a change is a new step.
enum Migrations {
  static let all: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 runs") { try $0.execute(sql: runs) }
    migrator.registerMigration("2 links and agreed values") { try $0.execute(sql: agreements) }
    migrator.registerMigration("3 touched and cursors") { try $0.execute(sql: hints) }
    return migrator
  }()

  /// Times are milliseconds since 1970; `reason` and `detail` are JSON text.
  private static let runs = """
    CREATE TABLE run (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      flow TEXT NOT NULL, entity TEXT NOT NULL, salesforce TEXT, netsuite TEXT,
      sequence INTEGER, event TEXT NOT NULL, endpoint TEXT NOT NULL,
      started INTEGER NOT NULL, finished INTEGER NOT NULL,
      outcome TEXT NOT NULL, reason TEXT, calls INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX run_flow ON run (flow, id);
    CREATE INDEX run_salesforce ON run (salesforce, id);
    CREATE INDEX run_netsuite ON run (netsuite, id);
    CREATE INDEX run_sequence ON run (sequence);
    CREATE INDEX run_started ON run (started);
    CREATE TABLE step (
      run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE, n INTEGER NOT NULL,
      kind TEXT NOT NULL, side TEXT, type TEXT, record TEXT, detail TEXT NOT NULL,
      PRIMARY KEY (run, n)
    ) STRICT, WITHOUT ROWID;
    """

  private static let agreements = """
    CREATE TABLE link (
      entity TEXT NOT NULL, salesforce TEXT NOT NULL, netsuite TEXT NOT NULL, since INTEGER NOT NULL,
      PRIMARY KEY (entity, salesforce), UNIQUE (entity, netsuite)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE agreed (
      entity TEXT NOT NULL, salesforce TEXT NOT NULL, side TEXT NOT NULL, field TEXT NOT NULL,
      wanted TEXT NOT NULL, stored TEXT NOT NULL,
      PRIMARY KEY (entity, salesforce, side, field)
    ) STRICT, WITHOUT ROWID;
    """

  /// NetSuite spells a record type in two ways: types are compared ignoring case.
  private static let hints = """
    CREATE TABLE touched (
      flow TEXT NOT NULL, system TEXT NOT NULL, type TEXT NOT NULL COLLATE NOCASE, record TEXT NOT NULL,
      n INTEGER NOT NULL, salesforce TEXT, netsuite TEXT,
      PRIMARY KEY (flow, system, type, record, n)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE cursor (name TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """
}
