extension Function {
  static let today = Function(
    "today", "today()", "The day, in the time zone of the account or organization.",
    example: ("today()", "date('2026-11-24')"),
    Form(gives: .date)
  ) { _, environment throws(EvaluationError) in
    guard let today = environment.today else { throw EvaluationError(.missing, "the day is not known here") }
    return .date(today)
  }

  static let now = Function(
    "now", "now()", "The moment of the decision; the same wherever it is asked in one run.",
    example: ("now()", "timestamp('2026-11-24T10:11:12Z')"),
    Form(gives: .timestamp)
  ) { _, environment throws(EvaluationError) in
    guard let now = environment.now else { throw EvaluationError(.missing, "the time is not known here") }
    return .timestamp(now)
  }
}
