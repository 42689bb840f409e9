import Formats

extension Function {
  /// CEL specification, "Timestamps and durations": the parts of a moment, in UTC or at an offset such as `+02:00`, of a
  /// day, and of a length of time. Zones by name need their database, which a pure function has not; they are refused.
  static let timeParts: [Function] = [
    part("getFullYear", "The year.", "2026") { $0.year },
    part("getMonth", "The month, from 0.", "10") { $0.month - 1 },
    part("getDate", "The day of the month, from 1.", "24") { $0.day },
    part("getDayOfMonth", "The day of the month, from 0.", "23") { $0.day - 1 },
    part("getDayOfWeek", "The day of the week, from 0, Sunday.", "2") { (($0.daysSince1970 + 4) % 7 + 7) % 7 },
    part("getDayOfYear", "The day of the year, from 0.", "327") { day in
      day.daysSince1970 - (CalendarDate(year: day.year, month: 1, day: 1)?.daysSince1970 ?? 0)
    },
    clock("getHours", "The hour; of a length of time all of its hours.", "10", divisor: 3_600_000_000_000, modulo: 24),
    clock(
      "getMinutes", "The minute; of a length of time all of its minutes.", "11", divisor: 60_000_000_000, modulo: 60),
    clock(
      "getSeconds", "The second; of a length of time all of its seconds.", "12", divisor: 1_000_000_000, modulo: 60),
    clock("getMilliseconds", "The thousandths of the second.", "345", divisor: 1_000_000, modulo: 1000),
  ]

  private static let example = "timestamp('2026-11-24T10:11:12.345Z')"

  /// A part of the calendar.
  private static func part(
    _ name: String, _ summary: String, _ result: String, of part: @escaping @Sendable (CalendarDate) -> Int
  ) -> Function {
    Function(
      name, "time.\(name)()", summary, example: ("\(example).\(name)()", result),
      Form(.single, giving: { [.timestamp, .date, .dyn].contains($0[0]) ? .int : nil }),
      Form(.single, .text, giving: { [.timestamp, .dyn].contains($0[0]) ? .int : nil })
    ) { arguments, _ throws(EvaluationError) in
      if case .date(let day) = arguments[0], arguments.count == 1 { return .int(Int64(part(day))) }
      return .int(Int64(part(try local(arguments).date)))
    }
  }

  /// A part of the clock, or of a length of time.
  private static func clock(
    _ name: String, _ summary: String, _ result: String, divisor: Int128, modulo: Int128
  ) -> Function {
    Function(
      name, "time.\(name)()", summary, example: ("\(example).\(name)()", result),
      Form(.single, giving: { [.timestamp, .duration, .dyn].contains($0[0]) ? .int : nil }),
      Form(.single, .text, giving: { [.timestamp, .dyn].contains($0[0]) ? .int : nil })
    ) { arguments, _ throws(EvaluationError) in
      if case .duration(let duration) = arguments[0], arguments.count == 1 {
        let whole = duration.nanoseconds / divisor
        return .int(Int64(name == "getMilliseconds" ? whole % modulo : whole))
      }
      let nanoseconds = try local(arguments).nanosecondsSince1970
      let day: Int128 = 86_400_000_000_000
      let ofDay = (nanoseconds % day + day) % day
      return .int(Int64(ofDay / divisor % modulo))
    }
  }

  /// The moment as the clock at the offset shows it.
  private static func local(_ arguments: Arguments) throws(EvaluationError) -> Instant {
    guard case .timestamp(let time) = arguments[0] else { throw arguments.misfit(0, "a time") }
    guard arguments.count == 2 else { return time }
    guard let seconds = offset(try arguments.text(1)) else {
      throw EvaluationError(.value, "\(arguments.function)() expected UTC or an offset such as +02:00")
    }
    return time.adding(seconds: seconds)
  }

  /// Seconds east of Greenwich.
  private static func offset(_ text: String) -> Int64? {
    if text == "UTC" || text == "Z" { return 0 }
    let sign: Int64 = text.hasPrefix("-") ? -1 : 1
    let parts = (text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]).split(separator: ":")
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hours = Digits.int(parts[0], max: 14),
      let minutes = Digits.int(parts[1], max: 59)
    else { return nil }
    return sign * (hours * 3600 + minutes * 60)
  }
}
