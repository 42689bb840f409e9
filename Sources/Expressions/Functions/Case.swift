extension Function {
  static let lower = Function(
    "lower", "lower(text)", "The text in small letters; a blank stays blank.",
    example: ("lower('ÄB1')", "'äb1'"),
    Form(.textOrBlank, keepingBlank: .string)
  ) { arguments, _ throws(EvaluationError) in
    try arguments.textOrBlank(0).map { .string($0.lowercased()) } ?? arguments[0]
  }

  static let upper = Function(
    "upper", "upper(text)", "The text in capitals; a blank stays blank.",
    example: ("upper('de')", "'DE'"),
    Form(.textOrBlank, keepingBlank: .string)
  ) { arguments, _ throws(EvaluationError) in
    try arguments.textOrBlank(0).map { .string($0.uppercased()) } ?? arguments[0]
  }
}
