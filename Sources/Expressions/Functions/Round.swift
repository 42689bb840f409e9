import Formats

extension Function {
  static let round = Function(
    "round", "round(number, places)", "The number with so many places; a half goes away from zero.",
    example: ("round(decimal('2.345'), 2)", "decimal('2.35')"),
    Form(.number, .int, gives: .decimal)
  ) { arguments, _ throws(EvaluationError) in
    let places = try arguments.int(1)
    guard (0...Int64(ExactDecimal.maxScale)).contains(places) else {
      throw EvaluationError(.value, "round() takes 0 to \(ExactDecimal.maxScale) places")
    }
    return .decimal(try arguments.decimal(0).rounded(scale: Int(places), .halfUp))
  }
}
