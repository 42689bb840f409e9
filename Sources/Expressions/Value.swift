import Formats

/// A value that an expression works with. Equality here is of the same case; `==` of the language is `Value.equals`.
public indirect enum Value: Sendable, Hashable {
  /// A blank.
  case null
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case double(Double)
  /// Money and numbers of records.
  case decimal(ExactDecimal)
  case string(String)
  case bytes([UInt8])
  case date(CalendarDate)
  case timestamp(Instant)
  case duration(Duration)
  case list([Value])
  /// A map, or a record: its fields by name.
  case map([Value: Value])
  /// What `type(x)` gives: `int`, `string`, `list` …
  case type(String)
}

extension Value: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
  public init(dictionaryLiteral elements: (Value, Value)...) {
    self = .map(Dictionary(elements, uniquingKeysWith: { _, last in last }))
  }
}

extension Value {
  /// JSON as it came: whole numbers are `int`, others exact decimals; numbers outside of both are text.
  public init(_ json: JSON) {
    switch json {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .number(let number):
      if let int = number.int {
        self = .int(int)
      } else if let decimal = number.decimal {
        self = .decimal(decimal)
      } else {
        self = .string(number.text)
      }
    case .string(let value): self = .string(value)
    case .array(let elements): self = .list(elements.map { Value($0) })
    case .object(let object):
      var fields: [Value: Value] = [:]
      for (key, value) in object { fields[.string(key)] = Value(value) }
      self = .map(fields)
    }
  }

  /// A record from values by path: `RecordType.DeveloperName` becomes a map within a map.
  public static func record(_ values: [String: Value]) -> Value {
    let root = Branch()
    for (path, value) in values { root.put(value, at: path.split(separator: ".")[...]) }
    return root.value
  }

  /// Null, or text of no characters.
  public var isBlank: Bool {
    switch self {
    case .null: true
    case .string(let text): text.isEmpty
    default: false
    }
  }

  /// What people call this kind of value.
  public var kindName: String {
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
    case .list: "list"
    case .map: "map"
    case .type: "type"
    }
  }

  /// The plain text of a single value (`12.50`, `2026-11-24`, `true`), as `string(x)` gives it; nil of lists, maps,
  /// types and blanks, and of bytes that are not UTF-8.
  public var plainText: String? {
    switch self {
    case .bool(let value): value ? "true" : "false"
    case .int(let value): value.description
    case .uint(let value): value.description
    case .double(let value): value.plainText
    case .decimal(let value): value.description
    case .string(let value): value
    case .bytes(let value): String(validating: value, as: UTF8.self)
    case .date(let value): value.description
    case .timestamp(let value): value.description
    case .duration(let value): value.plainText
    case .null, .list, .map, .type: nil
    }
  }
}

/// A record under construction.
private final class Branch {
  var leaves: [String: Value] = [:]
  var branches: [String: Branch] = [:]

  func put(_ value: Value, at path: ArraySlice<Substring>) {
    guard let head = path.first.map(String.init) else { return }
    if path.count == 1 {
      leaves[head] = value
    } else {
      let branch = branches[head] ?? Branch()
      branches[head] = branch
      branch.put(value, at: path.dropFirst())
    }
  }

  /// Where a name is both a field and the head of longer paths, the longer paths win.
  var value: Value {
    var fields: [Value: Value] = [:]
    for (name, leaf) in leaves { fields[.string(name)] = leaf }
    for (name, branch) in branches { fields[.string(name)] = branch.value }
    return .map(fields)
  }
}
