import Formats

/// The functions of SuiteQL that are known here, and how its values turn into text.
struct SQLFunctions {
  let now: Instant
  let zoneSeconds: Int64

  static let aggregates: Set<String> = ["sum", "count", "min", "max", "avg", "listagg"]
  static let names: Set<String> = [
    "nvl", "nvl2", "coalesce", "to_char", "to_date", "to_timestamp", "to_timestamp_tz", "to_number", "greatest",
    "least",
    "upper", "lower", "trim", "substr", "length", "round", "abs", "trunc", "replace", "instr", "concat", "nullif",
    "decode", "sysdate", "current_date", "current_timestamp", "systimestamp", "builtin.df",
  ]

  private var local: Instant { now.adding(seconds: zoneSeconds) }

  func midnight(_ date: CalendarDate) -> Cell {
    .instant(Instant(secondsSince1970: Int64(date.daysSince1970) * 86_400 - zoneSeconds))
  }

  func call(_ name: String, _ cells: [Cell]) throws(NetSuiteError) -> Cell {
    let evaluation = SQLEvaluation(parameters: [], functions: self)
    func text(_ index: Int) -> String? { index < cells.count ? self.text(cells[index]) : nil }
    func number(_ index: Int) throws(NetSuiteError) -> ExactDecimal? {
      index < cells.count && !cells[index].isNull ? try evaluation.number(cells[index]) : nil
    }
    switch name {
    case "sysdate", "current_date": return .date(local.date)
    case "current_timestamp", "systimestamp": return .instant(now)
    case "nvl", "coalesce": return cells.first { !$0.isNull } ?? .null
    case "nvl2": return cells.count == 3 ? (cells[0].isNull ? cells[2] : cells[1]) : .null
    case "nullif":
      guard cells.count == 2, let order = try evaluation.order(cells[0], cells[1]) else { return cells.first ?? .null }
      return order == 0 ? .null : cells[0]
    case "greatest", "least": return try extreme(cells, isGreatest: name == "greatest", evaluation)
    case "upper": return text(0).map { .text($0.uppercased()) } ?? .null
    case "lower": return text(0).map { .text($0.lowercased()) } ?? .null
    case "trim": return text(0).map { Self.cell($0.trimmed()) } ?? .null
    case "length": return text(0).map { .int($0.count) } ?? .null
    case "concat": return Self.cell((text(0) ?? "") + (text(1) ?? ""))
    case "replace":
      guard let whole = text(0), let part = text(1) else { return cells.first ?? .null }
      return Self.cell(whole.split(separator: part, omittingEmptySubsequences: false).joined(separator: text(2) ?? ""))
    case "substr": return substring(text(0), try number(1)?.intValue, try number(2)?.intValue)
    case "instr":
      guard let whole = text(0), let part = text(1) else { return .null }
      let range = whole.firstRange(of: part)
      return .int(range.map { whole.distance(from: whole.startIndex, to: $0.lowerBound) + 1 } ?? 0)
    case "abs": return try number(0).map { .number($0.magnitude) } ?? .null
    case "round":
      let places = try number(1)?.intValue ?? 0
      return try number(0).map { .number($0.rounded(scale: Int(places), .halfUp)) } ?? .null
    case "trunc":
      if case .instant(let instant) = cells.first { return .date(instant.adding(seconds: zoneSeconds).date) }
      if case .date = cells.first { return cells[0] }
      return try number(0).map { .number($0.rounded(scale: 0, .down)) } ?? .null
    case "to_number": return try number(0).map { .number($0) } ?? .null
    case "decode": return try decode(cells, evaluation)
    case "to_char":
      guard let format = text(1) else { return text(0).map { .text($0) } ?? .null }
      return try SQLDates(zoneSeconds: zoneSeconds).show(cells[0], format)
    case "to_date", "to_timestamp", "to_timestamp_tz":
      guard let given = text(0) else { return .null }
      guard let format = text(1) else { throw .search("Search error occurred: a format is missing.") }
      return try SQLDates(zoneSeconds: zoneSeconds).read(given, format, asDate: name == "to_date")
    default: throw .search("Search error occurred: Unknown identifier '\(name.uppercased())'.")
    }
  }

  private func extreme(_ cells: [Cell], isGreatest: Bool, _ evaluation: SQLEvaluation) throws(NetSuiteError) -> Cell {
    guard var best = cells.first, !cells.contains(.null) else { return .null }
    for cell in cells.dropFirst() {
      if let order = try evaluation.order(cell, best), isGreatest ? order > 0 : order < 0 { best = cell }
    }
    return best
  }

  private func decode(_ cells: [Cell], _ evaluation: SQLEvaluation) throws(NetSuiteError) -> Cell {
    guard let subject = cells.first else { return .null }
    var index = 1
    while index + 1 < cells.count {
      let candidate = cells[index]
      let isSame = subject.isNull ? candidate.isNull : try evaluation.order(subject, candidate) == 0
      if isSame { return cells[index + 1] }
      index += 2
    }
    return index < cells.count ? cells[index] : .null
  }

  private func substring(_ text: String?, _ start: Int64?, _ count: Int64?) -> Cell {
    guard let text, let start else { return .null }
    let from = start > 0 ? Int(start) - 1 : max(0, text.count + Int(start))
    return Self.cell(String(text.dropFirst(from).prefix(count.map { Int($0) } ?? .max)))
  }

  private static func cell(_ text: String) -> Cell { text.isEmpty ? .null : .text(text) }

  /// As the answer shows it: numbers plain, flags `T` and `F`, dates in the account's format, `11/24/2026`.
  func text(_ cell: Cell) -> String? {
    switch cell {
    case .null: nil
    case .bool(let value): value ? "T" : "F"
    case .number(let number): number.normalized.description
    case .text(let text): text
    case .date(let date): "\(date.month)/\(date.day)/\(date.year)"
    case .instant(let instant): text(.date(instant.adding(seconds: zoneSeconds).date))
    }
  }
}
