extension Function {
  static let startsWith = Function(
    "startsWith", "text.startsWith(part)", "Whether the text begins with the part.",
    example: ("'crm-001'.startsWith('crm-')", "true"),
    Form(.text, .text, gives: .bool)
  ) { arguments, _ throws(EvaluationError) in
    .bool(try arguments.text(0).utf8.starts(with: try arguments.text(1).utf8))
  }
}
