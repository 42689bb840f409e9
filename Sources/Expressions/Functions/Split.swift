extension Function {
  static let split = Function(
    "split", "split(text, separator)", "The parts between the separators; a blank has none.",
    example: ("split('EUR;USD', ';')", "['EUR', 'USD']"),
    Form(.textOrBlank, .text, gives: .list(.string))
  ) { arguments, _ throws(EvaluationError) in
    guard let text = try arguments.textOrBlank(0) else { return .list([]) }
    let separator = Array(try arguments.text(1).unicodeScalars)
    let scalars = Array(text.unicodeScalars)
    guard !separator.isEmpty else { return .list(scalars.map { .string(String($0)) }) }
    var parts: [Value] = []
    var start = 0
    var at = 0
    while at <= scalars.count - separator.count {
      if scalars[at...].starts(with: separator) {
        parts.append(.string(String(String.UnicodeScalarView(scalars[start..<at]))))
        at += separator.count
        start = at
      } else {
        at += 1
      }
    }
    parts.append(.string(String(String.UnicodeScalarView(scalars[start...]))))
    return .list(parts)
  }
}
