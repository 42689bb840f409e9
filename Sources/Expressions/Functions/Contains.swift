extension Function {
  static let contains = Function(
    "contains", "text.contains(part)", "Whether the part stands in the text.",
    example: ("'causeway'.contains('use') && !'a'.contains('A')", "true"),
    Form(.text, .text, gives: .bool)
  ) { arguments, _ throws(EvaluationError) in
    let text = Array(try arguments.text(0).utf8)
    let part = Array(try arguments.text(1).utf8)
    guard part.count <= text.count else { return .bool(false) }
    return .bool((0...text.count - part.count).contains { text[$0...].starts(with: part) })
  }
}
