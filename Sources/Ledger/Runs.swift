import Events
import Formats
import GRDB

extension Ledger {
  /// Records a finished run with its steps, in one transaction. Returns its id.
  @discardableResult
  public func record(run: Run) async throws(LedgerError) -> Int64 {
    try await write { database in
      try database.execute(
        sql: """
          INSERT INTO run
            (flow, entity, salesforce, netsuite, sequence, event, endpoint, started, finished, outcome, reason, calls)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          run.flow, run.entity, run.pair.salesforce, run.pair.netsuite,
          run.cause.sequence.map { Int64(truncatingIfNeeded: $0) }, run.cause.event, run.cause.endpoint,
          run.started.millisecondsSince1970, run.finished.millisecondsSince1970, run.outcome.rawValue,
          run.reason?.json.text, run.apiCalls,
        ])
      let id = database.lastInsertedRowID
      let statement = try database.makeStatement(
        sql: "INSERT INTO step (run, n, kind, side, type, record, detail) VALUES (?, ?, ?, ?, ?, ?, ?)")
      for (number, step) in run.steps.enumerated() {
        try statement.execute(arguments: [
          id, number, step.kind.rawValue, step.side?.rawValue, step.record?.type, step.record?.id, step.detail.text,
        ])
      }
      return id
    }
  }

  /// Runs without their steps, newest first; with `before`, those older than that id.
  public func runs(
    _ filter: RunFilter = RunFilter(), before id: Int64? = nil, limit: Int = 100
  ) async throws(LedgerError) -> [Run] {
    let query = filter.query(before: id)
    let count = Swift.min(Swift.max(limit, 0), Limits.page)
    return try await read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM run WHERE \(query.text) ORDER BY id DESC LIMIT \(count)",
        arguments: query.arguments
      ).map { try Run(row: $0) }
    }
  }

  /// One run with its steps.
  public func run(_ id: Int64) async throws(LedgerError) -> Run? {
    try await read { database in
      guard let row = try Row.fetchOne(database, sql: "SELECT * FROM run WHERE id = ?", arguments: [id]) else {
        return nil
      }
      var run = try Run(row: row)
      run.steps = try Row.fetchAll(database, sql: "SELECT * FROM step WHERE run = ? ORDER BY n", arguments: [id])
        .map { try Step(row: $0) }
      return run
    }
  }

  /// How many runs ended how.
  public func runCounts(_ filter: RunFilter = RunFilter()) async throws(LedgerError) -> [Run.Outcome: Int] {
    let query = filter.query(before: nil)
    return try await read { database in
      var counts: [Run.Outcome: Int] = [:]
      let rows = try Row.fetchAll(
        database, sql: "SELECT outcome, COUNT(*) AS count FROM run WHERE \(query.text) GROUP BY outcome",
        arguments: query.arguments)
      for row in rows {
        let name: String = try row.decode(forColumn: "outcome")
        if let outcome = Run.Outcome(rawValue: name) { counts[outcome] = try row.decode(forColumn: "count") }
      }
      return counts
    }
  }

  /// Forgets runs that started before; says how many.
  @discardableResult
  public func forgetRuns(startedBefore instant: Instant) async throws(LedgerError) -> Int {
    try await write { database in
      try database.execute(sql: "DELETE FROM run WHERE started < ?", arguments: [instant.millisecondsSince1970])
      return database.changesCount
    }
  }
}

extension RunFilter {
  /// The condition, and what stands in it.
  fileprivate func query(before id: Int64?) -> (text: String, arguments: StatementArguments) {
    var terms = ["1"]
    var arguments = StatementArguments()
    func add(_ term: String, _ values: [any DatabaseValueConvertible]) {
      terms.append(term)
      arguments += StatementArguments(values)
    }
    if let flow { add("flow = ?", [flow]) }
    if let entity { add("entity = ?", [entity]) }
    if !outcomes.isEmpty {
      let marks = outcomes.map { _ in "?" }.joined(separator: ", ")
      add("outcome IN (\(marks))", outcomes.map(\.rawValue))
    }
    if let record { add("(salesforce = ? OR netsuite = ?)", [record, record]) }
    if let sequence { add("sequence = ?", [Int64(truncatingIfNeeded: sequence)]) }
    if let since { add("started >= ?", [since.millisecondsSince1970]) }
    if let id { add("id < ?", [id]) }
    return (terms.joined(separator: " AND "), arguments)
  }
}

extension Run {
  fileprivate init(row: Row) throws {
    let outcomeName: String = try row.decode(forColumn: "outcome")
    guard let outcome = Outcome(rawValue: outcomeName) else { throw LedgerError.damaged("an outcome of no known name") }
    let reason: String? = try row.decode(forColumn: "reason")
    let sequence: Int64? = try row.decode(forColumn: "sequence")
    let started: Int64 = try row.decode(forColumn: "started")
    let finished: Int64 = try row.decode(forColumn: "finished")
    self.init(
      id: try row.decode(forColumn: "id"), flow: try row.decode(forColumn: "flow"),
      entity: try row.decode(forColumn: "entity"),
      pair: try Pair(row: row),
      cause: Cause(
        sequence: sequence.map { UInt64(bitPattern: $0) }, event: try row.decode(forColumn: "event"),
        endpoint: try row.decode(forColumn: "endpoint")),
      started: Instant(millisecondsSince1970: started), finished: Instant(millisecondsSince1970: finished),
      outcome: outcome, reason: try reason.flatMap { Reason(json: try JSON.parse($0)) },
      apiCalls: try row.decode(forColumn: "calls"))
  }
}

extension Step {
  fileprivate init(row: Row) throws {
    let kindName: String = try row.decode(forColumn: "kind")
    guard let kind = Kind(rawValue: kindName) else { throw LedgerError.damaged("a step of no known kind") }
    let side: String? = try row.decode(forColumn: "side")
    let type: String? = try row.decode(forColumn: "type")
    let record: String? = try row.decode(forColumn: "record")
    let detail: String = try row.decode(forColumn: "detail")
    self.init(
      kind, side: side.flatMap { Side(rawValue: $0) },
      record: type.flatMap { type in record.map { RecordID(type: type, id: $0) } }, detail: try JSON.parse(detail))
  }
}

extension Pair {
  init(row: Row) throws {
    self.init(salesforce: try row.decode(forColumn: "salesforce"), netsuite: try row.decode(forColumn: "netsuite"))
  }
}
