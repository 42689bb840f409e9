import Formats
import Testing

@Suite struct CalendarTests {
  @Test func `every day of 9999 years has its number and comes back`() throws {
    var day = try #require(CalendarDate("0001-01-01"))
    #expect(CalendarDate(daysSince1970: day.daysSince1970 - 1) == nil)
    for number in stride(from: day.daysSince1970, through: 2_932_896, by: 13) {
      day = try #require(CalendarDate(daysSince1970: number))
      #expect(day.daysSince1970 == number)
    }
    #expect(CalendarDate("1970-01-01")?.daysSince1970 == 0)
    #expect(CalendarDate("9999-12-31")?.daysSince1970 == 2_932_896)
    #expect(CalendarDate("2000-02-29")?.daysSince1970 == 11_016)
  }

  @Test func `days are added over the ends of months`() throws {
    let day = try #require(CalendarDate("2026-11-24"))
    #expect(day.adding(days: 30).description == "2026-12-24")
    #expect(day.adding(days: 99).description == "2027-03-03")
    #expect(day.adding(days: -24).description == "2026-10-31")
    #expect(day.adding(days: .max).description == "9999-12-31")
    #expect(day.adding(days: .min).description == "0001-01-01")
    #expect(day < day.adding(days: 1))
  }

  @Test(arguments: [
    "", "2026-11-31", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "0000-01-01", "2026-1-1",
    "2026-11-24 ", "+026-11-24", "2026/11/24", "20261124",
  ])
  func `what is no day is nil`(text: String) {
    #expect(CalendarDate(text) == nil)
  }

  @Test(arguments: [
    ("2020-05-08T13:40:22.000Z", "2020-05-08T13:40:22Z"), ("2020-05-08T13:40:22.000+0000", "2020-05-08T13:40:22Z"),
    ("2026-11-24T01:30:00.5+02:00", "2026-11-23T23:30:00.500Z"), ("2026-11-24t01:30:00z", "2026-11-24T01:30:00Z"),
    ("1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.250Z"),
    ("2026-01-01T00:00:00.1234567899-0830", "2026-01-01T08:30:00.123456789Z"),
    ("2026-01-01T00:00:00.000123Z", "2026-01-01T00:00:00.000123Z"),
  ])
  func `an instant is read in every offset and written in UTC`(text: String, written: String) throws {
    let instant = try #require(Instant(text))
    #expect(instant.description == written)
    #expect(Instant(written) == instant)
    #expect(Instant(millisecondsSince1970: instant.millisecondsSince1970).secondsSince1970 == instant.secondsSince1970)
  }

  @Test(arguments: [
    "", "2026-11-24", "2026-11-24T10:11:12", "2026-11-24T24:00:00Z", "2026-11-24T10:60:00Z", "2026-06-30T23:59:60Z",
    "2026-11-24T10:11:12.Z", "2026-11-24T10:11:12+1", "2026-11-24T10:11:12+24:00", "2026-11-24 10:11:12Z",
    "2026-11-24T10:11:12Zx", "0001-01-01T00:00:00+01:00", "2026-11-24T1a:11:12Z",
  ])
  func `what is no instant is nil`(text: String) {
    #expect(Instant(text) == nil)
  }

  @Test func `time is added and never wraps`() throws {
    let instant = try #require(Instant("2026-11-24T10:11:12.900Z"))
    #expect(instant.adding(milliseconds: 200).description == "2026-11-24T10:11:13.100Z")
    #expect(instant.adding(milliseconds: -901).description == "2026-11-24T10:11:11.999Z")
    #expect(instant.adding(seconds: 86_400).date.description == "2026-11-25")
    #expect(instant.adding(seconds: .max).date.year == 9999)
    #expect(instant.adding(seconds: .min).date.year == 1)
    #expect(instant.millisecondsSince1970 == 1_795_515_072_900)
    #expect(instant.seconds(since: instant.adding(milliseconds: 1)) == -1)
    #expect(Instant(millisecondsSince1970: -1).description == "1969-12-31T23:59:59.999Z")
  }

  @Test func `digits are digits and nothing else`() {
    #expect(Digits.int("0") == 0)
    #expect(Digits.int("007") == 7)
    #expect(Digits.int("9223372036854775807") == .max)
    for text in ["", "+5", "-5", " 5", "5 ", "1e3", "٣", "9223372036854775808", "0x1"] {
      #expect(Digits.int(text) == nil)
    }
    #expect(Digits.int("100", max: 99) == nil)
  }
}
