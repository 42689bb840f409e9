import Formats
import Testing

@testable import Expressions

@Suite struct EvaluatorTests {
  @Test(arguments: [
    "[1, 2, 3].all(x, x > 0)", "![1, 2].all(x, x > 1)", "[1, 2].exists(x, x == 2)", "[1, 2, 2].exists_one(x, x == 1)",
    "![1, 2, 2].exists_one(x, x == 2)", "[1, 2].map(x, x * 2) == [2, 4]", "[1, 2, 3].map(x, x > 1, x * x) == [4, 9]",
    "[1, 2, 3].filter(x, x != 2) == [1, 3]", "{'b': 1, 'a': 2}.map(k, k) == ['a', 'b']", "[].all(x, false)",
    "[[1], [2, 3]].map(x, x.map(y, y + 1)) == [[2], [3, 4]]", "[1].all(x, [2].all(x, x == 2) && x == 1)",
    "has({'a': 1}.a) && !has({'a': 1}.b) && !has({'a': null}.a)",
  ])
  func `macros run over lists and keys`(text: String) throws {
    #expect(try evaluate(text) == true)
    #expect(refusal(text, gives: .bool) == nil)
  }

  @Test(arguments: [
    "true || 1 / 0 > 0", "1 / 0 > 0 || true", "!(false && 1 / 0 > 0)", "!(1 / 0 > 0 && false)",
    "[0, 1].exists(x, 1 / x == 1)",
    "![0, 2].all(x, 4 / x == 1)", "linked('customer', 'pending') || true", "true ? true : 1 / 0 > 0",
  ])
  func `an error is absorbed where the other side decides`(text: String) throws {
    #expect(try evaluate(text) == true)
  }

  @Test(arguments: [
    "1 / 0 > 0 || false", "1 / 0 > 0 && true", "[0, 2].exists(x, 1 / x == 1)", "false || 1 / 0 > 0",
    "[1, 0].map(x, 1 / x)",
  ])
  func `an error stays where nothing decides`(text: String) throws {
    #expect(try failure(text)?.message == "division by zero")
  }

  @Test func `what stands instead of a blank is asked for only where there is one`() throws {
    #expect(try evaluate("'a'.or(link('customer', 'pending'))") == "a")
    #expect(try failure("''.or(link('customer', 'pending'))")?.kind == .pending)
  }

  @Test func `what is still to be read is told from what went wrong`() throws {
    #expect(try failure("linked('customer', 'pending') && true")?.kind == .pending)
    #expect(try failure("nobody")?.kind == .missing)
    #expect(try failure("{'a': 1}.b")?.kind == .missing)
    #expect(try failure("matches('a', 'b')")?.kind == .missing)
  }

  @Test(arguments: [
    ("9223372036854775807 + 1", EvaluationError.Kind.overflow), ("-9223372036854775808 - 1", .overflow),
    ("9223372036854775807 * 2", .overflow), ("-(-9223372036854775808)", .overflow),
    ("-9223372036854775808 / -1", .overflow),
    ("0u - 1u", .overflow), ("decimal('1e37') * decimal('1e37')", .overflow), ("1 % 0", .value), ("1u / 0u", .value),
    ("decimal(1) / 0", .value), ("int(1e19)", .overflow), ("uint(-1)", .overflow), ("1 + 1.0", .value),
    ("'a' + 1", .value),
    ("1 < 'a'", .value), ("null < 1", .value), ("null + 1", .value), ("-'a'", .value), ("!1", .value),
    ("1 ? 2 : 3", .value),
    ("[1][1]", .value), ("[1][-1]", .value), ("{1: 2, 1u: 3}", .value), ("{1.5: 2}", .value), ("1 in 'a'", .value),
    ("timestamp('9999-12-31T23:59:59Z') + duration('1s')", .overflow), ("date('2026-01-01') + duration('1h')", .value),
    ("now().getHours('Europe/Berlin')", .value), ("today().getHours()", .value), ("size(1)", .value),
    ("size()", .value), ("'a'.size('b')", .value), ("int('+5')", .value), ("int('')", .value),
    ("int('--5')", .value), ("double('nan')", .value), ("decimal('x')", .value), ("bool('yes')", .value),
    ("duration('5')", .value),
    ("timestamp('today')", .value), ("date('2026-02-30')", .value), ("line('a', 0)", .value), ("sum(['a'])", .value),
    ("join([[1]], '')", .value), ("[1, 'a'].max()", .value), ("table('nothing', 'a')", .missing),
    ("[1].map(x, x.y)", .value),
  ])
  func `what does not fit is an error, of its kind`(text: String, kind: EvaluationError.Kind) throws {
    #expect(try failure(text)?.kind == kind)
  }

