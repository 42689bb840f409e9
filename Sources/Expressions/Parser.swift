/// Recursive descent over the tokens. CEL specification, "Syntax": the grammar.
struct Parser {
  typealias Problem = Lexer.Problem

  private let tokens: [Token]
  private var at = 0
  private var depth = 0

  init(_ tokens: [Token]) { self.tokens = tokens }

  mutating func parse() throws(Problem) -> Node {
    let node = try expression()
    guard token.kind == .end else { throw unexpected("an operator or the end") }
    return node
  }

  // Expr = ConditionalOr ["?" ConditionalOr ":" Expr]
  private mutating func expression() throws(Problem) -> Node {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Limits.depth else { throw Problem(offset: token.offset, message: "nested too deeply") }
    let condition = try chain(0)
    let offset = token.offset
    guard take("?") else { return condition }
    let yes = try chain(0)
    try expect(":")
    let no = try expression()
    return try made(.conditional(condition, yes, no), at: offset)
  }

  /// Operators by precedence, weakest first; all of them associate to the left.
  private static let levels: [[String]] = [
    ["||"], ["&&"], ["<", "<=", ">=", ">", "==", "!=", "in"], ["+", "-"], ["*", "/", "%"],
  ]

  private mutating func chain(_ level: Int) throws(Problem) -> Node {
    guard level < Self.levels.count else { return try unary() }
    var left = try chain(level + 1)
    while case .symbol(let symbol) = token.kind, Self.levels[level].contains(symbol) {
      let offset = token.offset
      at += 1
      let right = try chain(level + 1)
      left = try made(operation(symbol, left, right), at: offset)
    }
    return left
  }

  private func operation(_ symbol: String, _ left: Node, _ right: Node) -> Node.Kind {
    switch symbol {
    case "||": .or(left, right)
    case "&&": .and(left, right)
    default: .binary(BinaryOperator(rawValue: symbol) ?? .equal, left, right)
    }
  }

  // Unary = Member | "!" {"!"} Member | "-" {"-"} Member
  private mutating func unary() throws(Problem) -> Node {
    var signs: [(UnaryOperator, Int)] = []
    while case .symbol(let symbol) = token.kind, let sign = UnaryOperator(rawValue: symbol) {
      if let first = signs.first, first.0 != sign { throw unexpected("a value") }
      guard signs.count < Limits.depth else { throw Problem(offset: token.offset, message: "nested too deeply") }
      signs.append((sign, token.offset))
      at += 1
    }
    var node: Node
    if let last = signs.last, last.0 == .negate, let number = negativeNumber(at: last.1) {
      signs.removeLast()
      at += 1
      node = try member(of: number)
    } else {
      node = try member(of: primary())
    }
    for (sign, offset) in signs.reversed() { node = try made(.unary(sign, node), at: offset) }
    return node
  }

  /// The sign belongs to the number, so that -9223372036854775808 can be written.
  private func negativeNumber(at offset: Int) -> Node? {
    switch token.kind {
    case .int(let magnitude) where magnitude <= UInt64(Int64.max) + 1:
      Node(.literal(.int(Int64(truncatingIfNeeded: 0 &- magnitude))), at: offset)
    case .double(let value): Node(.literal(.double(-value)), at: offset)
    default: nil
    }
  }

  // Member = Primary | Member "." SELECTOR ["(" [ExprList] ")"] | Member "[" Expr "]"
  private mutating func member(of primary: Node) throws(Problem) -> Node {
    var node = primary
    while true {
      let offset = token.offset
      if take(".") {
        node = try selection(of: node)
      } else if take("[") {
        let index = try expression()
        try expect("]")
        node = try made(.index(node, index), at: offset)
      } else if case .symbol("{") = token.kind {
        throw Problem(
          offset: offset, message: "messages cannot be made in an expression; a map is written { 'key': value }")
      } else {
        return node
      }
    }
  }

