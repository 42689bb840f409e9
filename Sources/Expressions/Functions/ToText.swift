extension Function {
  static let string = Function(
    "string", "string(value)", "The value as text; a blank stays blank.",
    example: ("string(decimal('1.10')) + string(true) + string(date('2026-11-24'))", "'1.10true2026-11-24'"),
    Form(.singleOrBlank, keepingBlank: .string)
  ) { arguments, _ throws(EvaluationError) in
    if arguments[0] == .null { return .null }
    guard let text = arguments[0].plainText else { throw arguments.misfit(0, "a single value") }
    return .string(text)
  }

  static let bytes = Function(
    "bytes", "bytes(text)", "The text's UTF-8.",
    example: ("bytes('ä')", #"b'\xc3\xa4'"#),
    Form(.single, giving: { [.string, .bytes, .dyn].contains($0[0]) ? .bytes : nil })
  ) { arguments, _ throws(EvaluationError) in
    if case .bytes = arguments[0] { return arguments[0] }
    return .bytes(Array(try arguments.text(0).utf8))
  }
}
