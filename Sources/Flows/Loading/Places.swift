import Events
import Expressions

extension Problems {
  /// Parses an expression; reports where it cannot be read.
  func expression(_ node: ConfigNode?, _ what: String) -> Expression? {
    guard let node, let text = node.text(self) else { return nil }
    do {
      return try Expression(parsing: text)
    } catch {
      report(node.place.down(error.line - 1), "`\(what)`: \(error.message)")
      return nil
    }
  }

  /// Checks that an expression fits its place.
  func check(_ expression: Expression?, _ scope: Scope, gives type: ValueType, at node: ConfigNode?, _ what: String) {
    guard let expression, let node else { return }
    do {
      try expression.check(scope, gives: type)
    } catch {
      report(node.place.down(error.line - 1), "`\(what)`: \(error.message)")
    }
  }

  /// The type of an expression whose result may be anything; nil where it does not check.
  func type(of expression: Expression?, _ scope: Scope, at node: ConfigNode?, _ what: String) -> ValueType? {
    guard let expression, let node else { return nil }
    do {
      return try expression.check(scope)
    } catch {
      report(node.place.down(error.line - 1), "`\(what)`: \(error.message)")
      return nil
    }
  }

  /// Says that a name is not known, with the nearest that is.
  func unknown(_ what: String, _ name: String, among names: some Sequence<String>, at place: ConfigNode.Place) {
    report(place, "\(what) `\(name)` is not known\(suggestion(for: name, among: names))")
  }
}

extension ConfigNode.Place {
  func down(_ lines: Int) -> Self {
    var copy = self
    copy.line += max(0, lines)
    return copy
  }
}

/// The variables of an entity's expressions, made once.
struct EntityScope {
  let blueprint: Blueprint
  let salesforce: ValueType
  let netsuite: ValueType
  var reads: [String: ValueType] = [:]

  init(_ blueprint: Blueprint, _ salesforce: EntitySide, _ netsuite: EntitySide) {
    self.blueprint = blueprint
    self.salesforce = Self.record(blueprint, salesforce)
    self.netsuite = Self.record(blueprint, netsuite)
  }

  private static func record(_ blueprint: Blueprint, _ side: EntitySide) -> ValueType {
    var paths: [String: ValueType] = [:]
    for record in blueprint.records(of: side) {
      for (path, field) in record.fields { paths[path] = field.kind.type }
    }
    paths["id"] = .string.orBlank
    if side.side == .salesforce { paths["Id"] = .string.orBlank }
    return .record(RecordType("\(side.side.rawValue) \(side.types.joined(separator: ", "))", paths: paths))
  }

  func type(_ side: Side) -> ValueType { side == .salesforce ? salesforce : netsuite }

  /// One side's record alone.
  func alone(_ side: Side) -> Scope { Scope([side.rawValue: type(side)]) }

  var both: Scope { Scope(["salesforce": salesforce, "netsuite": netsuite]) }

  /// Both records and all reads.
  var whole: Scope { Scope(both.variables.merging(reads) { old, _ in old }) }

  /// Within a list: the elements, and `head` for the records.
  func element(of list: ListRule, _ entity: Entity) -> Scope {
    var variables = reads
    variables["head"] = .record(RecordType("head", fields: ["salesforce": salesforce, "netsuite": netsuite]))
    for side in Side.allCases {
      let part = list.side(side)
      var paths = blueprint.fields(of: part, entity).mapValues(\.kind.type)
      if part.parent != nil { paths["Id"] = .string.orBlank }
      variables[side.rawValue] = .record(RecordType("\(side.rawValue) \(part.name)", paths: paths))
    }
    return Scope(variables)
  }
}
