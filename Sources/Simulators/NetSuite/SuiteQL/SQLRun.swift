import Formats

/// Runs a query: tables are made, joined, filtered, grouped, ordered.
struct SQLRun {
  let books: Books
  let parameters: [Cell]

  struct Answer {
    let columns: [String]
    let rows: [[Cell]]
  }

  private var evaluation: SQLEvaluation {
    SQLEvaluation(parameters: parameters, functions: SQLFunctions(now: books.now, zoneSeconds: books.zoneSeconds))
  }

  static func run(_ text: String, _ parameters: [Cell], _ books: Books) throws(NetSuiteError) -> Answer {
    let (select, count) = try SQLParser.parse(text)
    guard count == parameters.count else {
      throw .search("Invalid or unsupported search. The query has \(count) parameters, \(parameters.count) were given.")
    }
    return try SQLRun(books: books, parameters: parameters).run(select)
  }

  private func run(_ select: SQLSelect) throws(NetSuiteError) -> Answer {
    var sources: [(alias: String, table: SQLTable)] = []
    for source in select.sources {
      guard let table = SuiteQLTables(books: books).table(source.table, hints(select, source)) else {
        throw .search("Search error occurred: Record '\(source.table)' was not found.")
      }
      sources.append((source.alias, table))
    }
    let binding = SQLBinding(sources: sources)
    var rows = try joined(select, sources, binding)
    if let condition = try select.condition.map({ (expression) throws(NetSuiteError) in try binding.bind(expression) })
    {
      rows = try rows.filtered { (row) throws(NetSuiteError) in try evaluation.truth(condition, row) == true }
    }
    let (columns, items) = try items(select, sources, binding)
    return try SQLGrouping(evaluation: evaluation, select: select, binding: binding, columns: columns, items: items)
      .answer(rows)
  }

  /// Equalities with constants at the top of WHERE, for one alias: the table may leave other rows out.
  private func hints(_ select: SQLSelect, _ source: SQLSelect.Source) -> SQLHints {
    guard source.join != .left else { return [:] }
    var hints: SQLHints = [:]
    for part in select.condition?.conjuncts ?? [] {
      let (left, right): (SQLExpression, [SQLExpression])
      switch part {
      case .binary(.equal, let one, let two): (left, right) = (one, [two])
      case .among(let one, let list, false): (left, right) = (one, list)
      default: continue
      }
      guard case .column(let table, let name) = left,
        table == source.alias || (table == nil && select.sources.count == 1)
      else { continue }
      let values = right.compactMap { constant($0) }
      if values.count == right.count { hints[name] = Set(values) }
    }
    return hints
  }

  private func constant(_ expression: SQLExpression) -> String? {
    switch expression {
    case .value(let cell): evaluation.text(cell)
    case .parameter(let index): index < parameters.count ? evaluation.text(parameters[index]) : nil
    default: nil
    }
  }

  // MARK: joining

  private func joined(
    _ select: SQLSelect, _ sources: [(alias: String, table: SQLTable)], _ binding: SQLBinding
  ) throws(NetSuiteError) -> [SQLEvaluation.Row] {
    let blank = [[Cell]](repeating: [], count: sources.count)
    var rows: [SQLEvaluation.Row] = [blank]
    for (index, source) in select.sources.enumerated() {
      let table = sources[index].table
      // What a condition may name: only what stands before it.
      let visible = SQLBinding(sources: Array(sources[...index]))
      let parts = try visible.bind(source.on?.conjuncts ?? [])
      let key = parts.compactMap { equality($0, index) }.first
      let byKey = key.map { key in Dictionary(grouping: table.rows) { evaluation.text($0[key.column]) ?? "\u{0}" } }
      var next: [SQLEvaluation.Row] = []
      for row in rows {
        var matched = false
        let candidates: [[Cell]]
        if let key, let byKey {
          candidates = evaluation.text(try evaluation.value(key.other, row)).flatMap { byKey[$0] } ?? []
        } else {
          candidates = table.rows
        }
        for candidate in candidates {
          var combined = row
          combined[index] = candidate
          guard try holds(parts, combined) else { continue }
          matched = true
          next.append(combined)
        }
        if !matched, source.join == .left { next.append(row) }
      }
      rows = next
    }
    return rows
  }

  private func holds(_ parts: [SQLExpression], _ row: SQLEvaluation.Row) throws(NetSuiteError) -> Bool {
    for part in parts where try evaluation.truth(part, row) != true { return false }
    return true
  }

  /// `this.column = something before`: which column, and what it equals.
  private func equality(_ part: SQLExpression, _ index: Int) -> (column: Int, other: SQLExpression)? {
    guard case .binary(.equal, let left, let right) = part else { return nil }
    if case .slot(index, let column) = left, case .slot(let other, _) = right, other < index { return (column, right) }
    if case .slot(index, let column) = right, case .slot(let other, _) = left, other < index { return (column, left) }
    return nil
  }

  private func items(
    _ select: SQLSelect, _ sources: [(alias: String, table: SQLTable)], _ binding: SQLBinding
  ) throws(NetSuiteError) -> ([String], [SQLExpression]) {
    var columns: [String] = []
    var items: [SQLExpression] = []
    for item in select.items {
      switch item {
      case .expression(let expression, let name):
        columns.append(name)
        items.append(try binding.bind(expression))
      case .everything(let alias):
        for (index, source) in sources.enumerated() where alias == nil || source.alias == alias {
          for column in source.table.visible {
            columns.append(source.table.columns[column])
            items.append(.slot(index, column))
          }
        }
      }
    }
    return (columns, items)
  }
}

extension Array {
  func filtered(_ keep: (Element) throws(NetSuiteError) -> Bool) throws(NetSuiteError) -> [Element] {
    var kept: [Element] = []
    for element in self where try keep(element) { kept.append(element) }
    return kept
  }
}
