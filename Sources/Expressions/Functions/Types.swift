extension Function {
  static let type = Function(
    "type", "type(value)", "The type of a value, to compare with a type's name: int, string, list.",
    example: ("type(1) == int && type('a') != int", "true"),
    Form(.any, gives: .type)
  ) { arguments, _ throws(EvaluationError) in
    .type(arguments[0].typeName)
  }

  static let dyn = Function(
    "dyn", "dyn(value)", "The value, its type left to evaluation.",
    example: ("dyn(1) == 1.0", "true"),
    Form(.any, gives: .dyn)
  ) { arguments, _ throws(EvaluationError) in
    arguments[0]
  }
}

extension Value {
  /// CEL's name of its type.
  var typeName: String {
    switch self {
    case .null: "null_type"
    case .string: "string"
    case .timestamp: "google.protobuf.Timestamp"
    case .duration: "google.protobuf.Duration"
    default: kindName
    }
  }
}
