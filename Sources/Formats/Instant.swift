/// A moment, to the nanosecond, of no time zone. Years 1 to 9999 in UTC.
public struct Instant: Sendable, Hashable {
  public let secondsSince1970: Int64
  /// 0…999,999,999, also before 1970.
  public let nanoseconds: Int32

  /// Stops at the first and the last moment there is; nanoseconds out of bounds carry.
  public init(secondsSince1970 seconds: Int64, nanoseconds: Int32 = 0) {
    var carry = Int64(nanoseconds / 1_000_000_000)
    var rest = nanoseconds % 1_000_000_000
    if rest < 0 {
      rest += 1_000_000_000
      carry -= 1
    }
    let (sum, overflow) = seconds.addingReportingOverflow(carry)
    let wanted = overflow ? (carry < 0 ? Int64.min : Int64.max) : sum
    secondsSince1970 = min(max(wanted, Self.first), Self.last)
    self.nanoseconds = secondsSince1970 == wanted ? rest : 0
  }

  public init(millisecondsSince1970 milliseconds: Int64) {
    let rest = ((milliseconds % 1000) + 1000) % 1000
    self.init(secondsSince1970: (milliseconds - rest) / 1000, nanoseconds: Int32(rest) * 1_000_000)
  }

  public var millisecondsSince1970: Int64 { secondsSince1970 * 1000 + Int64(nanoseconds) / 1_000_000 }

  public func adding(seconds: Int64) -> Instant {
    let (sum, overflow) = secondsSince1970.addingReportingOverflow(seconds)
    return Instant(
      secondsSince1970: overflow ? (seconds < 0 ? .min : .max) : sum, nanoseconds: nanoseconds)
  }

  public func adding(milliseconds: Int64) -> Instant {
    let whole = adding(seconds: milliseconds / 1000)
    return Instant(
      secondsSince1970: whole.secondsSince1970,
      nanoseconds: whole.nanoseconds + Int32(milliseconds % 1000) * 1_000_000)
  }

  /// Whole seconds from `other` to this, rounded towards the past.
  public func seconds(since other: Instant) -> Int64 {
    secondsSince1970 - other.secondsSince1970 - (nanoseconds < other.nanoseconds ? 1 : 0)
  }

  /// The day in UTC.
  public var date: CalendarDate {
    let day = secondsSince1970 / 86_400 - (secondsSince1970 % 86_400 < 0 ? 1 : 0)
    return CalendarDate(daysSince1970: Int(day)) ?? Self.epoch
  }

  private static let first: Int64 = -719_162 * 86_400
  private static let last: Int64 = 2_932_897 * 86_400 - 1
  private static let epoch = CalendarDate(unchecked: 1970, 1, 1)
}

extension Instant: Comparable, CustomStringConvertible {
  public static func < (left: Instant, right: Instant) -> Bool {
    (left.secondsSince1970, left.nanoseconds) < (right.secondsSince1970, right.nanoseconds)
  }

  /// RFC 3339 in UTC: `2026-11-24T10:11:12Z`; with a fraction of 3, 6 or 9 digits only where it is not zero.
  public var description: String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(30)
    date.write(into: &bytes)
    let time = Int(((secondsSince1970 % 86_400) + 86_400) % 86_400)
    for (mark, part) in zip("T::".utf8, [time / 3600, time / 60 % 60, time % 60]) {
      bytes.append(mark)
      DecimalDigits.write(part, width: 2, into: &bytes)
    }
    if nanoseconds != 0 {
      let nanoseconds = Int(nanoseconds)
      bytes.append(UInt8(ascii: "."))
      if nanoseconds % 1_000_000 == 0 {
        DecimalDigits.write(nanoseconds / 1_000_000, width: 3, into: &bytes)
      } else if nanoseconds % 1000 == 0 {
        DecimalDigits.write(nanoseconds / 1000, width: 6, into: &bytes)
      } else {
        DecimalDigits.write(nanoseconds, width: 9, into: &bytes)
      }
    }
    bytes.append(UInt8(ascii: "Z"))
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Instant {
  /// Reads RFC 3339 (`2026-11-24T10:11:12.5+01:00`), and Salesforce's offset without a colon (`+0000`).
  ///
  /// A leap second is refused: neither system has one. Digits of a fraction beyond the ninth are dropped.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes.count <= 40, bytes[10] | 0x20 == UInt8(ascii: "t"),
      let date = CalendarDate(bytes[0..<10]), let time = Self.time(bytes[11..<19])
    else { return nil }
    var rest = bytes[19...]
    var nanoseconds: Int32 = 0
    if rest.first == UInt8(ascii: ".") {
      let digits = rest.dropFirst().prefix { $0 &- 0x30 < 10 }
      guard let value = Digits.int(digits.prefix(9)) else { return nil }
      nanoseconds = Int32(value)
      for _ in digits.prefix(9).count..<9 { nanoseconds *= 10 }
      rest = rest[digits.endIndex...]
    }
    guard let offset = Self.offset(rest) else { return nil }
    let seconds = Int64(date.daysSince1970) * 86_400 + time - offset
    guard (Self.first...Self.last).contains(seconds) else { return nil }
    self.init(secondsSince1970: seconds, nanoseconds: nanoseconds)
  }

  private static func time(_ bytes: ArraySlice<UInt8>) -> Int64? {
    let start = bytes.startIndex
    guard bytes[start + 2] == UInt8(ascii: ":"), bytes[start + 5] == UInt8(ascii: ":"),
      let hours = Digits.int(bytes[start..<start + 2], max: 23),
      let minutes = Digits.int(bytes[start + 3..<start + 5], max: 59),
      let seconds = Digits.int(bytes[start + 6..<start + 8], max: 59)
    else { return nil }
    return hours * 3600 + minutes * 60 + seconds
  }

  /// Seconds east of Greenwich.
  private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
    guard let first = bytes.first else { return nil }
    if first | 0x20 == UInt8(ascii: "z") { return bytes.count == 1 ? 0 : nil }
    guard first == UInt8(ascii: "+") || first == UInt8(ascii: "-") else { return nil }
    let rest = bytes.dropFirst()
    let hasColon = rest.count == 5 && rest[rest.startIndex + 2] == UInt8(ascii: ":")
    guard hasColon || rest.count == 4, let hours = Digits.int(rest.prefix(2), max: 23),
      let minutes = Digits.int(rest.suffix(2), max: 59)
    else { return nil }
    return (hours * 3600 + minutes * 60) * (first == UInt8(ascii: "-") ? -1 : 1)
  }
}
