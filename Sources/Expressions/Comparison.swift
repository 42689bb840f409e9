import Formats

enum Order: Sendable, Hashable { case below, same, above }

extension Order {
  init<T: Comparable>(_ a: T, _ b: T) { self = a < b ? .below : a == b ? .same : .above }

  var reversed: Order { self == .below ? .above : self == .above ? .below : .same }
}

extension Value {
  /// How two values stand to each other; nil where they have no order (different types, NaN, lists, maps, blanks).
  func order(to other: Value) -> Order? {
    switch (self, other) {
    case (.bool(let a), .bool(let b)): Order(a ? 1 : 0, b ? 1 : 0)
    case (.string(let a), .string(let b)): Self.order(a.unicodeScalars.map(\.value), b.unicodeScalars.map(\.value))
    case (.bytes(let a), .bytes(let b)): Self.order(a, b)
    case (.date(let a), .date(let b)): Order(a, b)
    case (.timestamp(let a), .timestamp(let b)): Order(a, b)
    case (.duration(let a), .duration(let b)): Order(a, b)
    default: isNumber && other.isNumber ? numericOrder(to: other) : nil
    }
  }

  /// `==` of the language: numbers by value, whatever their type; a blank equals only a blank.
  func equals(_ other: Value) -> Bool {
    switch (self, other) {
    case (.list(let a), .list(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.equals($1) }
    case (.map(let a), .map(let b)):
      a.count == b.count && a.allSatisfy { key, value in b.value(at: key).map { $0.equals(value) } ?? false }
    case (.string(let a), .string(let b)): a.unicodeScalars.elementsEqual(b.unicodeScalars)
    default:
      if isNumber, other.isNumber { numericOrder(to: other) == .same } else { self == other }
    }
  }

  private func numericOrder(to other: Value) -> Order? {
    switch (self, other) {
    case (.int(let a), .int(let b)): return Order(a, b)
    case (.double(let a), .double(let b)): return a.isNaN || b.isNaN ? nil : Order(a, b)
    case (.double(let a), .int(let b)): return a.order(to: Int128(b))
    case (.double(let a), .uint(let b)): return a.order(to: Int128(b))
    case (.int, .double), (.uint, .double): return other.numericOrder(to: self)?.reversed
    default: break
    }
    if let a = exact, let b = other.exact { return Order(a, b) }
    // A double that no decimal can hold: so large that its sign decides, or so small that it is as good as zero.
    if case .double(let a) = self, let b = other.exact { return Self.order(wild: a, to: b) }
    if case .double(let b) = other, let a = exact { return Self.order(wild: b, to: a)?.reversed }
    return nil
  }

  private static func order(wild double: Double, to decimal: ExactDecimal) -> Order? {
    if double.isNaN { return nil }
    if double.magnitude > 1 { return double > 0 ? .above : .below }
    guard decimal.isZero else { return decimal.isNegative ? .above : .below }
    return double > 0 ? .above : .below
  }

  private static func order<T: Comparable>(_ a: [T], _ b: [T]) -> Order {
    a.lexicographicallyPrecedes(b) ? .below : a == b ? .same : .above
  }
}

extension [Value: Value] {
  /// The value of a key; numbers are the same key whatever their type.
  func value(at key: Value) -> Value? {
    if let found = self[key] { return found }
    guard key.isNumber, let whole = key.exact?.normalized, whole.scale == 0 else { return nil }
    if let int = Int64(exactly: whole.coefficient), let found = self[.int(int)] { return found }
    if let uint = UInt64(exactly: whole.coefficient), let found = self[.uint(uint)] { return found }
    return nil
  }

  /// Its keys in an order that is the same in every run.
  var orderedKeys: [Value] {
    keys.sorted { a, b in
      if let order = a.order(to: b) { return order == .below }
      return a.kindName < b.kindName
    }
  }
}
