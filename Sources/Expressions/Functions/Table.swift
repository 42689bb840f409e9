extension Function {
  static let table = Function(
    "table", "table('name', value)", "The value's partner in a table of the configuration; a blank stays blank.",
    example: ("table('letters', 'a')", "'A'"),
    Form(.text, .singleOrBlank, gives: .optional(.string))
  ) { arguments, environment throws(EvaluationError) in
    let name = try arguments.text(0)
    return arguments[1].isBlank ? .null : try environment.table(name, arguments[1])
  }
}
