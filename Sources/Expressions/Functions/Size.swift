extension Function {
  /// CEL specification, `size`.
  static let size = Function(
    "size", "size(text or list)", "How many characters, bytes, elements or keys there are.",
    example: ("size('häuser') + [1, 2].size()", "8"),
    Form(.sized, gives: .int)
  ) { arguments, _ throws(EvaluationError) in
    switch arguments[0] {
    case .string(let text): .int(Int64(text.unicodeScalars.count))
    case .bytes(let bytes): .int(Int64(bytes.count))
    case .list(let list): .int(Int64(list.count))
    case .map(let map): .int(Int64(map.count))
    default: throw arguments.misfit(0, Parameter.sized.rawValue)
    }
  }
}
