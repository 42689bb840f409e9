extension Function {
  static let min = Function(
    "min", "min(list)", "The least element; blanks are left out; of nothing it is a blank.",
    example: ("[3, null, 1, 2].min()", "1"),
    Form(.list, giving: elementOrBlank)
  ) { arguments, _ throws(EvaluationError) in try extreme(arguments, .below) }

  static let max = Function(
    "max", "max(list)", "The greatest element; blanks are left out; of nothing it is a blank.",
    example: ("[date('2026-01-02'), null, date('2025-12-31')].max()", "date('2026-01-02')"),
    Form(.list, giving: elementOrBlank)
  ) { arguments, _ throws(EvaluationError) in try extreme(arguments, .above) }

  private static let elementOrBlank: @Sendable ([ValueType]) -> ValueType? = { types in
    guard case .list(let element) = types[0] else { return .dyn }
    switch element.present {
    case .list, .map, .record, .type: return nil
    case let type: return type.orBlank
    }
  }

  private static func extreme(_ arguments: Arguments, _ wanted: Order) throws(EvaluationError) -> Value {
    var best: Value?
    for element in try arguments.list(0) where element != .null {
      guard let current = best else {
        best = element
        continue
      }
      guard let order = element.order(to: current) else {
        throw EvaluationError(
          .value, "\(arguments.function)(): \(element.kindName) and \(current.kindName) have no order")
      }
      if order == wanted { best = element }
    }
    return best ?? .null
  }
}
