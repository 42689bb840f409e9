import Formats

/// `+ - * / %` on values. Overflow is an error everywhere; numbers mix with exact decimals and with nothing else.
enum Arithmetic {
  /// Places of a quotient of decimals, before zeros at its end are dropped.
  static let quotientPlaces = 16

  static func apply(_ operation: BinaryOperator, _ a: Value, _ b: Value) throws(EvaluationError) -> Value {
    switch (a, b) {
    case (.int(let a), .int(let b)): return .int(try whole(operation, a, b))
    case (.uint(let a), .uint(let b)): return .uint(try whole(operation, a, b))
    case (.double(let a), .double(let b)): return .double(try double(operation, a, b))
    case (.decimal, _) where b.isNumber, (_, .decimal) where a.isNumber: return try decimal(operation, a, b)
    default: break
    }
    switch operation {
    case .add: return try add(a, b)
    case .subtract: return try subtract(a, b)
    default: throw misfit(operation, a, b)
    }
  }

  static func negate(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .int(let number):
      guard number != .min else { throw overflow }
      return .int(-number)
    case .double(let number): return .double(-number)
    case .decimal(let number): return .decimal(number.negated)
    case .duration(let duration): return .duration(.zero - duration)
    default: throw EvaluationError(.value, "'-' needs a number, got \(value.kindName)")
    }
  }

  static let overflow = EvaluationError(.overflow, "the result is out of range")
  static let byZero = EvaluationError(.value, "division by zero")

  static func misfit(_ operation: BinaryOperator, _ a: Value, _ b: Value) -> EvaluationError {
    EvaluationError(.value, "'\(operation.rawValue)' does not take \(a.kindName) and \(b.kindName)")
  }

  private static func whole<T: FixedWidthInteger>(
    _ operation: BinaryOperator, _ a: T, _ b: T
  ) throws(EvaluationError) -> T {
    let result: (partialValue: T, overflow: Bool)
    switch operation {
    case .add: result = a.addingReportingOverflow(b)
    case .subtract: result = a.subtractingReportingOverflow(b)
    case .multiply: result = a.multipliedReportingOverflow(by: b)
    case .divide, .remainder:
      guard b != 0 else { throw byZero }
      result = operation == .divide ? a.dividedReportingOverflow(by: b) : a.remainderReportingOverflow(dividingBy: b)
    default: throw overflow
    }
    guard !result.overflow else { throw overflow }
    return result.partialValue
  }

  private static func double(_ operation: BinaryOperator, _ a: Double, _ b: Double) throws(EvaluationError) -> Double {
    switch operation {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b
    case .divide: return a / b
    default: throw misfit(operation, .double(a), .double(b))
    }
  }

  private static func decimal(_ operation: BinaryOperator, _ a: Value, _ b: Value) throws(EvaluationError) -> Value {
    guard let left = a.exact, let right = b.exact else { throw overflow }
    let result: ExactDecimal?
    switch operation {
    case .add: result = left.adding(right)
    case .subtract: result = left.subtracting(right)
    case .multiply: result = left.multiplied(by: right)
    case .divide:
      guard !right.isZero else { throw byZero }
      result = left.dividing(by: right, scale: quotientPlaces, rounding: .halfEven)?.normalized
    default: throw misfit(operation, a, b)
    }
    guard let result else { throw overflow }
    return .decimal(result)
  }

  private static func add(_ a: Value, _ b: Value) throws(EvaluationError) -> Value {
    switch (a, b) {
    case (.string(let a), .string(let b)):
      try bound(a.utf8.count + b.utf8.count)
      return .string(a + b)
    case (.bytes(let a), .bytes(let b)):
      try bound(a.count + b.count)
      return .bytes(a + b)
    case (.list(let a), .list(let b)):
      try bound(a.count + b.count)
      return .list(a + b)
    case (.timestamp(let time), .duration(let duration)), (.duration(let duration), .timestamp(let time)):
      return .timestamp(try instant(time.nanosecondsSince1970 + duration.nanoseconds))
    case (.date(let date), .duration(let duration)), (.duration(let duration), .date(let date)):
      return .date(try Self.date(date, plus: duration.nanoseconds))
    case (.duration(let a), .duration(let b)): return .duration(try Self.duration(a.nanoseconds + b.nanoseconds))
    default: throw misfit(.add, a, b)
    }
  }

  private static func subtract(_ a: Value, _ b: Value) throws(EvaluationError) -> Value {
    switch (a, b) {
    case (.timestamp(let a), .timestamp(let b)):
      return .duration(try duration(a.nanosecondsSince1970 - b.nanosecondsSince1970))
    case (.timestamp(let time), .duration(let duration)):
      return .timestamp(try instant(time.nanosecondsSince1970 - duration.nanoseconds))
    case (.date(let a), .date(let b)):
      return .duration(try duration(Int128(a.daysSince1970 - b.daysSince1970) * day))
    case (.date(let a), .duration(let b)): return .date(try date(a, plus: -b.nanoseconds))
    case (.duration(let a), .duration(let b)): return .duration(try duration(a.nanoseconds - b.nanoseconds))
    default: throw misfit(.subtract, a, b)
    }
  }

  private static let day: Int128 = 86_400 * 1_000_000_000

  private static func date(_ date: CalendarDate, plus nanoseconds: Int128) throws(EvaluationError) -> CalendarDate {
    guard nanoseconds % day == 0 else { throw EvaluationError(.value, "a date moves by whole days: duration('24h')") }
    guard let moved = CalendarDate(daysSince1970: date.daysSince1970 + Int(nanoseconds / day)) else { throw overflow }
    return moved
  }

  private static func instant(_ nanoseconds: Int128) throws(EvaluationError) -> Instant {
    guard let instant = Instant(nanosecondsSince1970: nanoseconds) else { throw overflow }
    return instant
  }

  private static func duration(_ nanoseconds: Int128) throws(EvaluationError) -> Duration {
    guard let duration = Duration(nanoseconds: nanoseconds) else { throw overflow }
    return duration
  }

  static func bound(_ size: Int) throws(EvaluationError) {
    guard size <= Limits.size else { throw EvaluationError(.limit, "the result is too large") }
  }
}
