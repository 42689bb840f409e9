import Testing

@testable import Expressions

@Suite struct FunctionTests {
  @Test(arguments: Catalogue.all.map(\.name))
  func `a function's example gives what it says`(name: String) throws {
    let function = try #require(Catalogue.functions[name])
    let example = function.example
    let value = try evaluate(example.expression)
    #expect(try value.equals(evaluate(example.result)), "\(example.expression) gave \(value)")
    #expect(refusal(example.expression) == nil)
    #expect(function.usage.contains(name) && function.summary.hasSuffix("."))
  }

  @Test func `names are unique, and the usual ones are there`() {
    #expect(Set(Catalogue.all.map(\.name)).count == Catalogue.all.count)
    #expect(Catalogue.functions["matches"] == nil)
  }

  @Test(arguments: [
    "line(null, 1) == null", "line('a', 2) == null", #"line('a\r\nb', 2) == 'b'"#, #"line('\na', 1) == null"#,
    #"rest('a\nb\n\nc', 2) == 'b, c'"#, "rest('a', 2) == null", "rest(null, 1) == null", "lower(null) == null",
    "url(null) == null", "url('  ') == null", "url('HTTP://a') == 'HTTP://a'", "split('', ';') == []",
    "split('a;;b', ';') == ['a', '', 'b']", "split('abc', '') == ['a', 'b', 'c']", "split('aXXb', 'XX') == ['a', 'b']",
    "join([1, decimal('2.50'), '']) == '12.50'", "sum([]) == 0", "sum([1, null, 2]) == 3",
    "sum([1.5, 2]) == decimal('3.5')",
    "max([]) == null", "[2, decimal('2.5'), 1].max() == 2.5", "['b', 'a'].min() == 'a'", "first([]) == null",
    "''.or('x') == 'x'", "0.or(1) == 0", "false.or(true) == false", "null.or(null) == null",
    "table('letters', null) == null",
    "table('letters', 'z') == null", "link('customer', 'nobody') == null", "named('Custom') == 'Custom'",
    "percent(10) == '10%'", "round(2.5, 0) == 3", "round(-decimal('2.345'), 2) == -decimal('2.35')", "trim('  ') == ''",
    "size('日本') == 2", "size(b'ab') == 2", "size({'a': 1}) == 1", "''.contains('')", "!'a'.contains('ab')",
    "int('-9223372036854775808') == -9223372036854775808", "int(-2.9) == -2", "uint(7.9) == 7u",
    "double('1e2') == 100.0",
    "decimal(0.1) + decimal(0.2) == decimal('0.3')", "string(1.0) == '1'", "string(b'a') == 'a'",
    "string(null) == null",
    "duration('-1h') < duration('0')", "duration('100ms') == duration('0.1s')", "type(null) == null_type",
    "type(type) == type",
    "date(timestamp('2026-11-24T23:30:00-02:00')) == date('2026-11-25')", "bool(true)",
    "date('2024-12-31').getDayOfYear() == 365", "date('1969-12-31').getDayOfWeek() == 3",
    "timestamp('2026-11-24T23:31:00Z').getHours('-02:30') == 21", "duration('3730s').getMinutes() == 62",
    "timestamp('2026-12-31T23:31:00Z').getFullYear('+02:00') == 2027",
    "timestamp('1969-12-31T23:59:58.5Z').getSeconds() == 58", "lower('ẞ') != 'ẞ'",
  ])
  func `edges`(text: String) throws {
    #expect(try evaluate(text) == true)
  }
}
