/// IMF-fixdate (RFC 9110 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
public enum HTTPDate {
  /// 29 octets; make one a second and keep it. `seconds` since 1970, not negative, UTC.
  public static func format(secondsSince1970 seconds: Int64) -> [UInt8] {
    let seconds = max(0, seconds)
    let days = seconds / 86_400
    let (year, month, day) = civil(days)
    var out: [UInt8] = []
    out.reserveCapacity(29)
    out.append(contentsOf: weekdays[Int((days + 4) % 7)].utf8)
    out.append(contentsOf: ", ".utf8)
    appendTwo(day, into: &out)
    out.append(Octets.space)
    out.append(contentsOf: months[Int(month - 1)].utf8)
    out.append(Octets.space)
    appendTwo(year / 100, into: &out)
    appendTwo(year % 100, into: &out)
    out.append(Octets.space)
    appendTwo(seconds / 3_600 % 24, into: &out)
    out.append(UInt8(ascii: ":"))
    appendTwo(seconds / 60 % 60, into: &out)
    out.append(UInt8(ascii: ":"))
    appendTwo(seconds % 60, into: &out)
    out.append(contentsOf: " GMT".utf8)
    return out
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  private static func appendTwo(_ number: Int64, into out: inout [UInt8]) {
    out.append(UInt8(ascii: "0") + UInt8(number / 10 % 10))
    out.append(UInt8(ascii: "0") + UInt8(number % 10))
  }

  /// The proleptic Gregorian date of a day since 1970-01-01, counted in eras of 400 years that begin in March, so that
  /// the leap day is the last of its year.
  private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
