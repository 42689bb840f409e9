extension Function {
  static let first = Function(
    "first", "first(list)", "The first element that is not blank; a blank if there is none.",
    example: ("first([null, '', 'a', 'b'])", "'a'"),
    Form(
      .list,
      giving: { types in
        if case .list(let element) = types[0] { element.orBlank } else { .dyn }
      })
  ) { arguments, _ throws(EvaluationError) in
    try arguments.list(0).first { !$0.isBlank } ?? .null
  }
}
