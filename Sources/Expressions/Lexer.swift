/// Cuts an expression into tokens. CEL specification, "Syntax": the lexis.
struct Lexer {
  let scalars: [Unicode.Scalar]
  var at = 0

  init(_ source: String) { scalars = Array(source.unicodeScalars) }

  /// A problem at an offset; `Expression` adds line and column.
  struct Problem: Error {
    let offset: Int
    let message: String
  }

  static let symbols = [
    "&&", "||", "==", "!=", "<=", ">=", "(", ")", "[", "]", "{", "}", ".", ",", "?", ":", "+", "-", "*", "/", "%", "!",
    "<", ">",
  ].map { Array($0.unicodeScalars) }

  mutating func tokens() throws(Problem) -> [Token] {
    var found: [Token] = []
    while true {
      let token = try next()
      found.append(token)
      if token.kind == .end { return found }
    }
  }

  func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
    at + ahead < scalars.count ? scalars[at + ahead] : nil
  }

  private mutating func next() throws(Problem) -> Token {
    skipSpace()
    let start = at
    guard let first = peek() else { return Token(kind: .end, offset: start) }
    if let literal = try text() { return Token(kind: literal, offset: start) }
    if Self.isLetter(first) { return Token(kind: word(), offset: start) }
    if Self.isDigit(first) || (first == "." && peek(1).map(Self.isDigit) == true) {
      return Token(kind: try number(), offset: start)
    }
    if first == "`" { return Token(kind: try quotedName(), offset: start) }
    for symbol in Self.symbols where scalars[at...].starts(with: symbol) {
      at += symbol.count
      return Token(kind: .symbol(String(String.UnicodeScalarView(symbol))), offset: start)
    }
    if first == "=" { throw Problem(offset: start, message: "a comparison is written '=='") }
    if first == "&" || first == "|" {
      throw Problem(offset: start, message: "'\(first)' is written twice: '\(first)\(first)'")
    }
    throw Problem(offset: start, message: "unexpected character")
  }

  private mutating func skipSpace() {
    while let scalar = peek() {
      if scalar == "/", peek(1) == "/" {
        while let inside = peek(), inside != "\n" { _ = inside; at += 1 }
      } else if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" || scalar == "\u{c}" {
        at += 1
      } else {
        return
      }
    }
  }

  private mutating func word() -> Token.Kind {
    let start = at
    while let scalar = peek(), Self.isLetter(scalar) || Self.isDigit(scalar) { at += 1 }
    let name = slice(start..<at)
    return name == "in" ? .symbol(name) : .identifier(name)
  }

  private mutating func quotedName() throws(Problem) -> Token.Kind {
    let start = at
    at += 1
    while let scalar = peek(), scalar != "`" {
      guard Self.isLetter(scalar) || Self.isDigit(scalar) || "-./ ".unicodeScalars.contains(scalar) else { break }
      at += 1
    }
    guard peek() == "`", at > start + 1 else {
      throw Problem(offset: start, message: "a name in back quotes has letters, digits, '_', '-', '.', '/' and spaces")
    }
    at += 1
    return .quoted(slice(start + 1..<at - 1))
  }

  func slice(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(scalars[range])) }

  static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    (scalar >= "a" && scalar <= "z") || (scalar >= "A" && scalar <= "Z") || scalar == "_"
  }

  static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }
}
