import Formats

/// Reads SuiteQL: one SELECT, ANSI joins, no WITH, no subquery.
struct SQLParser {
  let tokens: [QueryToken]
  var place = 0
  private(set) var parameters = 0

  /// The query, and how many `?` it has.
  static func parse(_ text: String) throws(NetSuiteError) -> (SQLSelect, parameters: Int) {
    let tokens: [QueryToken]
    do { tokens = try QueryLexer.tokens(text, .suiteQL) } catch {
      throw .search("Invalid or unsupported search: \(error.message) at \(error.offset)")
    }
    var parser = SQLParser(tokens: tokens)
    let select = try parser.select()
    _ = parser.take(symbol: ";")
    guard parser.peek.kind == .end else { throw parser.unexpected() }
    return (select, parser.parameters)
  }

  private init(tokens: [QueryToken]) { self.tokens = tokens }

  // MARK: tokens

  var peek: QueryToken { tokens[place] }

  mutating func take() -> QueryToken {
    let token = tokens[place]
    if place + 1 < tokens.count { place += 1 }
    return token
  }

  mutating func take(word: String) -> Bool {
    guard peek.isWord(word) else { return false }
    _ = take()
    return true
  }

  mutating func take(symbol: String) -> Bool {
    guard peek.isSymbol(symbol) else { return false }
    _ = take()
    return true
  }

  mutating func expect(word: String) throws(NetSuiteError) {
    guard take(word: word) else { throw unexpected() }
  }

  mutating func expect(symbol: String) throws(NetSuiteError) {
    guard take(symbol: symbol) else { throw unexpected() }
  }

  func unexpected() -> NetSuiteError {
    .search("Invalid or unsupported search. Unexpected '\(peek.text)' at \(peek.offset).")
  }

  mutating func parameter() -> SQLExpression {
    parameters += 1
    return .parameter(parameters - 1)
  }

  static let reserved: Set<String> = [
    "SELECT", "FROM", "WHERE", "GROUP", "ORDER", "BY", "HAVING", "JOIN", "INNER", "LEFT", "OUTER", "RIGHT", "FULL",
    "CROSS", "ON", "AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "NULL", "CASE", "WHEN", "THEN", "ELSE", "END",
    "AS", "ASC", "DESC", "UNION", "DISTINCT", "NULLS", "FETCH", "WITH", "EXISTS",
  ]

  mutating func name() throws(NetSuiteError) -> String {
    guard peek.kind == .word, !Self.reserved.contains(peek.text.uppercased()) else { throw unexpected() }
    return take().text.lowercased()
  }

  // MARK: clauses

  private mutating func select() throws(NetSuiteError) -> SQLSelect {
    var select = SQLSelect()
    guard !peek.isWord("WITH") else { throw .search("Invalid or unsupported search. WITH is not supported.") }
    try expect(word: "SELECT")
    select.isDistinct = take(word: "DISTINCT")
    repeat { select.items.append(try item(select.items.count)) } while take(symbol: ",")
    try expect(word: "FROM")
    try sources(&select)
    if take(word: "WHERE") { select.condition = try expression() }
    if take(word: "GROUP") {
      try expect(word: "BY")
      repeat { select.groups.append(try expression()) } while take(symbol: ",")
    }
    if take(word: "HAVING") { select.having = try expression() }
    if take(word: "ORDER") {
      try expect(word: "BY")
      repeat { select.orders.append(try order()) } while take(symbol: ",")
    }
    if take(word: "FETCH") { select.limit = try fetch() }
    return select
  }

  private mutating func item(_ index: Int) throws(NetSuiteError) -> SQLSelect.Item {
    if take(symbol: "*") { return .everything(of: nil) }
    if peek.kind == .word, tokens[place + 1].isSymbol("."), tokens[place + 2].isSymbol("*") {
      let table = try name()
      place += 2
      return .everything(of: table)
    }
    let expression = try expression()
    if take(word: "AS") { return .expression(expression, name: try name()) }
    if peek.kind == .word, !Self.reserved.contains(peek.text.uppercased()) {
      return .expression(expression, name: try name())
    }
    if case .column(_, let name) = expression { return .expression(expression, name: name) }
    return .expression(expression, name: "expr\(index + 1)")
  }

  private mutating func sources(_ select: inout SQLSelect) throws(NetSuiteError) {
    select.sources.append(try source(.cross))
    while true {
      if take(symbol: ",") {
        select.sources.append(try source(.cross))
      } else if take(word: "CROSS") {
        try expect(word: "JOIN")
        select.sources.append(try source(.cross))
      } else if take(word: "LEFT") {
        _ = take(word: "OUTER")
        try expect(word: "JOIN")
        select.sources.append(try source(.left))
      } else if peek.isWord("JOIN") || peek.isWord("INNER") {
        _ = take(word: "INNER")
        try expect(word: "JOIN")
        select.sources.append(try source(.inner))
      } else {
        return
      }
    }
  }

  private mutating func source(_ join: SQLSelect.Source.Join) throws(NetSuiteError) -> SQLSelect.Source {
    let table = try name()
    let hasAlias = take(word: "AS") || (peek.kind == .word && !Self.reserved.contains(peek.text.uppercased()))
    let alias = hasAlias ? try name() : table
    var on: SQLExpression?
    if join != .cross {
      // Conditions may stand in parentheses.
      try expect(word: "ON")
      on = try expression()
    }
    return SQLSelect.Source(table: table, alias: alias, join: join, on: on)
  }

  private mutating func order() throws(NetSuiteError) -> SQLSelect.Order {
    let expression = try expression()
    let isDescending = take(word: "DESC")
    if !isDescending { _ = take(word: "ASC") }
    var nullsFirst: Bool?
    if take(word: "NULLS") {
      nullsFirst = take(word: "FIRST")
      if nullsFirst == false { try expect(word: "LAST") }
    }
    return SQLSelect.Order(expression: expression, isDescending: isDescending, nullsFirst: nullsFirst)
  }

  private mutating func fetch() throws(NetSuiteError) -> Int {
    guard take(word: "FIRST") || take(word: "NEXT") else { throw unexpected() }
    guard peek.kind == .number, let count = Digits.int(take().text) else { throw unexpected() }
    guard take(word: "ROWS") || take(word: "ROW") else { throw unexpected() }
    try expect(word: "ONLY")
    return Int(count)
  }
}
