extension Function {
  static let endsWith = Function(
    "endsWith", "text.endsWith(part)", "Whether the text ends with the part.",
    example: ("'Acme GmbH'.endsWith('GmbH')", "true"),
    Form(.text, .text, gives: .bool)
  ) { arguments, _ throws(EvaluationError) in
    .bool(try arguments.text(0).utf8.reversed().starts(with: try arguments.text(1).utf8.reversed()))
  }
}
