import Events
import Expressions

/// Names of entities and tables, once all are read.
struct ReferenceCheck {
  let blueprint: Blueprint
  let problems: Problems

  init(_ blueprint: Blueprint, _ problems: Problems) {
    self.blueprint = blueprint
    self.problems = problems
  }

  func run() {
    for entity in blueprint.entities {
      for rule in entity.fields + (entity.list?.fields ?? []) { check(rule, entity) }
      for (side, condition) in entity.create { calls(condition, to: side, at: entity.place) }
    }
  }

  private func check(_ rule: FieldRule, _ entity: Entity) {
    for expression in [rule.value, rule.turn].compactMap({ $0 }) {
      calls(expression, to: rule.target ?? .netsuite, at: rule.place)
    }
    if let table = rule.table.flatMap({ blueprint.tables[$0] }), let target = rule.target {
      unambiguous(table, to: target)
    }
    guard let name = rule.refers else { return }
    guard let other = blueprint.entity(name) else {
      problems.unknown("entity", name, among: blueprint.entities.map(\.name), at: rule.place)
      return
    }
    if rule.missing == .bring, let target = rule.target, other.create[target] == nil {
      problems.report(rule.place, "`missing: bring`, but `\(name)` is never made in \(target.title)")
    }
  }

  private func calls(_ expression: Expression, to side: Side, at place: ConfigNode.Place) {
    for call in expression.calls {
      guard case .string(let name)? = call.arguments.first ?? nil else { continue }
      switch call.function {
      case "table":
        if let table = blueprint.tables[name] {
          unambiguous(table, to: side)
        } else {
          problems.unknown("table", name, among: blueprint.tables.keys, at: place)
        }
      case "link", "linked":
        if blueprint.entity(name) == nil {
          problems.unknown("entity", name, among: blueprint.entities.map(\.name), at: place)
        }
      default: continue
      }
    }
  }

  /// Towards a side that a table is used for, each value has one answer.
  private func unambiguous(_ table: Table, to side: Side) {
    var seen: Set<String> = []
    for row in table.rows where row.to == nil || row.to == side {
      let value = side == .netsuite ? row.salesforce : row.netsuite
      if !seen.insert(value).inserted {
        let way = "to-\(side.other.rawValue)"
        problems.report(
          table.place, "two rows answer for `\(value)` towards \(side.title): say `\(way)` on one of them")
      }
    }
  }
}
