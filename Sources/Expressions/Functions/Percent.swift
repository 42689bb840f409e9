extension Function {
  /// A rate of a NetSuite line is an amount or, written with the sign, a percentage.
  static let percent = Function(
    "percent", "percent(number)", "The number with a percent sign, as NetSuite takes a rate.",
    example: ("percent(-decimal('12.50'))", "'-12.5%'"),
    Form(.number, gives: .string)
  ) { arguments, _ throws(EvaluationError) in
    .string("\(try arguments.decimal(0).normalized)%")
  }
}
