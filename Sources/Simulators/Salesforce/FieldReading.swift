import Formats

/// From the JSON of a request to what is stored, by the field's type: trimmed, rounded, checked, or refused.
extension SObjectField {
  func cell(from json: JSON) throws(SalesforceError) -> Cell {
    if json.isNull { return .null }
    switch kind {
    case .id, .reference: return try identifier(json)
    case .text(let limit): return try text(json, limit: limit)
    case .longText(let limit): return try text(json, limit: limit, keepsEnds: true)
    case .url: return try text(json, limit: 255)
    case .phone: return try text(json, limit: 40)
    case .email: return try email(json)
    case .picklist(let values, let restricted): return try choice(json, values, restricted)
    case .bool: return try bool(json)
    case .number(let precision, let scale): return try number(json, precision: precision, scale: scale)
    case .currency(let scale): return try number(json, precision: 18, scale: scale)
    case .percent(let scale): return try number(json, precision: 18, scale: scale)
    case .integer: return try number(json, precision: 9, scale: 0)
    case .date: return try date(json)
    case .dateTime: return try dateTime(json)
    }
  }

  private func string(_ json: JSON, as type: String) throws(SalesforceError) -> String {
    guard let text = json.string else { throw mismatch(json, type) }
    return text
  }

  private func mismatch(_ json: JSON, _ type: String) -> SalesforceError {
    let token =
      switch json {
      case .bool(let value): value ? "VALUE_TRUE" : "VALUE_FALSE"
      case .number(let number): "VALUE_NUMBER_\(number.int == nil ? "FLOAT" : "INT")"
      case .array: "START_ARRAY"
      case .object: "START_OBJECT"
      default: "VALUE_STRING"
      }
    return SalesforceError(
      "JSON_PARSER_ERROR",
      "Cannot deserialize instance of \(type) from \(token) value \(json.text) or request may be missing a required "
        + "field at [line:1, column:1]")
  }

  private func text(_ json: JSON, limit: Int, keepsEnds: Bool = false) throws(SalesforceError) -> Cell {
    let given = try string(json, as: "string")
    let text = keepsEnds ? given.trimmingEnd() : given.trimmed()
    if text.isEmpty { return .null }
    guard text.utf16.count <= limit else {
      throw SalesforceError(
        "STRING_TOO_LONG", "\(label): data value too large: \(text) (max length=\(limit))", fields: [name])
    }
    return .text(text)
  }

  private func email(_ json: JSON) throws(SalesforceError) -> Cell {
    let cell = try text(json, limit: 80)
    guard let address = cell.text else { return cell }
    let parts = address.split(separator: "@", omittingEmptySubsequences: false)
    let isPlausible =
      parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".") && !parts[1].hasPrefix(".")
      && !parts[1].hasSuffix(".") && !address.contains(" ")
    guard isPlausible else {
      throw SalesforceError(
        "INVALID_EMAIL_ADDRESS", "\(label): invalid email address: \(address)", fields: [name])
    }
    return cell
  }

  private func choice(_ json: JSON, _ values: [String], _ restricted: Bool) throws(SalesforceError) -> Cell {
    let text = try string(json, as: "string").trimmed()
    if text.isEmpty { return .null }
    if let known = values.first(where: { $0.lowercased() == text.lowercased() }) { return .text(known) }
    guard !restricted else {
      throw SalesforceError(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "\(label): bad value for restricted picklist field: \(text)",
        fields: [name])
    }
    guard text.utf16.count <= 255 else {
      throw SalesforceError(
        "STRING_TOO_LONG", "\(label): data value too large: \(text) (max length=255)", fields: [name])
    }
    return .text(text)
  }

  private func bool(_ json: JSON) throws(SalesforceError) -> Cell {
    if let value = json.bool { return .bool(value) }
    switch json.string?.lowercased() {
    case "true": return .bool(true)
    case "false": return .bool(false)
    default: throw mismatch(json, "boolean")
    }
  }

  private func number(_ json: JSON, precision: Int, scale: Int) throws(SalesforceError) -> Cell {
    let type = kind == .integer ? "int" : "double"
    let given: ExactDecimal?
    if let text = json.string {
      if text.trimmed().isEmpty { return .null }
      given = ExactDecimal(text.trimmed())
    } else {
      given = json.decimal
    }
    guard let given else { throw mismatch(json, type) }
    if kind == .integer, given != given.rounded(scale: 0, .down) { throw mismatch(json, type) }
    let stored = given.rounded(scale: scale, .halfUp)
    let whole = stored.rounded(scale: 0, .down)
    guard whole.description.filter({ $0 != "-" }).count <= precision - scale || whole.isZero else {
      throw SalesforceError(
        "NUMBER_OUTSIDE_VALID_RANGE", "\(label): value outside of valid range on numeric field: \(given)",
        fields: [name])
    }
    return .number(stored)
  }

  private func date(_ json: JSON) throws(SalesforceError) -> Cell {
    let text = try string(json, as: "date")
    if text.isEmpty { return .null }
    // A date-time is taken for its date, in UTC.
    if let date = CalendarDate(text) { return .date(date) }
    if let instant = Instant(text) { return .date(instant.date) }
    throw mismatch(json, "date")
  }

  private func dateTime(_ json: JSON) throws(SalesforceError) -> Cell {
    let text = try string(json, as: "datetime")
    if text.isEmpty { return .null }
    // Stored to the second.
    guard let instant = Instant(text) else { throw mismatch(json, "datetime") }
    return .instant(Instant(secondsSince1970: instant.secondsSince1970, nanoseconds: 0))
  }

  private func identifier(_ json: JSON) throws(SalesforceError) -> Cell {
    let text = try string(json, as: "reference").trimmed()
    if text.isEmpty { return .null }
    guard let id = SalesforceID.normalise(text) else { throw .malformedID(label, text) }
    return .text(id)
  }
}

extension String {
  /// Without white space at both ends.
  func trimmed() -> String { String(drop(while: \.isWhitespace)).trimmingEnd() }

  func trimmingEnd() -> String {
    var text = self[...]
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}

extension Substring {
  func trimmed() -> String { String(self).trimmed() }
}
