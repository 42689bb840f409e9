/// Finds the type of each node, and refuses what cannot work. CEL specification, "Type checking".
struct Checker {
  typealias Problem = Lexer.Problem

  private let scope: Scope
  private var locals: [(name: String, type: ValueType)] = []

  init(_ scope: Scope) { self.scope = scope }

  mutating func type(of node: Node) throws(Problem) -> ValueType {
    switch node.kind {
    case .literal(let value): return value.literalType
    case .variable(let name, let isGlobal): return try variable(name, isGlobal: isGlobal, at: node.offset)
    case .select(let operand, let field): return try select(field, of: type(of: operand), at: node.offset)
    case .has(let operand, let field):
      _ = try select(field, of: type(of: operand), at: node.offset)
      return .bool
    case .index(let operand, let index): return try element(of: operand, at: index, node.offset)
    case .call(let name, let target, let arguments):
      return try call(name, (target.map { [$0] } ?? []) + arguments, at: node.offset)
    case .unary(.not, let operand):
      try expect(.bool, operand)
      return .bool
    case .unary(.negate, let operand):
      let type = try presentType(of: operand)
      guard (type.isNumber && type != .uint) || type == .dyn || type == .duration else {
        throw Problem(offset: node.offset, message: "'-' needs a number, got \(type)")
      }
      return type
    case .binary(let operation, let left, let right): return try binary(operation, left, right, at: node.offset)
    case .and(let left, let right), .or(let left, let right):
      try expect(.bool, left)
      try expect(.bool, right)
      return .bool
    case .conditional(let condition, let yes, let no):
      try expect(.bool, condition)
      let (a, b) = (try type(of: yes), try type(of: no))
      guard let joined = a.joined(with: b) else {
        throw Problem(offset: node.offset, message: "both results have to be of one type, got \(a) and \(b)")
      }
      return joined
    case .list(let elements): return .list(try joined(elements))
    case .map(let pairs):
      let keys = try joined(pairs.map(\.key))
      return .map(keys, try joined(pairs.map(\.value)))
    case .comprehension(let macro): return try run(macro, at: node.offset)
    }
  }

  private func variable(_ name: String, isGlobal: Bool, at offset: Int) throws(Problem) -> ValueType {
    if !isGlobal, let local = locals.last(where: { $0.name == name }) { return local.type }
    if let type = scope.variables[name] { return type }
    if Catalogue.typeNames[name] != nil { return .type }
    let known = Array(scope.variables.keys) + (isGlobal ? [] : locals.map(\.name))
    throw Problem(offset: offset, message: "there is no '\(name)' here\(suggestion(for: name, among: known))")
  }

  private func select(_ field: String, of type: ValueType, at offset: Int) throws(Problem) -> ValueType {
    switch type {
    case .dyn: return .dyn
    case .optional(let inner): return try select(field, of: inner, at: offset).orBlank
    case .map(let key, let value) where key == .string || key == .dyn: return value
    case .record(let record):
      if let found = record.fields[field] { return found }
      let help = suggestion(for: field, among: record.fields.keys)
      throw Problem(offset: offset, message: "\(record.name) has no field '\(field)'\(help)")
    default: throw Problem(offset: offset, message: "\(type) has no field '\(field)'")
    }
  }

  private mutating func element(of operand: Node, at index: Node, _ offset: Int) throws(Problem) -> ValueType {
    let key = try presentType(of: index)
    switch try presentType(of: operand) {
    case .dyn: return .dyn
    case .list(let element):
      guard key == .int || key == .uint || key == .dyn else {
        throw Problem(offset: index.offset, message: "a list's index is an int, got \(key)")
      }
      return element
    case .map(let wanted, let value):
      guard key.isComparable(with: wanted) else {
        throw Problem(offset: index.offset, message: "the map's keys are \(wanted), got \(key)")
      }
      return value
    case .record(let record):
      guard case .literal(.string(let field)) = index.kind else {
        throw Problem(offset: index.offset, message: "a field of \(record.name) is named by a text in quotes")
      }
      return try select(field, of: .record(record), at: index.offset)
    case let other: throw Problem(offset: offset, message: "\(other) has no elements")
    }
  }

  private mutating func call(_ name: String, _ arguments: [Node], at offset: Int) throws(Problem) -> ValueType {
    let known = Catalogue.functions.keys.filter { scope.functions?.contains($0) ?? true }
    guard known.contains(name), let function = Catalogue.functions[name] else {
      throw Problem(offset: offset, message: Catalogue.refusal(of: name, known: known))
    }
    var types: [ValueType] = []
    for argument in arguments { types.append(try type(of: argument)) }
    let forms = function.forms.filter { $0.takes.count == types.count }
    guard let last = forms.last else {
      throw Problem(offset: offset, message: "\(name)() does not take \(types.count) values: \(function.usage)")
    }
    for form in forms where zip(form.takes, types).allSatisfy({ $0.accepts($1) }) {
      if let type = form.gives(types) { return type }
    }
    for (index, parameter) in last.takes.enumerated() where !parameter.accepts(types[index]) {
      let argument = arguments[index]
      if types[index].mayBeBlank, parameter.accepts(types[index].present) { throw blank(argument) }
      throw Problem(offset: argument.offset, message: "\(name)() expected \(parameter.rawValue), got \(types[index])")
    }
    let given = types.map(\.description).joined(separator: " and ")
    throw Problem(offset: offset, message: "\(name)() does not take \(given): \(function.usage)")
  }

