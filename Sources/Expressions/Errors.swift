/// An expression that cannot be read, or that `check` refuses.
public struct ExpressionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// From 0, in Unicode scalars of the expression.
  public let offset: Int
  /// From 1, within the expression.
  public let line: Int
  /// From 1, in Unicode scalars.
  public let column: Int
  /// One sentence without a full stop: `expected bool, got text`.
  public let message: String

  public init(offset: Int, line: Int, column: Int, message: String) {
    self.offset = offset
    self.line = line
    self.column = column
    self.message = message
  }

  public var description: String { "\(line):\(column): \(message)" }
}

/// An evaluation that came to nothing.
public struct EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: Hashable, Sendable {
    /// The values do not fit: a wrong type, a division by zero, an index outside of the list.
    case value
    /// A number left its range.
    case overflow
    /// A variable or a field is not there.
    case missing
    /// The environment does not know yet (a row that is still to be read): ask again when it does.
    case pending
    /// The expression costs more than it may.
    case limit
  }

  public var kind: Kind
  /// From 0, in Unicode scalars of the expression; nil where it is not known.
  public var offset: Int?
  /// Names things, never quotes a record's values.
  public var message: String

  public init(_ kind: Kind, _ message: String, offset: Int? = nil) {
    self.kind = kind
    self.message = message
    self.offset = offset
  }

  public var description: String { message }
}

/// Where an offset is, as people count.
func position(of offset: Int, in source: String) -> (line: Int, column: Int) {
  var line = 1
  var column = 1
  for scalar in source.unicodeScalars.prefix(offset) {
    if scalar == "\n" {
      line += 1
      column = 1
    } else {
      column += 1
    }
  }
  return (line, column)
}
