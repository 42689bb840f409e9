extension Function {
  static let join = Function(
    "join", "join(list, separator)", "The elements as one text, with the separator between; blanks are left out.",
    example: ("join(['SO1', null, 'SO2'], ', ')", "'SO1, SO2'"),
    Form(.list, giving: { _ in .string }),
    Form(.list, .text, giving: { _ in .string })
  ) { arguments, _ throws(EvaluationError) in
    var parts: [String] = []
    var size = 0
    for element in try arguments.list(0) where !element.isBlank {
      guard let text = element.plainText else {
        throw EvaluationError(.value, "join() expected single values, got \(element.kindName)")
      }
      size += text.utf8.count
      try Arithmetic.bound(size)
      parts.append(text)
    }
    let separator = arguments.count == 2 ? try arguments.text(1) : ""
    try Arithmetic.bound(size + separator.utf8.count * parts.count)
    return .string(parts.joined(separator: separator))
  }
}
