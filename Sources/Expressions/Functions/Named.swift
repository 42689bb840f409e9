extension Function {
  static let named = Function(
    "named", "named('name')", "A row of reference data by its name, or by what the environment's values call it.",
    example: ("named('discount-item')", "'Sales discount'"),
    Form(.text, gives: .string)
  ) { arguments, environment throws(EvaluationError) in
    try environment.named(try arguments.text(0))
  }
}
