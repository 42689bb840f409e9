import Formats

extension Function {
  static let sum = Function(
    "sum", "sum(list of numbers)", "The sum of the numbers, exactly; blanks are left out; of nothing it is 0.",
    example: ("sum([decimal('0.1'), decimal('0.2'), null]) == decimal('0.3')", "true"),
    Form(
      .numbers,
      giving: { types in
        guard case .list(let element) = types[0] else { return .decimal }
        return element.present.isNumber ? element.present : .decimal
      })
  ) { arguments, _ throws(EvaluationError) in
    let numbers = try arguments.list(0).filter { $0 != .null }
    guard let first = numbers.first else { return .int(0) }
    guard numbers.allSatisfy(\.isNumber) else { throw arguments.misfit(0, Parameter.numbers.rawValue) }
    let isOneType = numbers.allSatisfy { $0.kindName == first.kindName }
    // Numbers of several types meet as exact decimals.
    var total: Value = isOneType ? first : .decimal(.zero)
    for number in isOneType ? numbers.dropFirst() : numbers[...] {
      total = try Arithmetic.apply(.add, total, number)
    }
    return total
  }
}
