import Events
import Expressions

extension Entity {
  /// All that the entity has to read of a side: from links, fields, expressions, stamps and lists.
  public func shape(for side: Side) -> RecordShape {
    var shape = ShapeBuilder(side: side)
    if let key = link.keys[side] { shape.add(key) }
    for rule in fields {
      if let path = rule.path(side) { shape.add(path) }
      shape.add(rule)
    }
    shape.add(self.side(side).condition)
    for condition in create.values { shape.add(condition) }
    for read in reads {
      for parameter in read.query.parameters { shape.add(parameter) }
    }
    for stamp in stamps where stamp.side == side { shape.add(stamp.field) }
    if side == .salesforce, let label { shape.add(label) }
    if let list { shape.add(list) }
    return shape.built
  }
}

/// Collects what is read of one side.
private struct ShapeBuilder {
  let side: Side
  var fields: Set<String> = []
  var lists: [String: ListShape] = [:]

  var built: RecordShape {
    RecordShape(fields: fields, lists: lists.values.sorted { $0.name < $1.name })
  }

  mutating func add(_ field: String) {
    // The record's own id comes with every record.
    if field != "id", field != "Id" { fields.insert(field) }
  }

  mutating func add(_ path: FieldPath) {
    switch path {
    case .field(let name): add(name)
    case .pick(let list, let flag, let field):
      lists[list, default: ListShape(name: list, fields: [])].fields.formUnion([flag, field])
    }
  }

  mutating func add(_ rule: FieldRule) {
    for expression in [rule.value, rule.turn, rule.currency] { add(expression) }
  }

  /// `head` is set in lists, where `salesforce` and `netsuite` are elements.
  mutating func add(_ expression: Expression?) {
    for path in expression?.paths ?? [] where path.first == side.rawValue && path.count > 1 {
      add(path.dropFirst().joined(separator: "."))
    }
  }

  mutating func add(_ list: ListRule) {
    let part = list.side(side)
    var shape = ListShape(name: part.name, parent: part.parent, order: part.order, fields: [])
    var read: [Expression?] = [part.condition, list.locked]
    if let key = list.keys[side] { shape.fields.insert(key) }
    for rule in list.fields {
      if case .field(let name) = rule.path(side) { shape.fields.insert(name) }
      read += [rule.value, rule.turn, rule.currency]
    }
    for path in read.flatMap({ $0?.paths ?? [] }) {
      if path.first == side.rawValue, path.count > 1 {
        shape.fields.insert(path.dropFirst().joined(separator: "."))
      } else if path.count > 2, path[0] == "head", path[1] == side.rawValue {
        add(path.dropFirst(2).joined(separator: "."))
      }
    }
    if let order = part.order { shape.fields.insert(order) }
    if part.parent != nil { shape.fields.remove("Id") }
    lists[part.name] = shape
  }
}