  @Test func `an error knows where it arose`() throws {
    #expect(try failure("1 + (2 / 0)")?.offset == 7)
    #expect(try failure("true && lower(1) == 'a'")?.offset == 8)
  }

  @Test func `numbers of records are exact, and others mix with them`() throws {
    let amounts: [String: Value] = ["a": try decimal("0.1"), "b": try decimal("19.99"), "none": .null]
    for text in [
      "a + 0.2 == decimal('0.3')", "a * 3 == 0.3", "b > 19 && b < 20u", "b / 3 > 6.66", "decimal(10) / 4 == 2.5",
      "-a < 0", "1 - a == 0.9", "a in [0.1]", "none == null && a != null", "none != a",
    ] { #expect(try evaluate(text, amounts) == true, "\(text)") }
    #expect(try evaluate("decimal(1) / 4", amounts) == decimal("0.25"))
  }

  @Test func `numbers are compared by value across types, at the edges too`() throws {
    for text in [
      "1 == 1u && 1 == 1.0 && 1u == 1.0", "9223372036854775807 < 9223372036854775808u",
      "9223372036854775807 < 9223372036854775807.0", "-1 < 0u", "1.5 > 1 && 1.5 < 2u", "decimal('1e30') < 1e300",
      "decimal('0') < 1e-300", "decimal('-1') > -1e300", "0.0 == -0.0", "{1: 'a'}[1u] == 'a' && 1.0 in {1: 'a'}",
      "[1, 2u, 3.0] == [1.0, 2, 3u]", "{'a': 1} == {'a': 1.0}", "!({'a': 1} == {'b': 1})", "'1' != 1", "null == null",
      "0.0 / 0.0 != 0.0 / 0.0", "!(0.0 / 0.0 < 1.0)", "1.0 / 0.0 > 1",
    ] { #expect(try evaluate(text) == true, "\(text)") }
  }

  @Test func `a blank record's fields are blank`() throws {
    #expect(try evaluate("r.Account.ShippingStreet == null", ["r": .record(["Account": .null])]) == true)
    let record = Value.record(["RecordType.DeveloperName": "Customer", "Name": "Acme", "A.B.C": 1])
    #expect(try evaluate("r.RecordType.DeveloperName + r.Name + string(r.A.B.C)", ["r": record]) == "CustomerAcme1")
  }

  @Test func `times and dates have their arithmetic`() throws {
    for text in [
      "timestamp('2026-11-24T10:00:00Z') - timestamp('2026-11-23T10:00:00Z') == duration('24h')",
      "timestamp('2026-11-24T10:00:00Z') + duration('-1.5s') == timestamp('2026-11-24T09:59:58.5Z')",
      "today() + duration('24h') == date('2026-11-25')", "today() - date('2026-11-20') == duration('96h')",
      "date('2026-11-25') > today() && now() > timestamp('2026-11-24T00:00:00Z')",
      "string(duration('1h1.5s')) == '3601.5s'",
      "date(now()) == today()", "int(timestamp('1970-01-01T00:01:00Z')) == 60",
    ] { #expect(try evaluate(text) == true, "\(text)") }
  }

  @Test func `work is bounded`() throws {
    let list = Value.list((0..<2000).map { .int($0) })
    #expect(try failure("l.all(a, l.all(b, a + b >= 0))", ["l": list])?.kind == .limit)
    let doubled = "s" + String(repeating: "+s", count: 20)
    let long = Value.string(String(repeating: "x", count: 100_000))
    #expect(try failure(doubled, ["s": long])?.kind == .limit)
    #expect(try failure("l.all(a, l.all(b, a + b >= 0)) || true", ["l": list])?.kind == .limit)
  }

  @Test func `JSON becomes values, its numbers exact`() throws {
    let body = Value(try JSON.parse(#"{"id":"a","order":4711,"total":19.90,"tags":["x",null,true]}"#))
    for text in ["body.order == 4711", "body.total == decimal('19.9')", "body.tags[2]", "body.tags[1] == null"] {
      #expect(try evaluate(text, ["body": body]) == true, "\(text)")
    }
    #expect(try evaluate("body.total", ["body": body]).plainText == "19.90")
  }
}
