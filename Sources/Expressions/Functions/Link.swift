extension Function {
  static let linked = Function(
    "linked", "linked('entity', id)", "Whether the entity's record of this id has a partner; a blank has none.",
    example: ("linked('customer', '001A') && !linked('customer', null)", "true"),
    Form(.text, .singleOrBlank, gives: .bool)
  ) { arguments, environment throws(EvaluationError) in
    .bool(try partner(arguments, environment) != .null)
  }

  static let link = Function(
    "link", "link('entity', id)", "The other side's id of the entity's record of this id; a blank if it has none.",
    example: ("link('customer', '001A')", "'77'"),
    Form(.text, .singleOrBlank, gives: .optional(.string))
  ) { arguments, environment throws(EvaluationError) in
    try partner(arguments, environment)
  }

  private static func partner(_ arguments: Arguments, _ environment: any Environment) throws(EvaluationError) -> Value {
    let entity = try arguments.text(0)
    return arguments[1].isBlank ? .null : try environment.link(entity, arguments[1])
  }
}
