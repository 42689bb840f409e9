import Formats

extension Function {
  static let int = Function(
    "int", "int(value)",
    "A whole number: of a number its part before the point, of a text, of a time its seconds since 1970.",
    example: ("int('-12') + int(2.9)", "-10"),
    Form(.single, giving: { isConvertible($0[0], orTime: true) ? .int : nil })
  ) { arguments, _ throws(EvaluationError) in
    if case .timestamp(let time) = arguments[0] { return .int(time.secondsSince1970) }
    guard let value = Int64(exactly: try whole(arguments)) else { throw Arithmetic.overflow }
    return .int(value)
  }

  static let uint = Function(
    "uint", "uint(value)", "A whole number that is not negative.",
    example: ("uint('12')", "12u"),
    Form(.single, giving: { isConvertible($0[0]) ? .uint : nil })
  ) { arguments, _ throws(EvaluationError) in
    guard let value = UInt64(exactly: try whole(arguments)) else { throw Arithmetic.overflow }
    return .uint(value)
  }

  static let double = Function(
    "double", "double(value)", "A binary floating-point number; for money take decimal().",
    example: ("double('1.5') + double(1)", "2.5"),
    Form(.single, giving: { isConvertible($0[0]) ? .double : nil })
  ) { arguments, _ throws(EvaluationError) in
    switch arguments[0] {
    case .int(let value): return .double(Double(value))
    case .uint(let value): return .double(Double(value))
    case .double: return arguments[0]
    default:
      let text: String
      if case .decimal(let value) = arguments[0] { text = value.description } else { text = try arguments.text(0) }
      // Only what a decimal is written with: neither '+5', nor '0x1', nor 'nan'.
      guard text.utf8.allSatisfy({ "-.0123456789eE+".utf8.contains($0) }), text.first != "+",
        let value = Double(text), value.isFinite
      else { throw EvaluationError(.value, "double() expected a number") }
      return .double(value)
    }
  }

  static let decimal = Function(
    "decimal", "decimal(value)", "An exact decimal, of a number or a text.",
    example: ("decimal('0.10') * 3", "decimal('0.3')"),
    Form(.single, giving: { isConvertible($0[0]) ? .decimal : nil })
  ) { arguments, _ throws(EvaluationError) in
    guard case .string(let text) = arguments[0] else { return .decimal(try arguments.decimal(0)) }
    guard let value = ExactDecimal(text) else { throw EvaluationError(.value, "decimal() expected a number") }
    return .decimal(value)
  }

  private static func isConvertible(_ type: ValueType, orTime: Bool = false) -> Bool {
    type.isNumber || type == .string || type == .dyn || (orTime && type == .timestamp)
  }

  /// Without its fraction.
  private static func whole(_ arguments: Arguments) throws(EvaluationError) -> Int128 {
    switch arguments[0] {
    case .double(let value):
      guard value.isFinite, value.magnitude < 36_893_488_147_419_103_232 else { throw Arithmetic.overflow }
      return Int128(value.rounded(.towardZero))
    case .string(let text):
      let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
      guard text.utf8.count - digits.count <= 1, !digits.isEmpty, digits.allSatisfy({ $0 &- 0x30 < 10 }),
        let value = ExactDecimal(text)
      else { throw EvaluationError(.value, "\(arguments.function)() expected digits") }
      return value.coefficient
    default: return try arguments.decimal(0).rounded(scale: 0, .down).coefficient
    }
  }
}
