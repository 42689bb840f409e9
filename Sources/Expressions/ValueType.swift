/// The type of a value, as far as it is known before evaluation.
public indirect enum ValueType: Sendable, Hashable {
  /// The literal `null`.
  case null
  case bool, int, uint, double
  /// Money and numbers of records are exact decimals; other numbers mix with them in arithmetic and comparison.
  case decimal
  case string, bytes, date, timestamp, duration
  case list(ValueType)
  case map(ValueType, ValueType)
  case record(RecordType)
  /// A type as a value.
  case type
  /// Not known before evaluation.
  case dyn
  /// May be blank: `==`, `!=`, `.or(x)` and the functions that say so take it; arithmetic and order do not.
  case optional(ValueType)
}

/// The fields of a record, by name. A nested record (`RecordType` of `RecordType.DeveloperName`) is a field too.
public struct RecordType: Sendable, Hashable {
  /// What messages call it: `salesforce Opportunity`.
  public let name: String
  public let fields: [String: ValueType]

  public init(_ name: String, fields: [String: ValueType]) {
    self.name = name
    self.fields = fields
  }

  /// Fields by path: `RecordType.DeveloperName` becomes a record within the record.
  public init(_ name: String, paths: [String: ValueType]) {
    var fields: [String: ValueType] = [:]
    var nested: [String: [String: ValueType]] = [:]
    for (path, type) in paths {
      let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
      if parts.count == 2 {
        nested[parts[0], default: [:]][parts[1]] = type
      } else {
        fields[path] = type
      }
    }
    for (head, inner) in nested { fields[head] = .record(RecordType("\(name).\(head)", paths: inner)) }
    self.init(name, fields: fields)
  }
}

extension ValueType: CustomStringConvertible {
  public var description: String {
    switch self {
    case .null: "blank"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .decimal: "decimal"
    case .string: "text"
    case .bytes: "bytes"
    case .date: "date"
    case .timestamp: "time"
    case .duration: "duration"
    case .list(.dyn): "list"
    case .list(let element): "list of \(element)"
    case .map(.dyn, .dyn): "map"
    case .map(let key, let value): "map of \(key) to \(value)"
    case .record(let record): record.name
    case .type: "type"
    case .dyn: "any value"
    case .optional(let type): "\(type) that may be blank"
    }
  }
}

extension ValueType {
  /// Without its blankness.
  public var present: ValueType {
    if case .optional(let inner) = self { return inner.present }
    return self
  }

  public var mayBeBlank: Bool {
    switch self {
    case .optional, .null: true
    default: false
    }
  }

  public var isNumber: Bool {
    switch self {
    case .int, .uint, .double, .decimal: true
    default: false
    }
  }

  /// The same type, blank too. `dyn` knows blanks already.
  public var orBlank: ValueType {
    switch self {
    case .optional, .dyn, .null: self
    default: .optional(self)
    }
  }

  /// What a value is that is either this or the other (the branches of `?:`, the elements of a list); nil if they
  /// have nothing in common.
  func joined(with other: ValueType) -> ValueType? {
    switch (self, other) {
    case (let a, let b) where a == b: return a
    case (.dyn, _), (_, .dyn): return .dyn
    case (.null, let type), (let type, .null): return type.orBlank
    case (.optional(let a), let b): return a.joined(with: b.present)?.orBlank
    case (let a, .optional(let b)): return a.joined(with: b)?.orBlank
    case (.list(let a), .list(let b)): return .list(a.joined(with: b) ?? .dyn)
    case (.map(let k, let v), .map(let l, let w)):
      return .map(k.joined(with: l) ?? .dyn, v.joined(with: w) ?? .dyn)
    case (.record, .map), (.map, .record), (.record, .record): return .dyn
    case (.decimal, let b) where b.isNumber: return .decimal
    case (let a, .decimal) where a.isNumber: return .decimal
    default: return nil
    }
  }

  /// Whether `==` can ever hold between the two, blanks and unknown types allowed.
  func isComparable(with other: ValueType) -> Bool {
    switch (present, other.present) {
    case (.dyn, _), (_, .dyn), (.null, _), (_, .null): true
    case (let a, let b) where a.isNumber && b.isNumber: true
    case (.list(let a), .list(let b)): a.isComparable(with: b)
    case (.map(let k, let v), .map(let l, let w)): k.isComparable(with: l) && v.isComparable(with: w)
    case (.record, .map), (.map, .record), (.record, .record): true
    case (let a, let b): a == b
    }
  }
}
