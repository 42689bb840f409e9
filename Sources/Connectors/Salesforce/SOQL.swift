import Events
import Formats

/// Literals of SOQL (Salesforce's SOQL reference, quoted string escape sequences and date formats).
enum SOQL {
  static func quoted(_ text: String) -> String {
    var quoted = "'"
    for character in text.unicodeScalars {
      switch character {
      case "\\": quoted += "\\\\"
      case "'": quoted += "\\'"
      case "\"": quoted += "\\\""
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case "\u{8}": quoted += "\\b"
      case "\u{C}": quoted += "\\f"
      default: quoted.unicodeScalars.append(character)
      }
    }
    return quoted + "'"
  }

  /// Dates and times stand bare; a reference is its id.
  static func literal(_ value: FieldValue) throws(Failure) -> String {
    switch value {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .number(let number): return number.description
    case .text(let text): return quoted(text)
    case .date(let date): return date.description
    case .instant(let instant): return instant.description
    case .reference(let id, let name):
      guard let text = id ?? name else { return "null" }
      return quoted(text)
    }
  }
}

enum SalesforceValues {
  /// The value at a path (`Account.Name`); a parent that is not there makes it blank.
  static func value(at path: String, in row: JSON, _ kind: FieldSchema.Kind?) -> FieldValue {
    var json = row
    for name in path.split(separator: ".") {
      guard let next = member(String(name), of: json) else { return .null }
      json = next
    }
    return value(json, kind)
  }

  /// Salesforce answers a field in its own spelling, whatever the query's.
  private static func member(_ name: String, of json: JSON) -> JSON? {
    if let exact = json[name] { return exact }
    let lower = name.lowercased()
    return json.object?.members.first { $0.key.lowercased() == lower }?.value
  }

  static func value(_ json: JSON, _ kind: FieldSchema.Kind?) -> FieldValue {
    switch (kind, json) {
    case (_, .null): return .null
    case (.number?, .string(let text)), (.money?, .string(let text)):
      return ExactDecimal(text).map { .number($0) } ?? .text(text)
    case (.date?, .string(let text)): return CalendarDate(text).map { .date($0) } ?? .text(text)
    case (.instant?, .string(let text)): return Instant(text).map { .instant($0) } ?? .text(text)
    case (.record?, .string(let text)): return .reference(id: text, name: nil)
    case (_, .string(let text)): return .text(text)
    case (_, .bool(let value)): return .bool(value)
    case (_, .number(let number)): return number.decimal.map { .number($0) } ?? .text(number.text)
    case (_, .array), (_, .object): return .null
    }
  }

  /// A row of somebody's own query: columns as written, parents' by their path.
  static func untyped(_ row: JSON) -> [String: FieldValue] {
    var values: [String: FieldValue] = [:]
    func add(_ json: JSON, _ prefix: String) {
      for (key, value) in json.object?.members ?? [] where key != "attributes" {
        if case .object = value {
          add(value, prefix + key + ".")
        } else {
          values[prefix + key] = self.value(value, nil)
        }
      }
    }
    add(row, "")
    return values
  }

  static func json(_ value: FieldValue) -> JSON {
    switch value {
    case .null: .null
    case .bool(let value): .bool(value)
    case .number(let number): .number(number)
    case .text(let text): .string(text)
    case .date(let date): .string(date.description)
    case .instant(let instant): .string(instant.description)
    case .reference(let id, let name): (id ?? name).map { .string($0) } ?? .null
    }
  }
}
