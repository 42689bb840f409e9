extension Function {
  static let line = Function(
    "line", "line(text, n)", "The n-th line, from 1; a blank if there is none.",
    example: (#"line("1 High Street\nFloor 2", 2)"#, "'Floor 2'"),
    Form(.textOrBlank, .int, gives: .optional(.string))
  ) { arguments, _ throws(EvaluationError) in
    try lines(arguments).first.map { .string($0) } ?? .null
  }

  static let rest = Function(
    "rest", "rest(text, n)", "The n-th line and all after it, with commas between; a blank if there is none.",
    example: (#"rest("1 High Street\nFloor 2\nRoom 7", 2)"#, "'Floor 2, Room 7'"),
    Form(.textOrBlank, .int, gives: .optional(.string))
  ) { arguments, _ throws(EvaluationError) in
    let lines = try lines(arguments).filter { !$0.isEmpty }
    return lines.isEmpty ? .null : .string(lines.joined(separator: ", "))
  }

  /// The lines from the n-th on, trimmed; a first line of no characters is as good as none.
  private static func lines(_ arguments: Arguments) throws(EvaluationError) -> ArraySlice<String> {
    let number = try arguments.int(1)
    guard number >= 1 else { throw EvaluationError(.value, "\(arguments.function)() counts lines from 1") }
    guard let text = try arguments.textOrBlank(0) else { return [] }
    let all = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { String($0).trimmed }
    guard number <= all.count else { return [] }
    let found = all[(Int(number) - 1)...]
    return arguments.function == "line" && found.first == "" ? [] : found
  }
}