  private mutating func selection(of operand: Node) throws(Problem) -> Node {
    let offset = token.offset
    switch token.kind {
    case .identifier(let name):
      guard !["true", "false", "null"].contains(name) else { throw unexpected("a field's name") }
      at += 1
      guard take("(") else { return try made(.select(operand, field: name), at: offset) }
      let arguments = try list(until: ")")
      if let macro = try Macros.expand(name, of: operand, arguments, at: offset) { return try bounded(macro) }
      return try made(.call(name, target: operand, arguments), at: offset)
    case .quoted(let name):
      at += 1
      return try made(.select(operand, field: name), at: offset)
    default: throw unexpected("a field's name")
    }
  }

  // Primary = literal | ["."] IDENT ["(" [ExprList] ")"] | "(" Expr ")" | "[" [ExprList] [","] "]" | "{" [MapInits] "}"
  private mutating func primary() throws(Problem) -> Node {
    let offset = token.offset
    switch token.kind {
    case .int(let magnitude):
      guard let value = Int64(exactly: magnitude) else {
        throw Problem(offset: offset, message: "the number is too large")
      }
      return literal(.int(value))
    case .uint(let value): return literal(.uint(value))
    case .double(let value): return literal(.double(value))
    case .string(let value): return literal(.string(value))
    case .bytes(let value): return literal(.bytes(value))
    case .identifier: return try name(isGlobal: false)
    case .symbol("."):
      at += 1
      return try name(isGlobal: true)
    case .symbol("("):
      at += 1
      let inner = try expression()
      try expect(")")
      return inner
    case .symbol("["):
      at += 1
      return try made(.list(list(until: "]", trailingComma: true)), at: offset)
    case .symbol("{"):
      at += 1
      return try map(at: offset)
    default: throw unexpected("a value")
    }
  }

  private mutating func literal(_ value: Value) -> Node {
    defer { at += 1 }
    return Node(.literal(value), at: token.offset)
  }

  private mutating func name(isGlobal: Bool) throws(Problem) -> Node {
    let offset = token.offset
    guard case .identifier(let name) = token.kind else { throw unexpected("a name") }
    if !isGlobal {
      switch name {
      case "true": return literal(.bool(true))
      case "false": return literal(.bool(false))
      case "null": return literal(.null)
      default: break
      }
    }
    if Self.reserved.contains(name) { throw Problem(offset: offset, message: "'\(name)' is a reserved word") }
    at += 1
    guard take("(") else { return Node(.variable(name, isGlobal: isGlobal), at: offset) }
    let arguments = try list(until: ")")
    if name == "has" { return try bounded(Macros.has(arguments, at: offset)) }
    return try made(.call(name, target: nil, arguments), at: offset)
  }

  private mutating func map(at offset: Int) throws(Problem) -> Node {
    var pairs: [Node.Pair] = []
    while !take("}") {
      let key = try expression()
      try expect(":")
      pairs.append(Node.Pair(key: key, value: try expression()))
      if take("}") { break }
      try expect(",")
    }
    return try made(.map(pairs), at: offset)
  }

  private mutating func list(until end: String, trailingComma: Bool = false) throws(Problem) -> [Node] {
    var found: [Node] = []
    if take(end) { return found }
    while true {
      found.append(try expression())
      if take(end) { return found }
      guard take(",") else { throw unexpected("',' or '\(end)'") }
      if trailingComma, take(end) { return found }
    }
  }

  private static let reserved: Set<String> = [
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
    "namespace", "return", "var", "void", "while", "true", "false", "null",
  ]
}

extension Parser {
  private var token: Token { tokens[min(at, tokens.count - 1)] }

  private mutating func take(_ symbol: String) -> Bool {
    guard case .symbol(symbol) = token.kind else { return false }
    at += 1
    return true
  }

  private mutating func expect(_ symbol: String) throws(Problem) {
    guard take(symbol) else { throw unexpected("'\(symbol)'") }
  }

  private func unexpected(_ wanted: String) -> Problem {
    Problem(offset: token.offset, message: "expected \(wanted), got \(token.description)")
  }

  private func made(_ kind: Node.Kind, at offset: Int) throws(Problem) -> Node {
    try bounded(Node(kind, at: offset))
  }

  private func bounded(_ node: Node) throws(Problem) -> Node {
    guard node.depth <= Limits.tree else { throw Problem(offset: node.offset, message: "nested too deeply") }
    return node
  }
}
