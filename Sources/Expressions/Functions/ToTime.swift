import Formats

extension Function {
  static let date = Function(
    "date", "date(value)", "A day: of a text (2026-11-24), or of a time, in UTC.",
    example: ("date('2026-11-24') + duration('24h') == date('2026-11-25')", "true"),
    Form(.single, giving: { [.string, .date, .timestamp, .dyn].contains($0[0]) ? .date : nil })
  ) { arguments, _ throws(EvaluationError) in
    switch arguments[0] {
    case .date: return arguments[0]
    case .timestamp(let time): return .date(time.date)
    default:
      guard let date = CalendarDate(try arguments.text(0)) else {
        throw EvaluationError(.value, "date() expected a day such as 2026-11-24")
      }
      return .date(date)
    }
  }

  static let timestamp = Function(
    "timestamp", "timestamp(value)", "A moment: of a text (RFC 3339), or of seconds since 1970.",
    example: ("timestamp('2026-11-24T10:00:00+01:00')", "timestamp('2026-11-24T09:00:00Z')"),
    Form(.single, giving: { [.string, .timestamp, .int, .dyn].contains($0[0]) ? .timestamp : nil })
  ) { arguments, _ throws(EvaluationError) in
    switch arguments[0] {
    case .timestamp: return arguments[0]
    case .int(let seconds):
      guard let time = Instant(nanosecondsSince1970: Int128(seconds) * 1_000_000_000) else { throw Arithmetic.overflow }
      return .timestamp(time)
    default:
      guard let time = Instant(try arguments.text(0)) else {
        throw EvaluationError(.value, "timestamp() expected a moment such as 2026-11-24T10:11:12Z")
      }
      return .timestamp(time)
    }
  }

  static let duration = Function(
    "duration", "duration(text)", "A length of time: 24h, 90m, 1.5s, 1h30m, 100ms.",
    example: ("duration('1h30m') == duration('90m')", "true"),
    Form(.single, giving: { [.string, .duration, .dyn].contains($0[0]) ? .duration : nil })
  ) { arguments, _ throws(EvaluationError) in
    if case .duration = arguments[0] { return arguments[0] }
    guard let duration = Duration(text: try arguments.text(0)) else {
      throw EvaluationError(.value, "duration() expected a length of time such as 90m")
    }
    return .duration(duration)
  }
}

extension Duration {
  /// CEL's form: numbers with units, largest first or not, perhaps with a sign before all.
  init?(text: String) {
    let units: [(String, Int64)] = [
      ("ns", 1), ("us", 1000), ("µs", 1000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
      ("h", 3_600_000_000_000),
    ]
    var rest = text[...]
    let isNegative = rest.first == "-"
    if isNegative { rest = rest.dropFirst() }
    if rest == "0" { rest = "0s" }
    var total = ExactDecimal.zero
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0 == "." || ("0"..."9").contains($0) }
      rest = rest.dropFirst(digits.count)
      let name = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(name.count)
      guard let number = ExactDecimal(String(digits)), let unit = units.first(where: { $0.0 == name }),
        let part = number.multiplied(by: ExactDecimal(unit.1)), let sum = total.adding(part)
      else { return nil }
      total = sum
    }
    let whole = total.rounded(scale: 0, .down).coefficient
    self.init(nanoseconds: isNegative ? -whole : whole)
  }
}
