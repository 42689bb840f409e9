extension Function {
  static let bool = Function(
    "bool", "bool(text)", "The truth that a text says: true, false, t, f, 1, 0.",
    example: ("bool('true') && !bool('F')", "true"),
    Form(.single, giving: { [.string, .bool, .dyn].contains($0[0]) ? .bool : nil })
  ) { arguments, _ throws(EvaluationError) in
    if case .bool = arguments[0] { return arguments[0] }
    switch try arguments.text(0) {
    case "true", "True", "TRUE", "t", "T", "1": return .bool(true)
    case "false", "False", "FALSE", "f", "F", "0": return .bool(false)
    default: throw EvaluationError(.value, "bool() expected true or false")
    }
  }
}
