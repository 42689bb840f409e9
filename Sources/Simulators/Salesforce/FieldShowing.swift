import Formats

/// From what is stored to what an answer or a message shows.
enum FieldShowing {
  /// JSON of a REST answer: doubles always with a point, `1.0E7` from ten million on, times with `+0000`.
  static func json(_ cell: Cell, _ kind: SObjectField.Kind) -> JSON {
    switch cell {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .text(let text): return .string(text)
    case .date(let date): return .string(date.description)
    case .instant(let instant): return .string(dateTime(instant) + "+0000")
    case .number(let number):
      let text = kind == .integer ? number.rounded(scale: 0, .down).description : double(number)
      return JSONNumber(text: text).map { .number($0) } ?? .null
    }
  }

  /// The text of an element of an outbound message (facts page, 1.5); nil leaves the element out.
  static func xml(_ cell: Cell, _ kind: SObjectField.Kind) -> String? {
    switch cell {
    case .null: nil
    case .bool(let value): value ? "true" : "false"
    case .text(let text): escaped(text)
    case .date(let date): date.description
    case .instant(let instant): dateTime(instant) + "Z"
    case .number(let number):
      kind == .integer ? number.rounded(scale: 0, .down).description : double(number)
    }
  }

  /// `2026-11-24T10:11:12.000`, without a zone.
  private static func dateTime(_ instant: Instant) -> String {
    let whole = Instant(secondsSince1970: instant.secondsSince1970, nanoseconds: 0)
    return whole.description.dropLast() + ".000"
  }

  /// As `Double.toString` of Java writes it: `120000.0`, `1.25E7`.
  static func double(_ number: ExactDecimal) -> String {
    let plain = number.negatedIfNegative.description
    let sign = number.isNegative ? "-" : ""
    let halves = plain.split(separator: ".", omittingEmptySubsequences: false)
    let whole = String(halves[0])
    var fraction = halves.count > 1 ? String(halves[1]) : ""
    while fraction.last == "0" { fraction.removeLast() }
    if whole.count <= 7 { return "\(sign)\(whole).\(fraction.isEmpty ? "0" : fraction)" }
    var digits = String(whole.dropFirst()) + fraction
    while digits.last == "0" { digits.removeLast() }
    return "\(sign)\(whole.prefix(1)).\(digits.isEmpty ? "0" : digits)E\(whole.count - 1)"
  }

  private static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "\r": out += "&#13;"
      // What XML 1.0 cannot carry at all.
      case let scalar where scalar.value < 0x20 && scalar != "\n" && scalar != "\t": out += " "
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}

extension ExactDecimal {
  fileprivate var negatedIfNegative: ExactDecimal { isNegative ? negated : self }
}
