import Formats

/// What one field of a stored record, or one column of a row, holds.
///
/// References are text: the id of what they point to. Numbers are exact decimals, never binary fractions.
enum Cell: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(ExactDecimal)
  case text(String)
  case date(CalendarDate)
  case instant(Instant)

  static func int(_ value: Int) -> Cell { .number(ExactDecimal(Int64(value))) }

  var isNull: Bool { self == .null }

  var text: String? {
    if case .text(let text) = self { return text }
    return nil
  }

  var number: ExactDecimal? {
    if case .number(let number) = self { return number }
    return nil
  }

  var date: CalendarDate? {
    if case .date(let date) = self { return date }
    return nil
  }

  var isTrue: Bool { self == .bool(true) }
}

extension ExactDecimal {
  /// The sum; overflow, which no simulated amount reaches, keeps the left side.
  func plus(_ other: ExactDecimal) -> ExactDecimal { adding(other) ?? self }

  func minus(_ other: ExactDecimal) -> ExactDecimal { adding(other.negated) ?? self }

  func times(_ other: ExactDecimal) -> ExactDecimal { multiplied(by: other) ?? .zero }

  var isPositive: Bool { !isNegative && !isZero }
}
