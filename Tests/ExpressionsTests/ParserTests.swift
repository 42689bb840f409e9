import Testing

@testable import Expressions

@Suite struct ParserTests {
  @Test(arguments: [
    ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("10 - 3 - 2", "5"), ("7 / 2 % 2", "1"), ("-2 * -3", "6"),
    ("1 < 2 == true", "true"), ("true || false && false", "true"), ("!true || true", "true"), ("!!true", "true"),
    ("false ? 1 : true ? 2 : 3", "2"), ("1 in [1, 2] && !(3 in [1, 2])", "true"), ("- 5 + 5", "0"),
    ("{'a': 1, 'b': 2}['b'] + {'c': 3}.c", "5"), ("[1, 2,][1]", "2"), ("0x1F", "31"), ("3u == 3", "true"),
    ("1e3 == 1000.0 && .5 == 5e-1", "true"), ("-9223372036854775808 < 0", "true"), ("1 // the rest\n + 1", "2"),
    ("{'a-b': 1}.`a-b`", "1"), ("[[1], [2]][1][0]", "2"), ("1 + 1\n\t+ 1\r\n", "3"),
  ])
  func `operators bind as the specification says`(text: String, result: String) throws {
    #expect(try evaluate("(\(text)) == (\(result))") == true)
  }

  @Test(arguments: [
    ("body.order.id", ["body", "order", "id"]), ("body", ["body"]), ("(a).b", ["a", "b"]), ("a.b + 1", nil),
    ("a['b']", nil), ("a.b.size()", nil), ("has(a.b)", nil), ("'a'", nil),
  ])
  func `an expression that is a variable and fields of it is known as one`(text: String, path: [String]?) throws {
    #expect(try Expression(parsing: text).path == path)
  }

  @Test(arguments: [
    (#"'a\n\t\\\'\"\x41\u00e4\U0001F600\101'"#, "a\n\t\\'\"Aä😀A"), (#"r'\n'"#, "\\n"), ("'''it's\ntwo'''", "it's\ntwo"),
    (#""""say "hi" now""""#, #"say "hi" now"#), (#"R"\d""#, "\\d"), ("''", ""), ("''''''", ""),
  ])
  func `texts are read with their escapes`(text: String, value: String) throws {
    #expect(try evaluate(text) == .string(value))
  }

  @Test func `bytes are read with theirs`() throws {
    #expect(try evaluate(#"b'a\xff\303ä'"#) == .bytes([0x61, 0xFF, 0xC3, 0xC3, 0xA4]))
    #expect(try evaluate(#"br'\x'"#) == .bytes([0x5C, 0x78]))
  }

  @Test(arguments: [
    ("1 +", "1:4: expected a value, got the end"), ("(1", "1:3: expected ')', got the end"),
    ("", "1:1: expected a value, got the end"),
    ("1 2", "1:3: expected an operator or the end, got a number"), ("a = 1", "1:3: a comparison is written '=='"),
    ("a & b", "1:3: '&' is written twice: '&&'"), ("'abc", "1:1: the text has no end"),
    ("1 +\n  'a\nb'", "2:5: a text over several lines stands in three quotes"),
    (#"'\q'"#, #"1:2: '\q' is no escape; a backslash is written '\\'"#),
    (#"'\u12'"#, "1:2: the escape needs 4 hexadecimal digits"),
    (#"'\ud800'"#, "1:2: the escape names no character"), ("9223372036854775808", "1:1: the number is too large"),
    ("18446744073709551616u", "1:1: the number is too large"), ("1e999", "1:1: the number is too large"),
    ("12a", "1:1: a number ends before a letter"), ("if", "1:1: 'if' is a reserved word"),
    ("#", "1:1: unexpected character"),
    ("has(a)", "1:1: has() takes one field: has(record.field)"),
    ("[1].all(x)", "1:5: all() takes a variable and an expression: all(x, …)"),
    ("[1].map(x.y, 1)", "1:11: map() takes a simple name first: map(x, …)"),
    ("a.", "1:3: expected a field's name, got the end"),
    ("f(1,)", "1:5: expected a value, got ')'"), ("!-1", "1:2: expected a value, got '-'"),
    ("a b", "1:3: expected an operator or the end, got 'b'"),
    ("Account{Name: 'a'}", "1:8: messages cannot be made in an expression; a map is written { 'key': value }"),
  ])
  func `a mistake is named where it is`(text: String, error: String) {
    #expect(refusal(text) == error)
  }

  @Test func `every beginning of an expression is read or refused, and nothing traps`() {
    let text =
      #"a.b[1u].or(-0x1f) in [r'x', """y""", b'\x00'] ? {1: has(a.b)}.all(k, k > 1.5e3) : !c || `d` && x(null,"é")"#
    for end in text.indices { _ = refusal(String(text[..<end])) }
    for start in text.indices { _ = refusal(String(text[start...])) }
  }

  @Test func `nesting and length are bounded`() {
    let deep = { (open: String, close: String, count: Int) in
      String(repeating: open, count: count) + "1" + String(repeating: close, count: count)
    }
    #expect(refusal(deep("(", ")", 32)) == nil)
    #expect(refusal(deep("[", "]", 32)) == nil)
    for (open, close) in [("(", ")"), ("[", "]"), ("-", ""), ("!", ""), ("true?1:", ""), ("f(", ")"), ("{1:", "}")] {
      #expect(refusal(deep(open, close, 2000))?.hasSuffix("nested too deeply") == true, "\(open)")
    }
    #expect(refusal("1" + String(repeating: "+1", count: 200)) == nil)
    #expect(refusal("1" + String(repeating: "+1", count: 2000))?.hasSuffix("nested too deeply") == true)
    #expect(refusal(String(repeating: " ", count: 20_000))?.contains("longer than") == true)
  }
}
