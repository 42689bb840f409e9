/// A word of an expression.
struct Token: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    case identifier(String)
    /// `` `a-b` ``, a field name in back quotes.
    case quoted(String)
    /// A whole number's magnitude; the sign is the parser's, so that the smallest int can be written.
    case int(UInt64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    /// `&&`, `(`, `in` …
    case symbol(String)
    case end
  }

  let kind: Kind
  let offset: Int

  /// What a message calls it; never more than a few words of the source.
  var description: String {
    switch kind {
    case .identifier(let name), .quoted(let name): "'\(name)'"
    case .int, .uint, .double: "a number"
    case .string: "a text"
    case .bytes: "bytes"
    case .symbol(let symbol): "'\(symbol)'"
    case .end: "the end"
    }
  }
}
