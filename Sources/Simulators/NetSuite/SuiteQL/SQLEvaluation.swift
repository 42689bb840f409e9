import Formats

/// Values of bound expressions. Unknown (null) is neither true nor false, as in SQL.
struct SQLEvaluation {
  let parameters: [Cell]
  let functions: SQLFunctions

  /// One row of each source.
  typealias Row = [[Cell]]

  func value(_ expression: SQLExpression, _ row: Row) throws(NetSuiteError) -> Cell {
    switch expression {
    case .value(let cell): return cell
    case .parameter(let index): return parameters[index]
    case .slot(let source, let column): return row[source].isEmpty ? .null : row[source][column]
    case .column(_, let name): throw .search("Search error occurred: Field '\(name)' not found.")
    case .negative(let inner):
      let cell = try value(inner, row)
      return cell.isNull ? .null : .number(try number(cell).negated)
    case .not(let inner): return try truth(inner, row).map { .bool(!$0) } ?? .null
    case .isNull(let inner, let isNegated): return .bool(try value(inner, row).isNull != isNegated)
    case .among(let inner, let list, let isNegated): return try among(inner, list, isNegated, row)
    case .between(let inner, let low, let high, let isNegated):
      let cell = try value(inner, row)
      guard let above = try order(cell, value(low, row)), let below = try order(cell, value(high, row)) else {
        return .null
      }
      return .bool((above >= 0 && below <= 0) != isNegated)
    case .like(let inner, let pattern, let isNegated):
      guard let text = self.text(try value(inner, row)), let pattern = self.text(try value(pattern, row)) else {
        return .null
      }
      return .bool(matchesPattern(text, pattern) != isNegated)
    case .cases(let branches, let otherwise):
      for branch in branches where try truth(branch.condition, row) == true { return try value(branch.value, row) }
      return try value(otherwise, row)
    case .binary(let operation, let left, let right): return try binary(operation, left, right, row)
    case .countAll: throw .search("Invalid or unsupported search. An aggregate stands where none may.")
    case .call(let name, let arguments, _):
      var cells: [Cell] = []
      for argument in arguments { cells.append(try value(argument, row)) }
      return try functions.call(name, cells)
    }
  }

  func truth(_ expression: SQLExpression, _ row: Row) throws(NetSuiteError) -> Bool? {
    switch try value(expression, row) {
    case .bool(let value): return value
    case .null: return nil
    default: throw .search("Invalid or unsupported search. A condition is expected.")
    }
  }

  private func among(_ inner: SQLExpression, _ list: [SQLExpression], _ isNegated: Bool, _ row: Row)
    throws(NetSuiteError) -> Cell
  {
    let cell = try value(inner, row)
    guard !cell.isNull else { return .null }
    var sawNull = false
    for candidate in list {
      guard let order = try order(cell, value(candidate, row)) else {
        sawNull = true
        continue
      }
      if order == 0 { return .bool(!isNegated) }
    }
    return sawNull ? .null : .bool(isNegated)
  }

  private func binary(
    _ operation: SQLExpression.Operator, _ left: SQLExpression, _ right: SQLExpression, _ row: Row
  ) throws(NetSuiteError) -> Cell {
    switch operation {
    case .and:
      let one = try truth(left, row)
      if one == false { return .bool(false) }
      let two = try truth(right, row)
      return two == false ? .bool(false) : one == nil || two == nil ? .null : .bool(true)
    case .or:
      let one = try truth(left, row)
      if one == true { return .bool(true) }
      let two = try truth(right, row)
      return two == true ? .bool(true) : one == nil || two == nil ? .null : .bool(false)
    case .concatenate:
      let joined = (text(try value(left, row)) ?? "") + (text(try value(right, row)) ?? "")
      return joined.isEmpty ? .null : .text(joined)
    case .add, .subtract, .multiply, .divide:
      return try arithmetic(operation, try value(left, row), try value(right, row))
    case .equal, .notEqual, .less, .greater, .lessOrEqual, .greaterOrEqual:
      guard let order = try order(value(left, row), value(right, row)) else { return .null }
      switch operation {
      case .equal: return .bool(order == 0)
      case .notEqual: return .bool(order != 0)
      case .less: return .bool(order < 0)
      case .greater: return .bool(order > 0)
      case .lessOrEqual: return .bool(order <= 0)
      default: return .bool(order >= 0)
      }
    }
  }

  private func arithmetic(_ operation: SQLExpression.Operator, _ left: Cell, _ right: Cell) throws(NetSuiteError)
    -> Cell
  {
    if left.isNull || right.isNull { return .null }
    switch (left, right, operation) {
    case (.date(let one), .date(let two), .subtract): return .int(one.daysSince1970 - two.daysSince1970)
    case (.date(let date), _, .add): return .date(date.adding(days: Int(try number(right).intValue ?? 0)))
    case (.date(let date), _, .subtract): return .date(date.adding(days: -Int(try number(right).intValue ?? 0)))
    default: break
    }
    let (one, two) = (try number(left), try number(right))
    switch operation {
    case .add: return .number(one.plus(two))
    case .subtract: return .number(one.minus(two))
    case .multiply: return .number(one.times(two))
    default:
      guard let quotient = one.dividing(by: two, scale: 12, rounding: .halfUp) else {
        throw .search("Search error occurred: divisor is equal to zero.")
      }
      return .number(quotient.normalized)
    }
  }

  // MARK: comparing

  /// Below, at or above zero; nil where one is null. Dates are not compared with text: that is TO_DATE's work.
  func order(_ left: Cell, _ right: Cell) throws(NetSuiteError) -> Int? {
    switch (left, right) {
    case (.null, _), (_, .null): return nil
    case (.number, _), (_, .number):
      let (one, two) = (try number(left), try number(right))
      return one == two ? 0 : one < two ? -1 : 1
    case (.text(let one), .text(let two)): return one == two ? 0 : one < two ? -1 : 1
    case (.date(let one), .date(let two)): return one == two ? 0 : one < two ? -1 : 1
    case (.instant(let one), .instant(let two)): return one == two ? 0 : one < two ? -1 : 1
    case (.date(let date), .instant(let instant)): return try order(functions.midnight(date), .instant(instant))
    case (.instant(let instant), .date(let date)): return try order(.instant(instant), functions.midnight(date))
    case (.bool(let one), .bool(let two)): return one == two ? 0 : 1
    // Flags are the letters T and F.
    case (.bool(let flag), .text(let text)), (.text(let text), .bool(let flag)):
      return (flag ? "T" : "F") == text ? 0 : 1
    default:
      throw .search("Search error occurred: Invalid date: use TO_DATE or TO_TIMESTAMP for date and time literals.")
    }
  }

  func number(_ cell: Cell) throws(NetSuiteError) -> ExactDecimal {
    if let number = cell.number { return number }
    guard let text = cell.text, let number = ExactDecimal(text) else {
      throw .search("Search error occurred: invalid number.")
    }
    return number
  }

  func text(_ cell: Cell) -> String? { functions.text(cell) }
}
