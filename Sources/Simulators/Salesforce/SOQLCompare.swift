import Formats

/// How SOQL compares: text without regard to case, a blank only with `= null`, types never mixed.
enum SOQLCompare {
  /// A literal of the wrong type is refused before any row is looked at.
  static func check(_ literal: SOQL.Literal, _ field: SObjectField, _ comparison: SOQL.Operator) throws(SalesforceError)
  {
    if field.isLongText {
      throw SalesforceError("INVALID_FIELD", "field '\(field.name)' can not be filtered in a query call")
    }
    if case .null = literal { return }
    switch (field.kind, literal) {
    case (.bool, .bool), (.date, .date), (.dateTime, .instant): break
    case (.number, .number), (.currency, .number), (.percent, .number), (.integer, .number): break
    case (.id, .string(let text)), (.reference, .string(let text)):
      guard SalesforceID.normalise(text) != nil else {
        throw SalesforceError("INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: \(text)")
      }
    case (.text, .string), (.email, .string), (.phone, .string), (.url, .string), (.picklist, .string): break
    default: throw mismatch(field)
    }
    guard comparison == .like else { return }
    switch field.kind {
    case .text, .email, .phone, .url, .picklist: break
    default:
      throw SalesforceError("INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id or typed field: \(field.name)")
    }
  }

  private static func mismatch(_ field: SObjectField) -> SalesforceError {
    let (type, quotes) =
      switch field.kind {
      case .bool: ("boolean", "should not")
      case .date: ("date", "should not")
      case .dateTime: ("dateTime", "should not")
      case .number, .currency, .percent: ("double", "should not")
      case .integer: ("int", "should not")
      default: ("string", "should")
      }
    return SalesforceError(
      "INVALID_FIELD",
      "value of filter criterion for field '\(field.name)' must be of type \(type) and \(quotes) be enclosed in quotes")
  }

  static func holds(_ cell: Cell, _ comparison: SOQL.Operator, _ literal: SOQL.Literal) -> Bool {
    // Salesforce stores no empty text: '' and null are one.
    if literal == .null || literal == .string("") {
      switch comparison {
      case .equal: return cell.isNull
      case .notEqual: return !cell.isNull
      default: return false
      }
    }
    guard !cell.isNull else { return comparison == .notEqual }
    if comparison == .like {
      guard case .string(let pattern) = literal, let text = cell.text else { return false }
      return matchesPattern(text.lowercased(), pattern.lowercased())
    }
    let other = self.cell(literal, like: cell)
    let isEqual = Org.isSame(cell, other)
    switch comparison {
    case .equal: return isEqual
    case .notEqual: return !isEqual
    case .less: return isLess(cell, other)
    case .greater: return isLess(other, cell)
    case .lessOrEqual: return isEqual || isLess(cell, other)
    case .greaterOrEqual: return isEqual || isLess(other, cell)
    case .like: return false
    }
  }

  private static func cell(_ literal: SOQL.Literal, like cell: Cell) -> Cell {
    switch literal {
    case .null: .null
    case .bool(let value): .bool(value)
    case .number(let number): .number(number)
    case .date(let date): .date(date)
    case .instant(let instant): .instant(instant)
    // Ids are stored with 18 characters and may be asked for with 15.
    case .string(let text):
      .text(text.utf8.count == 15 && cell.text?.utf8.count == 18 ? SalesforceID.normalise(text) ?? text : text)
    }
  }

  static func isLess(_ left: Cell, _ right: Cell) -> Bool {
    switch (left, right) {
    case (.number(let left), .number(let right)): left < right
    case (.text(let left), .text(let right)): left.lowercased() < right.lowercased()
    case (.date(let left), .date(let right)): left < right
    case (.instant(let left), .instant(let right)): left < right
    case (.bool(let left), .bool(let right)): !left && right
    default: false
    }
  }
}
