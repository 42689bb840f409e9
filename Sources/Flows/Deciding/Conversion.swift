import Events
import Expressions
import Formats

extension FieldSchema.Kind {
  /// What messages call it.
  var title: String {
    switch self {
    case .text: "text"
    case .bool: "bool"
    case .number: "number"
    case .money: "money"
    case .date: "date"
    case .instant: "time"
    case .choice: "choice"
    case .record: "reference"
    }
  }

  /// The type of an expression over a field of this kind; all but `bool` may be blank.
  var type: ValueType {
    switch self {
    case .text, .choice, .record: .string.orBlank
    case .bool: .bool
    case .number, .money: .decimal.orBlank
    case .date: .date.orBlank
    case .instant: .timestamp.orBlank
    }
  }
}

extension Value {
  /// A field's value for an expression. References are text: of a choice its name, of a record its id.
  init(_ value: FieldValue, _ kind: FieldSchema.Kind) {
    switch value {
    case .null: self = kind == .bool ? .bool(false) : .null
    case .bool(let value): self = .bool(value)
    case .number(let number): self = .decimal(number)
    case .text(let text): self = text.isEmpty ? .null : .string(text)
    case .date(let date): self = .date(date)
    case .instant(let instant): self = .timestamp(instant)
    case .reference(let id, let name):
      let text = if case .record = kind { id ?? name } else { name ?? id }
      self = text.map { .string($0) } ?? .null
    }
  }
}

extension FieldValue {
  /// An expression's result, without regard to the place it goes to. Lists and maps are no field's value: blank.
  init(_ value: Value) {
    switch value {
    case .null, .list, .map, .type, .duration, .bytes: self = .null
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .number(ExactDecimal(value))
    case .uint(let value): self = ExactDecimal(String(value)).map { .number($0) } ?? .null
    case .double(let value): self = ExactDecimal(value.description).map { .number($0) } ?? .null
    case .decimal(let value): self = .number(value)
    case .string(let text): self = text.isEmpty ? .null : .text(text)
    case .date(let date): self = .date(date)
    case .timestamp(let instant): self = .instant(instant)
    }
  }

  /// The value as a place of this kind takes it; nil where it cannot.
  func converted(to kind: FieldSchema.Kind) -> FieldValue? {
    if isBlank { return .null }
    switch (kind, self) {
    case (.bool, .bool), (.number, .number), (.money, .number), (.date, .date), (.instant, .instant): return self
    case (.text, .text): return self
    case (.text, .reference), (.choice(list: nil), .reference), (.choice(list: nil), .text):
      return plainName.map { .text($0) }
    case (.choice, .text(let name)): return .reference(id: nil, name: name)
    case (.choice, .reference(_, let name)): return .reference(id: nil, name: name ?? plain)
    case (.record, .text(let id)): return .reference(id: id, name: nil)
    case (.record, .reference(let id?, _)): return .reference(id: id, name: nil)
    default: return nil
    }
  }

  private var plainName: String? {
    switch self {
    case .reference(let id, let name): name ?? id
    default: plain
    }
  }

  /// A cell of a query's answer, which may be text whatever it holds; nil where it is not of this kind.
  func read(as kind: FieldSchema.Kind) -> FieldValue? {
    guard case .text(let text) = self else { return isBlank ? .null : self }
    if text.isEmpty { return .null }
    switch kind {
    case .text, .choice, .record: return self
    case .bool:
      switch text {
      case "T", "true": return .bool(true)
      case "F", "false": return .bool(false)
      default: return nil
      }
    case .number, .money: return ExactDecimal(Self.withLeadingZero(text)).map { .number($0) }
    case .date: return CalendarDate(text).map { .date($0) }
    case .instant: return Instant(text).map { .instant($0) }
    }
  }

  /// Oracle prints a half as `.5`.
  private static func withLeadingZero(_ text: String) -> String {
    if text.hasPrefix(".") { return "0" + text }
    if text.hasPrefix("-.") { return "-0" + text.dropFirst() }
    return text
  }
}
