extension Lexer {
  /// A text or bytes literal, if one begins here: prefixes `b` and `r`, single, double and triple quotes.
  mutating func text() throws(Problem) -> Token.Kind? {
    let start = at
    var ahead = 0
    var isBytes = false
    var isRaw = false
    if peek(ahead) == "b" || peek(ahead) == "B" {
      isBytes = true
      ahead += 1
    }
    if peek(ahead) == "r" || peek(ahead) == "R" {
      isRaw = true
      ahead += 1
    }
    guard let quote = peek(ahead), quote == "'" || quote == "\"" else { return nil }
    let isTriple = peek(ahead + 1) == quote && peek(ahead + 2) == quote
    at += ahead + (isTriple ? 3 : 1)
    var content = Content(isBytes: isBytes)
    while true {
      guard let scalar = peek() else { throw Problem(offset: start, message: "the text has no end") }
      if scalar == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
        at += isTriple ? 3 : 1
        return content.literal
      }
      if !isTriple, scalar == "\n" || scalar == "\r" {
        throw Problem(offset: at, message: "a text over several lines stands in three quotes")
      }
      at += 1
      if scalar == "\\", !isRaw {
        try escape(into: &content)
      } else {
        content.append(scalar)
      }
    }
  }

  /// What is between the quotes, so far.
  struct Content {
    let isBytes: Bool
    var string = String.UnicodeScalarView()
    var bytes: [UInt8] = []

    init(isBytes: Bool) { self.isBytes = isBytes }

    mutating func append(_ scalar: Unicode.Scalar) {
      if isBytes { bytes += Array(UTF8.encode(scalar) ?? .init()) } else { string.append(scalar) }
    }

    var literal: Token.Kind { isBytes ? .bytes(bytes) : .string(String(string)) }
  }

  private static let simpleEscapes: [Unicode.Scalar: Unicode.Scalar] = [
    "a": "\u{7}", "b": "\u{8}", "f": "\u{c}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{b}", "\\": "\\", "?": "?",
    "'": "'", "\"": "\"", "`": "`",
  ]

  /// The backslash is read already.
  private mutating func escape(into content: inout Content) throws(Problem) {
    let start = at - 1
    guard let letter = peek() else { throw Problem(offset: start, message: "the text has no end") }
    at += 1
    if let simple = Self.simpleEscapes[letter] { return content.append(simple) }
    let value: UInt32
    switch letter {
    case "x", "X": value = try digits(2, radix: 16, from: start)
    case "u" where !content.isBytes: value = try digits(4, radix: 16, from: start)
    case "U" where !content.isBytes: value = try digits(8, radix: 16, from: start)
    case "0"..."3":
      at -= 1
      value = try digits(3, radix: 8, from: start)
    default: throw Problem(offset: start, message: "'\\\(letter)' is no escape; a backslash is written '\\\\'")
    }
    if content.isBytes {
      content.bytes.append(UInt8(truncatingIfNeeded: value))
    } else if let scalar = Unicode.Scalar(value) {
      content.append(scalar)
    } else {
      throw Problem(offset: start, message: "the escape names no character")
    }
  }

  private mutating func digits(_ count: Int, radix: UInt32, from start: Int) throws(Problem) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard let digit = peek().flatMap(Self.hexValue), digit < radix else {
        throw Problem(
          offset: start, message: "the escape needs \(count) \(radix == 8 ? "octal" : "hexadecimal") digits")
      }
      value = value &* radix &+ digit
      at += 1
    }
    return value
  }
}
