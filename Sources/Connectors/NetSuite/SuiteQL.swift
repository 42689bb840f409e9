import Events
import Formats

/// Pieces of SuiteQL (facts 2.6).
enum SuiteQL {
  static let pageSize = 1_000
  static let mostRows = 100_000

  /// An expression with its bound parameters.
  struct Condition: Sendable {
    var text: String
    var parameters: [String?]
    var joins: [String]

    init(_ text: String, _ parameters: [String?] = [], joins: [String] = []) {
      self.text = text
      self.parameters = parameters
      self.joins = joins
    }
  }

  /// Dates come in the account's own format unless they are asked for in one.
  static func shown(_ column: String, _ kind: FieldSchema.Kind) -> String {
    switch kind {
    case .date: "TO_CHAR(\(column), 'YYYY-MM-DD')"
    case .instant: "TO_CHAR(\(column), 'YYYY-MM-DD\"T\"HH24:MI:SSTZH:TZM')"
    default: column
    }
  }

  /// Where a parameter's value stands: there are no literals of dates.
  static func place(_ value: FieldValue) -> String {
    switch value {
    case .date: "TO_DATE(?, 'YYYY-MM-DD')"
    case .instant: "TO_TIMESTAMP_TZ(?, 'YYYY-MM-DD\"T\"HH24:MI:SSTZH:TZM')"
    default: "?"
    }
  }

  static func bound(_ value: FieldValue) -> String? {
    switch value {
    case .null: nil
    case .bool(let value): value ? "T" : "F"
    case .instant(let instant): Instant(secondsSince1970: instant.secondsSince1970).description.dropLast() + "+00:00"
    default: value.plain
    }
  }

  static func value(_ row: JSONObject, _ column: String, _ kind: FieldSchema.Kind) -> FieldValue {
    guard let json = row[column], let text = json.string ?? SalesforceValues.value(json, nil).plain else {
      return kind == .bool ? .bool(false) : .null
    }
    if text.isEmpty { return kind == .bool ? .bool(false) : .null }
    switch kind {
    case .bool: return .bool(text == "T" || text == "true")
    case .number, .money: return number(text).map { .number($0) } ?? .text(text)
    case .date: return CalendarDate(text).map { .date($0) } ?? .text(text)
    case .instant: return Instant(text).map { .instant($0) } ?? .text(text)
    case .record: return .reference(id: text, name: nil)
    case .text, .choice: return .text(text)
    }
  }

  /// Oracle prints a half as `.5`.
  static func number(_ text: String) -> ExactDecimal? {
    if text.hasPrefix(".") { return ExactDecimal("0" + text) }
    if text.hasPrefix("-.") { return ExactDecimal("-0" + text.dropFirst()) }
    return ExactDecimal(text)
  }
}

/// What is selected of a record or of a list's element, and how each row is read back.
struct Selection: Sendable {
  private(set) var columns: [String] = []
  private(set) var joins: [String] = []
  private var fields: [(name: String, reading: Reading)] = []

  /// Sums and the record's type are not selected here.
  init(_ readings: [(name: String, reading: Reading)]) {
    for (name, reading) in readings {
      let index = fields.count
      fields.append((name, reading))
      switch reading.form {
      case .sum, .recordType: continue
      case .plain, .negated, .letter: columns.append("\(SuiteQL.shown(reading.column, reading.kind)) AS f\(index)")
      case .displayed, .status:
        columns += ["\(reading.column) AS f\(index)", "BUILTIN.DF(\(reading.column)) AS n\(index)"]
      case .named(let name): columns += ["\(reading.column) AS f\(index)", "\(name) AS n\(index)"]
      }
      add(reading.join?.all ?? [])
    }
  }

  mutating func add(_ more: [String]) {
    for join in more where !joins.contains(join) { joins.append(join) }
  }

  func values(_ row: JSONObject) -> [String: FieldValue] {
    var values: [String: FieldValue] = [:]
    for (index, field) in fields.enumerated() {
      switch field.reading.form {
      case .sum, .recordType: continue
      default: values[field.name] = value(row, index, field.reading)
      }
    }
    return values
  }

  private func value(_ row: JSONObject, _ index: Int, _ reading: Reading) -> FieldValue {
    let plain = SuiteQL.value(row, "f\(index)", reading.kind)
    switch reading.form {
    case .plain, .sum, .recordType: return plain
    case .negated:
      guard case .number(let number) = plain else { return plain }
      return .number(number.negated)
    case .letter: return plain.plain.map { .text(Self.letter($0)) } ?? .null
    case .status:
      guard let id = plain.plain else { return .null }
      return .reference(id: Self.letter(id), name: row["n\(index)"]?.string.map(Self.bare))
    case .displayed, .named:
      guard let id = plain.plain else { return .null }
      return .reference(id: id, name: row["n\(index)"]?.string)
    }
  }

  /// `SalesOrd:B` → `B`.
  private static func letter(_ text: String) -> String {
    text.lastIndex(of: ":").map { String(text[text.index(after: $0)...]) } ?? text
  }

  /// `Sales Order : Pending Fulfillment` → `Pending Fulfillment`.
  private static func bare(_ text: String) -> String {
    text.firstRange(of: " : ").map { String(text[$0.upperBound...]) } ?? text
  }
}
