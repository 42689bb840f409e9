import Formats

/// Expressions, by falling precedence: OR, AND, NOT, comparison, `+ - ||`, `* /`, sign, value.
extension SQLParser {
  mutating func expression() throws(NetSuiteError) -> SQLExpression {
    var left = try conjunction()
    while take(word: "OR") { left = .binary(.or, left, try conjunction()) }
    return left
  }

  private mutating func conjunction() throws(NetSuiteError) -> SQLExpression {
    var left = try negation()
    while take(word: "AND") { left = .binary(.and, left, try negation()) }
    return left
  }

  private mutating func negation() throws(NetSuiteError) -> SQLExpression {
    take(word: "NOT") ? .not(try negation()) : try comparison()
  }

  private mutating func comparison() throws(NetSuiteError) -> SQLExpression {
    let left = try sum()
    if take(word: "IS") {
      let isNegated = take(word: "NOT")
      try expect(word: "NULL")
      return .isNull(left, isNegated: isNegated)
    }
    let isNegated = take(word: "NOT")
    if take(word: "IN") { return .among(left, try list(), isNegated: isNegated) }
    if take(word: "LIKE") { return .like(left, try sum(), isNegated: isNegated) }
    if take(word: "BETWEEN") {
      let low = try sum()
      try expect(word: "AND")
      return .between(left, low, try sum(), isNegated: isNegated)
    }
    guard !isNegated else { throw unexpected() }
    let sign = peek.text == "!=" ? "<>" : peek.text
    guard peek.kind == .symbol, ["=", "<>", "<", ">", "<=", ">="].contains(sign),
      let comparison = SQLExpression.Operator(rawValue: sign)
    else { return left }
    _ = take()
    return .binary(comparison, left, try sum())
  }

  private mutating func list() throws(NetSuiteError) -> [SQLExpression] {
    try expect(symbol: "(")
    guard !peek.isWord("SELECT") else {
      throw .search("Invalid or unsupported search. Subqueries are not supported here.")
    }
    var values: [SQLExpression] = []
    repeat { values.append(try expression()) } while take(symbol: ",")
    try expect(symbol: ")")
    guard values.count <= 1000 else { throw .search("Invalid or unsupported search. More than 1000 values in IN.") }
    return values
  }

  private mutating func sum() throws(NetSuiteError) -> SQLExpression {
    var left = try product()
    while peek.kind == .symbol, ["+", "-", "||"].contains(peek.text),
      let operation = SQLExpression.Operator(rawValue: peek.text)
    {
      _ = take()
      left = .binary(operation, left, try product())
    }
    return left
  }

  private mutating func product() throws(NetSuiteError) -> SQLExpression {
    var left = try factor()
    while peek.kind == .symbol, ["*", "/"].contains(peek.text),
      let operation = SQLExpression.Operator(rawValue: peek.text)
    {
      _ = take()
      left = .binary(operation, left, try factor())
    }
    return left
  }

  private mutating func factor() throws(NetSuiteError) -> SQLExpression {
    if take(symbol: "-") { return .negative(try factor()) }
    if take(symbol: "+") { return try factor() }
    if take(symbol: "?") { return parameter() }
    if take(symbol: "(") {
      let inner = try expression()
      try expect(symbol: ")")
      return inner
    }
    let token = peek
    switch token.kind {
    case .string:
      _ = take()
      // In this language an empty text is null.
      return .value(token.text.isEmpty ? .null : .text(token.text))
    case .number:
      guard let number = ExactDecimal(token.text) else { throw unexpected() }
      _ = take()
      return .value(.number(number))
    case .word: return try word()
    default: throw unexpected()
    }
  }

  private mutating func word() throws(NetSuiteError) -> SQLExpression {
    if take(word: "NULL") { return .value(.null) }
    if take(word: "CASE") { return try cases() }
    var names = [try name()]
    while take(symbol: ".") { names.append(try name()) }
    guard take(symbol: "(") else {
      switch names.count {
      case 1 where ["sysdate", "current_date", "current_timestamp", "systimestamp"].contains(names[0]):
        return .call(names[0], [], isDistinct: false)
      case 1: return .column(table: nil, name: names[0])
      case 2: return .column(table: names[0], name: names[1])
      default: throw unexpected()
      }
    }
    let function = names.joined(separator: ".")
    if function == "count", take(symbol: "*") {
      try expect(symbol: ")")
      return .countAll
    }
    let isDistinct = take(word: "DISTINCT")
    var arguments: [SQLExpression] = []
    if !peek.isSymbol(")") {
      repeat { arguments.append(try expression()) } while take(symbol: ",")
    }
    try expect(symbol: ")")
    return .call(function, arguments, isDistinct: isDistinct)
  }

  private mutating func cases() throws(NetSuiteError) -> SQLExpression {
    let subject = peek.isWord("WHEN") ? nil : try expression()
    var branches: [SQLExpression.Branch] = []
    while take(word: "WHEN") {
      let test = try expression()
      try expect(word: "THEN")
      let condition = subject.map { SQLExpression.binary(.equal, $0, test) } ?? test
      branches.append(SQLExpression.Branch(condition: condition, value: try expression()))
    }
    let otherwise = take(word: "ELSE") ? try expression() : SQLExpression.value(.null)
    try expect(word: "END")
    guard !branches.isEmpty else { throw unexpected() }
    return .cases(branches, otherwise: otherwise)
  }
}
