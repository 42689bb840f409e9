extension Function {
  static let trim = Function(
    "trim", "trim(text)", "The text without white space at its ends; a blank stays blank.",
    example: (#"trim(" a b\n")"#, "'a b'"),
    Form(.textOrBlank, keepingBlank: .string)
  ) { arguments, _ throws(EvaluationError) in
    try arguments.textOrBlank(0).map { .string($0.trimmed) } ?? arguments[0]
  }
}

extension String {
  /// Without white space (Unicode's) at its ends.
  var trimmed: String {
    let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
    let rest = unicodeScalars.drop(while: isSpace)
    guard let last = rest.lastIndex(where: { !isSpace($0) }) else { return "" }
    return String(rest[...last])
  }
}
