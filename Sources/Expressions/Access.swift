import Formats

extension Evaluator {
  /// A field of a record. A blank record's fields are blank: the account of an opportunity without one has no street.
  static func field(_ name: String, of value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .null: return .null
    case .map(let fields):
      guard let field = fields[.string(name)] else { throw EvaluationError(.missing, "there is no field '\(name)'") }
      return field
    default: throw EvaluationError(.value, "\(value.kindName) has no field '\(name)'")
    }
  }

  /// Whether a field is there and not blank.
  func has(_ name: String, of value: Value) throws(EvaluationError) -> Bool {
    switch value {
    case .null: return false
    case .map(let fields): return fields[.string(name)].map { $0 != .null } ?? false
    default: throw EvaluationError(.value, "\(value.kindName) has no fields")
    }
  }

  static func element(of value: Value, at index: Value) throws(EvaluationError) -> Value {
    switch value {
    case .list(let elements):
      guard index.isNumber, let number = index.exact?.intValue else {
        throw EvaluationError(.value, "a list's index is a whole number, got \(index.kindName)")
      }
      guard number >= 0, number < elements.count else {
        throw EvaluationError(.value, "the list has no element \(number); its size is \(elements.count)")
      }
      return elements[Int(number)]
    case .map(let values):
      switch index {
      case .bool, .int, .uint, .double, .decimal, .string: break
      default: throw EvaluationError(.value, "a map's key is no \(index.kindName)")
      }
      guard let found = values.value(at: index) else { throw EvaluationError(.missing, "the map has no such key") }
      return found
    default: throw EvaluationError(.value, "\(value.kindName) has no elements")
    }
  }

  static func apply(_ operation: BinaryOperator, _ a: Value, _ b: Value) throws(EvaluationError) -> Value {
    switch operation {
    case .equal: return .bool(a.equals(b))
    case .notEqual: return .bool(!a.equals(b))
    case .less: return .bool(try order(operation, a, b) == .below)
    case .greater: return .bool(try order(operation, a, b) == .above)
    case .lessOrEqual: return .bool([.below, .same].contains(try order(operation, a, b)))
    case .greaterOrEqual: return .bool([.above, .same].contains(try order(operation, a, b)))
    case .isIn: return .bool(try isElement(a, of: b))
    case .add, .subtract, .multiply, .divide, .remainder: return try Arithmetic.apply(operation, a, b)
    }
  }

  /// Nil where one is NaN: every comparison with it is false.
  private static func order(_ operation: BinaryOperator, _ a: Value, _ b: Value) throws(EvaluationError) -> Order? {
    if let order = a.order(to: b) { return order }
    guard a.isNumber, b.isNumber else { throw Arithmetic.misfit(operation, a, b) }
    return nil
  }

  private static func isElement(_ value: Value, of collection: Value) throws(EvaluationError) -> Bool {
    switch collection {
    case .list(let elements): return elements.contains { $0.equals(value) }
    case .map(let values): return values.value(at: value) != nil
    default: throw EvaluationError(.value, "'in' needs a list or a map, got \(collection.kindName)")
    }
  }
}
