import Formats

/// The date formats of TO_CHAR and TO_DATE. Times are the account's own zone, not UTC.
struct SQLDates {
  let zoneSeconds: Int64

  private static let parts = [
    "YYYY", "MM", "DD", "HH24", "MI", "SS", "FF3", "FF", "TZH", "TZM", "MON", "YY", "HH12", "HH",
  ]

  private enum Piece {
    case part(String)
    case literal(String)
  }

  private func pieces(_ format: String) -> [Piece] {
    var pieces: [Piece] = []
    var rest = format[...]
    while let first = rest.first {
      if first == "\"" {
        let end = rest.dropFirst().firstIndex(of: "\"") ?? rest.endIndex
        pieces.append(.literal(String(rest[rest.index(after: rest.startIndex)..<end])))
        rest = end == rest.endIndex ? "" : rest[rest.index(after: end)...]
      } else if let part = Self.parts.first(where: { rest.uppercased().hasPrefix($0) }) {
        pieces.append(.part(part))
        rest = rest.dropFirst(part.count)
      } else {
        pieces.append(.literal(String(first)))
        rest = rest.dropFirst()
      }
    }
    return pieces
  }

  private static func padded(_ value: Int64, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }

  func show(_ cell: Cell, _ format: String) throws(NetSuiteError) -> Cell {
    let local: Instant
    switch cell {
    case .null: return .null
    case .date(let date): local = Instant(secondsSince1970: Int64(date.daysSince1970) * 86_400)
    case .instant(let instant): local = instant.adding(seconds: zoneSeconds)
    // Numbers with a picture are shown plain.
    case .number(let number): return .text(number.normalized.description)
    default: throw .search("Search error occurred: invalid number.")
    }
    let date = local.date
    let seconds = local.secondsSince1970 - Int64(date.daysSince1970) * 86_400
    var text = ""
    for piece in pieces(format) {
      switch piece {
      case .literal(let literal): text += literal
      case .part("YYYY"): text += Self.padded(Int64(date.year), 4)
      case .part("YY"): text += Self.padded(Int64(date.year % 100), 2)
      case .part("MM"): text += Self.padded(Int64(date.month), 2)
      case .part("DD"): text += Self.padded(Int64(date.day), 2)
      case .part("HH24"): text += Self.padded(seconds / 3600, 2)
      case .part("HH12"), .part("HH"): text += Self.padded((seconds / 3600 + 11) % 12 + 1, 2)
      case .part("MI"): text += Self.padded(seconds / 60 % 60, 2)
      case .part("SS"): text += Self.padded(seconds % 60, 2)
      case .part("FF3"), .part("FF"): text += Self.padded(Int64(local.nanoseconds / 1_000_000), 3)
      case .part("TZH"): text += (zoneSeconds < 0 ? "-" : "+") + Self.padded(abs(zoneSeconds) / 3600, 2)
      case .part("TZM"): text += Self.padded(abs(zoneSeconds) / 60 % 60, 2)
      case .part(let part): throw .search("Search error occurred: date format not recognized: \(part)")
      }
    }
    return .text(text)
  }

  func read(_ text: String, _ format: String, asDate: Bool) throws(NetSuiteError) -> Cell {
    var values: [String: Int64] = [:]
    var sign: Int64 = 1
    var rest = text[...]
    for piece in pieces(format) {
      switch piece {
      case .literal(let literal):
        guard rest.hasPrefix(literal) else { throw .search("Search error occurred: date does not match the format.") }
        rest = rest.dropFirst(literal.count)
      case .part(let part):
        if part == "TZH", let first = rest.first, "+-".contains(first) {
          sign = first == "-" ? -1 : 1
          rest = rest.dropFirst()
        }
        let width = part == "YYYY" ? 4 : part.hasPrefix("FF") ? 9 : 2
        let digits = rest.prefix(width).prefix { $0.isASCII && $0.isNumber }
        guard let value = Digits.int(digits) else { throw .search("Search error occurred: invalid date.") }
        values[part] =
          part.hasPrefix("FF") ? value * (0..<(9 - digits.count)).reduce(1) { power, _ in power * 10 } : value
        rest = rest.dropFirst(digits.count)
      }
    }
    guard rest.isEmpty,
      let date = CalendarDate(
        year: Int(values["YYYY"] ?? 0), month: Int(values["MM"] ?? 1), day: Int(values["DD"] ?? 1))
    else { throw .search("Search error occurred: invalid date.") }
    let seconds = (values["HH24"] ?? 0) * 3600 + (values["MI"] ?? 0) * 60 + (values["SS"] ?? 0)
    if asDate, seconds == 0 { return .date(date) }
    let zone = values["TZH"].map { sign * ($0 * 3600 + (values["TZM"] ?? 0) * 60) } ?? zoneSeconds
    let nanoseconds = Int32(values["FF3"] ?? values["FF"] ?? 0)
    return .instant(
      Instant(secondsSince1970: Int64(date.daysSince1970) * 86_400 + seconds - zone, nanoseconds: nanoseconds))
  }
}
