import Formats

/// The last part of a query: groups and aggregates, DISTINCT, ORDER BY.
struct SQLGrouping {
  let evaluation: SQLEvaluation
  let select: SQLSelect
  let binding: SQLBinding
  let columns: [String]
  let items: [SQLExpression]

  private struct Made {
    let values: [Cell]
    let keys: [Cell]
  }

  func answer(_ rows: [SQLEvaluation.Row]) throws(NetSuiteError) -> SQLRun.Answer {
    let orders = try self.orders()
    var made: [Made] = []
    if !select.groups.isEmpty || items.contains(where: \.hasAggregate) {
      for group in try groups(rows) {
        if let having = select.having, try truth(try binding.bind(having), group) != true { continue }
        made.append(Made(values: try values(items, group), keys: try values(orders, group)))
      }
    } else {
      for row in rows { made.append(Made(values: try values(items, [row]), keys: try values(orders, [row]))) }
    }
    if select.isDistinct {
      var seen: Set<[Cell]> = []
      made = made.filter { seen.insert($0.values).inserted }
    }
    made = try sorted(made)
    if let limit = select.limit { made = Array(made.prefix(limit)) }
    return SQLRun.Answer(columns: columns, rows: made.map(\.values))
  }

  /// By position, by a column's new name, or by an expression.
  private func orders() throws(NetSuiteError) -> [SQLExpression] {
    var orders: [SQLExpression] = []
    for order in select.orders {
      if case .value(.number(let position)) = order.expression, let index = position.intValue, index >= 1,
        index <= items.count
      {
        orders.append(items[Int(index) - 1])
      } else if case .column(nil, let name) = order.expression, let index = columns.firstIndex(of: name) {
        orders.append(items[index])
      } else {
        orders.append(try binding.bind(order.expression))
      }
    }
    return orders
  }

  private func sorted(_ made: [Made]) throws(NetSuiteError) -> [Made] {
    guard !select.orders.isEmpty else { return made }
    var failure: NetSuiteError?
    let sorted = made.enumerated().sorted { left, right in
      for (index, order) in select.orders.enumerated() {
        let (one, two) = (left.element.keys[index], right.element.keys[index])
        if one.isNull || two.isNull {
          if one.isNull && two.isNull { continue }
          // As in Oracle: nulls last when rising, first when falling.
          return one.isNull == (order.nullsFirst ?? order.isDescending)
        }
        do throws(NetSuiteError) {
          let comparison = try evaluation.order(one, two) ?? 0
          if comparison != 0 { return (comparison < 0) != order.isDescending }
        } catch {
          failure = error
        }
      }
      return left.offset < right.offset
    }
    if let failure { throw failure }
    return sorted.map(\.element)
  }

  // MARK: groups

  private func groups(_ rows: [SQLEvaluation.Row]) throws(NetSuiteError) -> [[SQLEvaluation.Row]] {
    let keys = try binding.bind(select.groups)
    for item in items where !item.hasAggregate {
      // A plain column must be one of those grouped by; constants may stand free.
      if case .slot = item, !keys.contains(item) {
        throw .search("Search error occurred: Invalid or unsupported search: not a GROUP BY expression.")
      }
    }
    guard !keys.isEmpty else { return [rows] }
    var order: [[Cell]] = []
    var members: [[Cell]: [SQLEvaluation.Row]] = [:]
    for row in rows {
      let key = try values(keys, [row])
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(row)
    }
    return order.map { members[$0] ?? [] }
  }

  private func values(_ expressions: [SQLExpression], _ group: [SQLEvaluation.Row]) throws(NetSuiteError) -> [Cell] {
    var values: [Cell] = []
    for expression in expressions { values.append(try value(expression, group)) }
    return values
  }

  private func truth(_ expression: SQLExpression, _ group: [SQLEvaluation.Row]) throws(NetSuiteError) -> Bool? {
    if case .bool(let value) = try value(expression, group) { return value }
    return nil
  }

  private func value(_ expression: SQLExpression, _ group: [SQLEvaluation.Row]) throws(NetSuiteError) -> Cell {
    if expression.hasAggregate {
      let folded = try fold(expression, group)
      return try evaluation.value(folded, group.first ?? [])
    }
    guard let row = group.first else { return .null }
    return try evaluation.value(expression, row)
  }

  /// Replaces every aggregate by its value over the group.
  private func fold(_ expression: SQLExpression, _ group: [SQLEvaluation.Row]) throws(NetSuiteError) -> SQLExpression {
    switch expression {
    case .countAll: return .value(.int(group.count))
    case .call(let name, let arguments, let isDistinct) where SQLFunctions.aggregates.contains(name):
      return .value(try aggregate(name, arguments, isDistinct, group))
    case .call(let name, let arguments, let isDistinct):
      return .call(name, try fold(arguments, group), isDistinct: isDistinct)
    case .binary(let operation, let left, let right):
      return .binary(operation, try fold(left, group), try fold(right, group))
    case .negative(let inner): return .negative(try fold(inner, group))
    case .not(let inner): return .not(try fold(inner, group))
    case .isNull(let inner, let isNegated): return .isNull(try fold(inner, group), isNegated: isNegated)
    case .between(let inner, let low, let high, let isNegated):
      return .between(try fold(inner, group), try fold(low, group), try fold(high, group), isNegated: isNegated)
    case .among(let inner, let list, let isNegated):
      return .among(try fold(inner, group), try fold(list, group), isNegated: isNegated)
    case .cases(let branches, let otherwise):
      var folded: [SQLExpression.Branch] = []
      for branch in branches {
        folded.append(
          SQLExpression.Branch(condition: try fold(branch.condition, group), value: try fold(branch.value, group)))
      }
      return .cases(folded, otherwise: try fold(otherwise, group))
    default: return expression
    }
  }

  private func fold(_ expressions: [SQLExpression], _ group: [SQLEvaluation.Row]) throws(NetSuiteError)
    -> [SQLExpression]
  {
    var folded: [SQLExpression] = []
    for expression in expressions { folded.append(try fold(expression, group)) }
    return folded
  }

  private func aggregate(
    _ name: String, _ arguments: [SQLExpression], _ isDistinct: Bool, _ group: [SQLEvaluation.Row]
  ) throws(NetSuiteError) -> Cell {
    guard let argument = arguments.first else {
      throw .search("Search error occurred: \(name.uppercased()) takes an argument.")
    }
    var cells: [Cell] = []
    for row in group {
      let cell = try evaluation.value(argument, row)
      if !cell.isNull { cells.append(cell) }
    }
    if isDistinct {
      var seen: Set<Cell> = []
      cells = cells.filter { seen.insert($0).inserted }
    }
    switch name {
    case "count": return .int(cells.count)
    case "listagg":
      var separator = ""
      if arguments.count > 1 {
        separator = evaluation.text(try evaluation.value(arguments[1], group.first ?? [])) ?? ""
      }
      return cells.isEmpty ? .null : .text(cells.compactMap { evaluation.text($0) }.joined(separator: separator))
    case "min", "max":
      guard var best = cells.first else { return .null }
      for cell in cells.dropFirst() {
        if let order = try evaluation.order(cell, best), name == "min" ? order < 0 : order > 0 { best = cell }
      }
      return best
    default:
      guard !cells.isEmpty else { return .null }
      var sum = ExactDecimal.zero
      for cell in cells { sum = sum.plus(try evaluation.number(cell)) }
      guard name == "avg" else { return .number(sum) }
      return .number(
        sum.dividing(by: ExactDecimal(Int64(cells.count)), scale: 12, rounding: .halfUp)?.normalized ?? sum)
    }
  }
}
