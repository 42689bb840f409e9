extension Function {
  /// Gives a blank a value.
  static let or = Function(
    "or", "value.or(instead)", "The value, or what stands instead of a blank.",
    example: ("null.or(0) + 'x'.or('y').size()", "1"),
    Form(
      .any, .any,
      giving: { types in
        switch types[0] {
        case .dyn: .dyn
        case .null: types[1]
        // An optional of an unknown type is as good as unknown.
        case let type: type.present == .dyn ? .dyn : type.present.joined(with: types[1])
        }
      })
  ) { arguments, _ throws(EvaluationError) in
    arguments[0].isBlank ? arguments[1] : arguments[0]
  }
}
