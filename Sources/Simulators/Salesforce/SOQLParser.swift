import Formats

/// Reads SOQL. What it does not take is `MALFORMED_QUERY`, as it is there: also AND beside OR without parentheses.
struct SOQLParser {
  private let tokens: [QueryToken]
  private var place = 0

  static func parse(_ text: String) throws(SalesforceError) -> SOQL {
    let tokens: [QueryToken]
    do { tokens = try QueryLexer.tokens(text, .soql) } catch {
      throw SalesforceError("MALFORMED_QUERY", "line 1:\(error.offset) \(error.message)")
    }
    var parser = SOQLParser(tokens: tokens)
    let query = try parser.query()
    guard parser.peek.kind == .end else { throw parser.unexpected() }
    return query
  }

  private init(tokens: [QueryToken]) { self.tokens = tokens }

  private var peek: QueryToken { tokens[place] }

  private mutating func take() -> QueryToken {
    let token = tokens[place]
    if place + 1 < tokens.count { place += 1 }
    return token
  }

  private mutating func take(word: String) -> Bool {
    guard peek.isWord(word) else { return false }
    _ = take()
    return true
  }

  private mutating func take(symbol: String) -> Bool {
    guard peek.isSymbol(symbol) else { return false }
    _ = take()
    return true
  }

  private mutating func expect(word: String) throws(SalesforceError) {
    guard take(word: word) else { throw unexpected() }
  }

  private mutating func expect(symbol: String) throws(SalesforceError) {
    guard take(symbol: symbol) else { throw unexpected() }
  }

  private func unexpected() -> SalesforceError {
    let what = peek.kind == .end ? "'<EOF>'" : "'\(peek.text)'"
    return SalesforceError("MALFORMED_QUERY", "unexpected token: \(what) (line 1, column \(peek.offset))")
  }

  private static let reserved: Set<String> = [
    "AND", "ASC", "DESC", "EXCLUDES", "FIRST", "FROM", "GROUP", "HAVING", "IN", "INCLUDES", "LAST", "LIKE", "LIMIT",
    "NOT", "NULL", "NULLS", "OR", "SELECT", "USING", "WHERE", "WITH", "ORDER", "OFFSET",
  ]

  private mutating func query() throws(SalesforceError) -> SOQL {
    var query = SOQL()
    try expect(word: "SELECT")
    repeat {
      if take(symbol: "(") {
        query.items.append(.children(try self.query()))
        try expect(symbol: ")")
      } else if peek.isWord("COUNT"), tokens[place + 1].isSymbol("(") {
        _ = take()
        try expect(symbol: "(")
        try expect(symbol: ")")
        query.isCount = true
      } else {
        query.items.append(.path(try path()))
      }
    } while take(symbol: ",")
    guard !query.isCount || query.items.isEmpty else { throw unexpected() }
    try expect(word: "FROM")
    query.from = try name()
    if take(word: "WHERE") { query.condition = try condition() }
    if take(word: "ORDER") {
      try expect(word: "BY")
      repeat { query.orders.append(try order()) } while take(symbol: ",")
    }
    if take(word: "LIMIT") { query.limit = try count() }
    if take(word: "OFFSET") { query.offset = try count() }
    if take(word: "FOR") { _ = take() }
    return query
  }

  private mutating func name() throws(SalesforceError) -> String {
    guard peek.kind == .word, !Self.reserved.contains(peek.text.uppercased()) else { throw unexpected() }
    return take().text
  }

  private mutating func path() throws(SalesforceError) -> [String] {
    var path = [try name()]
    while take(symbol: ".") { path.append(try name()) }
    return path
  }

  private mutating func count() throws(SalesforceError) -> Int {
    guard peek.kind == .number, let number = Digits.int(peek.text, max: 100_000) else { throw unexpected() }
    _ = take()
    return Int(number)
  }

  private mutating func order() throws(SalesforceError) -> SOQL.Order {
    let path = try path()
    let isDescending = take(word: "DESC")
    if !isDescending { _ = take(word: "ASC") }
    var nullsLast = false
    if take(word: "NULLS") {
      nullsLast = take(word: "LAST")
      if !nullsLast { try expect(word: "FIRST") }
    }
    return SOQL.Order(path: path, isDescending: isDescending, nullsLast: nullsLast)
  }

  private mutating func condition() throws(SalesforceError) -> SOQL.Condition {
    let first = try negatable()
    if peek.isWord("AND") {
      var parts = [first]
      while take(word: "AND") { parts.append(try negatable()) }
      guard !peek.isWord("OR") else { throw unexpected() }
      return .all(parts)
    }
    if peek.isWord("OR") {
      var parts = [first]
      while take(word: "OR") { parts.append(try negatable()) }
      guard !peek.isWord("AND") else { throw unexpected() }
      return .any(parts)
    }
    return first
  }

  private mutating func negatable() throws(SalesforceError) -> SOQL.Condition {
    if take(word: "NOT") { return .not(try negatable()) }
    if take(symbol: "(") {
      let inner = try condition()
      try expect(symbol: ")")
      return inner
    }
    return try comparison()
  }

  private mutating func comparison() throws(SalesforceError) -> SOQL.Condition {
    let path = try path()
    if take(word: "IN") { return .membership(path, try list(), isNegated: false) }
    if take(word: "NOT") {
      try expect(word: "IN")
      return .membership(path, try list(), isNegated: true)
    }
    if take(word: "LIKE") { return .compare(path, .like, try literal()) }
    let sign = peek.text == "<>" ? "!=" : peek.text
    guard peek.kind == .symbol, let comparison = SOQL.Operator(rawValue: sign) else { throw unexpected() }
    _ = take()
    return .compare(path, comparison, try literal())
  }

  private mutating func list() throws(SalesforceError) -> [SOQL.Literal] {
    try expect(symbol: "(")
    var values: [SOQL.Literal] = []
    repeat { values.append(try literal()) } while take(symbol: ",")
    try expect(symbol: ")")
    return values
  }

  private mutating func literal() throws(SalesforceError) -> SOQL.Literal {
    let isNegative = take(symbol: "-")
    let token = peek
    switch token.kind {
    case .string where !isNegative:
      _ = take()
      return .string(token.text)
    case .number:
      guard let value = Self.bare((isNegative ? "-" : "") + token.text) else { throw unexpected() }
      _ = take()
      return value
    case .word where !isNegative:
      guard
        let value = ["TRUE": .bool(true), "FALSE": .bool(false), "NULL": SOQL.Literal.null][token.text.uppercased()]
      else { throw unexpected() }
      _ = take()
      return value
    default: throw unexpected()
    }
  }

  /// What stands without quotes and begins with a digit: a date, a time or a number.
  private static func bare(_ text: String) -> SOQL.Literal? {
    if let date = CalendarDate(text) { return .date(date) }
    if text.contains("T"), let instant = Instant(text) { return .instant(instant) }
    return ExactDecimal(text).map { .number($0) }
  }
}