  private mutating func run(_ macro: Node.Comprehension, at offset: Int) throws(Problem) -> ValueType {
    let element: ValueType
    switch try presentType(of: macro.range) {
    case .dyn: element = .dyn
    case .list(let type): element = type
    case .map(let key, _): element = key
    case let other: throw Problem(offset: offset, message: "\(macro.macro.rawValue)() needs a list, got \(other)")
    }
    locals.append((macro.variable, element))
    defer { locals.removeLast() }
    if let filter = macro.filter { try expect(.bool, filter) }
    if macro.macro == .map { return .list(try type(of: macro.body)) }
    try expect(.bool, macro.body)
    return macro.macro == .filter ? .list(element) : .bool
  }
}

extension Checker {
  private mutating func joined(_ nodes: [Node]) throws(Problem) -> ValueType {
    var found: ValueType?
    for node in nodes {
      let type = try type(of: node)
      found = found.map { $0.joined(with: type) ?? .dyn } ?? type
    }
    return found ?? .dyn
  }

  private mutating func expect(_ wanted: ValueType, _ node: Node) throws(Problem) {
    let found = try type(of: node)
    if found.fits(wanted) { return }
    if found.mayBeBlank, found.present.fits(wanted) { throw blank(node) }
    throw Problem(offset: node.offset, message: "expected \(wanted), got \(found)")
  }

  /// The type of something that must not be blank.
  private mutating func presentType(of node: Node) throws(Problem) -> ValueType {
    let found = try type(of: node)
    if found.mayBeBlank { throw blank(node) }
    return found
  }

  private func blank(_ node: Node) -> Problem {
    let name = node.spelling.map { "'\($0)'" } ?? "this"
    return Problem(offset: node.offset, message: "\(name) may be blank: give it a value with .or(…)")
  }

  private mutating func binary(
    _ operation: BinaryOperator, _ left: Node, _ right: Node, at offset: Int
  ) throws(Problem) -> ValueType {
    switch operation {
    case .equal, .notEqual:
      let (a, b) = (try type(of: left), try type(of: right))
      guard a.isComparable(with: b) else {
        throw Problem(offset: offset, message: "\(a.present) and \(b.present) are never equal")
      }
      return .bool
    case .isIn:
      try checkMembership(type(of: left), in: presentType(of: right), at: offset)
      return .bool
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      let (a, b) = (try presentType(of: left), try presentType(of: right))
      guard Self.haveOrder(a, b) else {
        throw Problem(offset: offset, message: "\(a) and \(b) have no order: '\(operation.rawValue)'")
      }
      return .bool
    case .add, .subtract, .multiply, .divide, .remainder:
      let (a, b) = (try presentType(of: left), try presentType(of: right))
      guard let result = Self.result(of: operation, a, b) else {
        throw Problem(offset: offset, message: "'\(operation.rawValue)' does not take \(a) and \(b)")
      }
      return result
    }
  }

  private func checkMembership(_ value: ValueType, in collection: ValueType, at offset: Int) throws(Problem) {
    let element: ValueType
    switch collection {
    case .dyn: return
    case .list(let type): element = type
    case .map(let key, _): element = key
    default: throw Problem(offset: offset, message: "'in' needs a list or a map, got \(collection)")
    }
    guard value.isComparable(with: element) else {
      throw Problem(offset: offset, message: "\(value.present) is never in a list of \(element.present)")
    }
  }

  private static func haveOrder(_ a: ValueType, _ b: ValueType) -> Bool {
    if a == .dyn || b == .dyn || (a.isNumber && b.isNumber) { return true }
    switch a {
    case .bool, .string, .bytes, .date, .timestamp, .duration: return a == b
    default: return false
    }
  }

  private static func result(of operation: BinaryOperator, _ a: ValueType, _ b: ValueType) -> ValueType? {
    switch (a, b) {
    case (.dyn, _), (_, .dyn): return .dyn
    case (.int, .int), (.uint, .uint): return a
    case _ where a.isNumber && b.isNumber:
      if operation == .remainder { return nil }
      return a == .decimal || b == .decimal ? .decimal : a == b ? a : nil
    default: break
    }
    switch (operation, a, b) {
    case (.add, .string, .string), (.add, .bytes, .bytes): return a
    case (.add, .list(let x), .list(let y)): return .list(x.joined(with: y) ?? .dyn)
    case (.add, .timestamp, .duration), (.add, .duration, .timestamp), (.subtract, .timestamp, .duration):
      return .timestamp
    case (.add, .date, .duration), (.add, .duration, .date), (.subtract, .date, .duration): return .date
    case (.add, .duration, .duration), (.subtract, .duration, .duration), (.subtract, .timestamp, .timestamp),
      (.subtract, .date, .date):
      return .duration
    default: return nil
    }
  }
}

extension Node {
  /// A path as it is written; nil for anything else.
  var spelling: String? {
    switch kind {
    case .variable(let name, _): name
    case .select(let operand, let field): operand.spelling.map { "\($0).\(field)" }
    default: nil
    }
  }
}

extension Value {
  /// The type of a literal.
  var literalType: ValueType {
    switch self {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .uint: .uint
    case .double: .double
    case .decimal: .decimal
    case .string: .string
    case .bytes: .bytes
    case .date: .date
    case .timestamp: .timestamp
    case .duration: .duration
    case .list: .list(.dyn)
    case .map: .map(.dyn, .dyn)
    case .type: .type
    }
  }
}
