/// Walks the tree. CEL specification, "Evaluation".
struct Evaluator {
  private let bindings: any Bindings
  private let environment: any Environment
  /// Variables of the macros around, innermost last.
  private var locals: [(name: String, value: Value)] = []
  private var steps = 0

  init(_ bindings: any Bindings, _ environment: any Environment) {
    self.bindings = bindings
    self.environment = environment
  }

  mutating func value(of node: Node) throws(EvaluationError) -> Value {
    steps += 1
    guard steps <= Limits.steps else {
      throw EvaluationError(.limit, "the expression takes too long", offset: node.offset)
    }
    do throws(EvaluationError) {
      return try compute(node)
    } catch {
      var error = error
      if error.offset == nil { error.offset = node.offset }
      throw error
    }
  }

  private mutating func compute(_ node: Node) throws(EvaluationError) -> Value {
    switch node.kind {
    case .literal(let value): return value
    case .variable(let name, let isGlobal): return try variable(name, isGlobal: isGlobal)
    case .select(let operand, let field): return try Self.field(field, of: value(of: operand))
    case .has(let operand, let field): return .bool(try has(field, of: value(of: operand)))
    case .index(let operand, let index): return try Self.element(of: value(of: operand), at: value(of: index))
    case .call(let name, let target, let arguments): return try call(name, target, arguments)
    case .unary(.not, let operand): return .bool(!(try bool(value(of: operand), "!")))
    case .unary(.negate, let operand): return try Arithmetic.negate(value(of: operand))
    case .binary(let operation, let left, let right):
      let left = try value(of: left)
      return try Self.apply(operation, left, value(of: right))
    case .and(let left, let right): return .bool(try junction(left, right, decisive: false))
    case .or(let left, let right): return .bool(try junction(left, right, decisive: true))
    case .conditional(let condition, let yes, let no):
      return try value(of: bool(value(of: condition), "?:") ? yes : no)
    case .list(let elements):
      var values: [Value] = []
      for element in elements { values.append(try value(of: element)) }
      return .list(values)
    case .map(let pairs): return try map(pairs)
    case .comprehension(let macro): return try run(macro)
    }
  }

  private func variable(_ name: String, isGlobal: Bool) throws(EvaluationError) -> Value {
    if !isGlobal, let local = locals.last(where: { $0.name == name }) { return local.value }
    if let value = try bindings.value(of: name) { return value }
    if let type = Catalogue.typeNames[name] { return type }
    throw EvaluationError(.missing, "there is no '\(name)' here")
  }

  /// `&&` and `||` absorb the error of one side when the other side decides. CEL specification, "Logical operators".
  private mutating func junction(_ left: Node, _ right: Node, decisive: Bool) throws(EvaluationError) -> Bool {
    let sign = decisive ? "||" : "&&"
    var failure: EvaluationError?
    do throws(EvaluationError) {
      if try bool(value(of: left), sign) == decisive { return decisive }
    } catch {
      guard error.kind != .limit else { throw error }
      failure = error
    }
    guard let failure else { return try bool(value(of: right), sign) }
    if case .some(decisive) = try? bool(value(of: right), sign) { return decisive }
    throw failure
  }

  private func bool(_ value: Value, _ place: String) throws(EvaluationError) -> Bool {
    guard case .bool(let bool) = value else {
      throw EvaluationError(.value, "'\(place)' expected bool, got \(value.kindName)")
    }
    return bool
  }

  private mutating func map(_ pairs: [Node.Pair]) throws(EvaluationError) -> Value {
    var values: [Value: Value] = [:]
    for pair in pairs {
      let key = try value(of: pair.key)
      switch key {
      case .bool, .int, .uint, .string: break
      default: throw EvaluationError(.value, "a map's key is no \(key.kindName)", offset: pair.key.offset)
      }
      guard values.value(at: key) == nil else {
        throw EvaluationError(.value, "the map has a key twice", offset: pair.key.offset)
      }
      values[key] = try value(of: pair.value)
    }
    return .map(values)
  }

  private mutating func call(
    _ name: String, _ target: Node?, _ arguments: [Node]
  ) throws(EvaluationError) -> Value {
    guard let function = Catalogue.functions[name] else {
      throw EvaluationError(.missing, "there is no function '\(name)'")
    }
    var values: [Value] = []
    for argument in (target.map { [$0] } ?? []) + arguments {
      values.append(try value(of: argument))
      // What stands instead of a blank is asked for only where there is a blank: it may be a table without such a row.
      if name == "or", values.count == 1, !values[0].isBlank { return values[0] }
    }
    guard function.counts.contains(values.count) else {
      throw EvaluationError(.value, "\(name)() does not take \(values.count) values: \(function.usage)")
    }
    return try function.apply(Arguments(function: name, values: values), environment)
  }
}

extension Evaluator {
  private mutating func run(_ macro: Node.Comprehension) throws(EvaluationError) -> Value {
    let elements: [Value]
    switch try value(of: macro.range) {
    case .list(let list): elements = list
    case .map(let map): elements = map.orderedKeys
    case let other: throw EvaluationError(.value, "\(macro.macro.rawValue)() needs a list, got \(other.kindName)")
    }
    locals.append((macro.variable, .null))
    defer { locals.removeLast() }
    switch macro.macro {
    case .all: return .bool(try decide(macro, elements, decisive: false))
    case .exists: return .bool(try decide(macro, elements, decisive: true))
    case .existsOne:
      var count = 0
      for element in elements where try holds(macro.body, for: element, macro) { count += 1 }
      return .bool(count == 1)
    case .filter:
      var kept: [Value] = []
      for element in elements where try holds(macro.body, for: element, macro) { kept.append(element) }
      return .list(kept)
    case .map:
      var mapped: [Value] = []
      for element in elements {
        if let filter = macro.filter, !(try holds(filter, for: element, macro)) { continue }
        locals[locals.count - 1].value = element
        mapped.append(try value(of: macro.body))
      }
      return .list(mapped)
    }
  }

  private mutating func holds(
    _ condition: Node, for element: Value, _ macro: Node.Comprehension
  ) throws(EvaluationError) -> Bool {
    locals[locals.count - 1].value = element
    return try bool(value(of: condition), macro.macro.rawValue)
  }

  /// A chain of `&&` or `||` over the elements: an error counts only if no element decides.
  private mutating func decide(
    _ macro: Node.Comprehension, _ elements: [Value], decisive: Bool
  ) throws(EvaluationError) -> Bool {
    var failure: EvaluationError?
    for element in elements {
      do throws(EvaluationError) {
        if try holds(macro.body, for: element, macro) == decisive { return decisive }
      } catch {
        guard error.kind != .limit else { throw error }
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return !decisive
  }
}
