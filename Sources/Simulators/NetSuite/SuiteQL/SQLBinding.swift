import Formats

/// Finds every name of a query among its tables; one that is not there is refused, in NetSuite's words.
struct SQLBinding {
  let sources: [(alias: String, table: SQLTable)]

  func bind(_ expression: SQLExpression) throws(NetSuiteError) -> SQLExpression {
    switch expression {
    case .value, .parameter, .slot, .countAll: return expression
    case .column(let table, let name): return try column(table, name)
    case .binary(let operation, let left, let right): return .binary(operation, try bind(left), try bind(right))
    case .not(let inner): return .not(try bind(inner))
    case .negative(let inner): return .negative(try bind(inner))
    case .isNull(let inner, let isNegated): return .isNull(try bind(inner), isNegated: isNegated)
    case .among(let inner, let list, let isNegated):
      return .among(try bind(inner), try bind(list), isNegated: isNegated)
    case .between(let inner, let low, let high, let isNegated):
      return .between(try bind(inner), try bind(low), try bind(high), isNegated: isNegated)
    case .like(let inner, let pattern, let isNegated):
      return .like(try bind(inner), try bind(pattern), isNegated: isNegated)
    case .call("builtin.df", let arguments, _):
      guard arguments.count == 1, case .column(let table, let name) = arguments[0] else {
        throw .search("Invalid or unsupported search. BUILTIN.DF takes a column.")
      }
      return try shown(table, name)
    case .call(let name, let arguments, let isDistinct):
      guard SQLFunctions.names.contains(name) || SQLFunctions.aggregates.contains(name) else {
        throw .search("Search error occurred: Unknown identifier '\(name.uppercased())'.")
      }
      return .call(name, try bind(arguments), isDistinct: isDistinct)
    case .cases(let branches, let otherwise):
      var bound: [SQLExpression.Branch] = []
      for branch in branches {
        bound.append(SQLExpression.Branch(condition: try bind(branch.condition), value: try bind(branch.value)))
      }
      return .cases(bound, otherwise: try bind(otherwise))
    }
  }

  func bind(_ expressions: [SQLExpression]) throws(NetSuiteError) -> [SQLExpression] {
    var bound: [SQLExpression] = []
    for expression in expressions { bound.append(try bind(expression)) }
    return bound
  }

  private func column(_ table: String?, _ name: String) throws(NetSuiteError) -> SQLExpression {
    var found: [SQLExpression] = []
    for (index, source) in sources.enumerated() where table == nil || source.alias == table {
      if let place = source.table.place(name) { found.append(.slot(index, place)) }
    }
    guard let first = found.first else { throw .search("Search error occurred: Field '\(name)' not found.") }
    guard found.count == 1 else { throw .search("Search error occurred: Field '\(name)' is ambiguous.") }
    return first
  }

  private func shown(_ table: String?, _ name: String) throws(NetSuiteError) -> SQLExpression {
    let plain = try column(table, name)
    guard case .slot(let index, _) = plain, let place = sources[index].table.place(name + "#df") else { return plain }
    return .slot(index, place)
  }
}

extension SQLExpression {
  /// The parts of a chain of ANDs.
  var conjuncts: [SQLExpression] {
    if case .binary(.and, let left, let right) = self { return left.conjuncts + right.conjuncts }
    return [self]
  }

  var hasAggregate: Bool {
    switch self {
    case .countAll: true
    case .call(let name, let arguments, _):
      SQLFunctions.aggregates.contains(name) || arguments.contains(where: \.hasAggregate)
    case .binary(_, let left, let right): left.hasAggregate || right.hasAggregate
    case .not(let inner), .negative(let inner), .isNull(let inner, _): inner.hasAggregate
    case .among(let inner, let list, _): inner.hasAggregate || list.contains(where: \.hasAggregate)
    case .between(let inner, let low, let high, _): inner.hasAggregate || low.hasAggregate || high.hasAggregate
    case .like(let inner, let pattern, _): inner.hasAggregate || pattern.hasAggregate
    case .cases(let branches, let otherwise):
      otherwise.hasAggregate || branches.contains { $0.condition.hasAggregate || $0.value.hasAggregate }
    default: false
    }
  }
}
