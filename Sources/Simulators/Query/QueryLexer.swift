/// One word, value or sign of a query.
struct QueryToken: Sendable, Hashable {
  enum Kind: Sendable { case word, number, string, symbol, end }
  let kind: Kind
  let text: String
  /// Where it begins, in characters.
  let offset: Int

  /// Words are keywords in any case.
  func isWord(_ word: String) -> Bool { kind == .word && text.uppercased() == word }
  func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
}

struct QueryLexError: Error {
  let offset: Int
  let message: String
}

/// Splits the text of a query. The two languages differ in strings and in what begins with a digit.
struct QueryLexer {
  enum Dialect {
    /// Backslash escapes in strings; dates and times stand bare: `2026-11-24T10:00:00Z`.
    case soql
    /// Doubled quotes in strings; `--` and `/* */` comments; `"names"`.
    case suiteQL
  }

  private let characters: [Character]
  private let dialect: Dialect
  private var place = 0

  static func tokens(_ text: String, _ dialect: Dialect) throws(QueryLexError) -> [QueryToken] {
    var lexer = QueryLexer(characters: Array(text), dialect: dialect)
    var tokens: [QueryToken] = []
    repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
    return tokens
  }

  private init(characters: [Character], dialect: Dialect) {
    self.characters = characters
    self.dialect = dialect
  }

  private mutating func next() throws(QueryLexError) -> QueryToken {
    try skip()
    guard place < characters.count else { return QueryToken(kind: .end, text: "", offset: place) }
    let start = place
    let first = characters[place]
    if first == "'" { return QueryToken(kind: .string, text: try string(), offset: start) }
    if first == "\"", dialect == .suiteQL { return QueryToken(kind: .word, text: try quotedName(), offset: start) }
    if first.isNumber { return QueryToken(kind: .number, text: number(), offset: start) }
    if first.isLetter || first == "_" {
      while place < characters.count, Self.isWordPart(characters[place]) { place += 1 }
      return QueryToken(kind: .word, text: String(characters[start..<place]), offset: start)
    }
    for symbol in ["<=", ">=", "<>", "!=", "||"] where starts(with: symbol) {
      place += 2
      return QueryToken(kind: .symbol, text: symbol, offset: start)
    }
    place += 1
    return QueryToken(kind: .symbol, text: String(first), offset: start)
  }

  private static func isWordPart(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_" || character == "$"
  }

  private func starts(with text: String) -> Bool {
    place + text.count <= characters.count && String(characters[place..<(place + text.count)]) == text
  }

  private mutating func skip() throws(QueryLexError) {
    while place < characters.count {
      if characters[place].isWhitespace {
        place += 1
      } else if dialect == .suiteQL, starts(with: "--") {
        while place < characters.count, !characters[place].isNewline { place += 1 }
      } else if dialect == .suiteQL, starts(with: "/*") {
        let start = place
        while place < characters.count, !starts(with: "*/") { place += 1 }
        guard place < characters.count else { throw QueryLexError(offset: start, message: "unfinished comment") }
        place += 2
      } else {
        return
      }
    }
  }

  private mutating func string() throws(QueryLexError) -> String {
    let start = place
    place += 1
    var text = ""
    while place < characters.count {
      let character = characters[place]
      place += 1
      if character == "'" {
        guard dialect == .suiteQL, place < characters.count, characters[place] == "'" else { return text }
        text.append("'")
        place += 1
      } else if character == "\\", dialect == .soql {
        text.append(try escape())
      } else {
        text.append(character)
      }
    }
    throw QueryLexError(offset: start, message: "unfinished string")
  }

  private mutating func escape() throws(QueryLexError) -> String {
    guard place < characters.count else { throw QueryLexError(offset: place, message: "unfinished escape") }
    let character = characters[place]
    place += 1
    switch character {
    case "n", "N": return "\n"
    case "r", "R": return "\r"
    case "t", "T": return "\t"
    case "b", "B": return "\u{8}"
    case "f", "F": return "\u{c}"
    case "'", "\"", "\\": return String(character)
    // For LIKE: an escaped wildcard stays escaped until the pattern is read.
    case "_", "%": return "\\" + String(character)
    default: throw QueryLexError(offset: place - 1, message: "Illegal string escape")
    }
  }

  private mutating func quotedName() throws(QueryLexError) -> String {
    let start = place
    place += 1
    while place < characters.count, characters[place] != "\"" { place += 1 }
    guard place < characters.count else { throw QueryLexError(offset: start, message: "unfinished name") }
    place += 1
    return String(characters[(start + 1)..<(place - 1)])
  }

  private mutating func number() -> String {
    let start = place
    while place < characters.count {
      let character = characters[place]
      let isPart =
        dialect == .soql
        ? Self.isWordPart(character) || "-:+.".contains(character) : character.isNumber || character == "."
      guard isPart else { break }
      place += 1
    }
    return String(characters[start..<place])
  }
}

/// Whether text matches a LIKE pattern: `%` any run, `_` any one character, a backslash takes a wildcard for itself.
func matchesPattern(_ text: String, _ pattern: String) -> Bool {
  let text = Array(text)
  var parts: [(character: Character, isWild: Bool)] = []
  var isEscaped = false
  for character in pattern {
    if character == "\\", !isEscaped {
      isEscaped = true
      continue
    }
    parts.append((character, !isEscaped && (character == "%" || character == "_")))
    isEscaped = false
  }
  // The row of the usual table: which prefixes of the text the pattern so far can match.
  var reach = [Bool](repeating: false, count: text.count + 1)
  reach[0] = true
  for part in parts {
    var next = [Bool](repeating: false, count: text.count + 1)
    if part.isWild, part.character == "%" {
      var seen = false
      for index in 0...text.count {
        seen = seen || reach[index]
        next[index] = seen
      }
    } else {
      for index in text.indices where reach[index] && (part.isWild || text[index] == part.character) {
        next[index + 1] = true
      }
    }
    reach = next
  }
  return reach[text.count]
}
