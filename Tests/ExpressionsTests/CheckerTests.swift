import Testing

@testable import Expressions

@Suite struct CheckerTests {
  @Test(arguments: [
    ("salesforce.Amount * 2", "1:12: 'salesforce.Amount' may be blank: give it a value with .or(…)"),
    ("2 - salesforce.Amount", "1:16: 'salesforce.Amount' may be blank: give it a value with .or(…)"),
    ("-salesforce.Amount", "1:13: 'salesforce.Amount' may be blank: give it a value with .or(…)"),
    ("salesforce.Amount > 0", "1:12: 'salesforce.Amount' may be blank: give it a value with .or(…)"),
    ("salesforce.Name + 'x'", "1:12: 'salesforce.Name' may be blank: give it a value with .or(…)"),
    ("percent(salesforce.Amount)", "1:20: 'salesforce.Amount' may be blank: give it a value with .or(…)"),
    ("salesforce.Name.contains('a')", "1:12: 'salesforce.Name' may be blank: give it a value with .or(…)"),
    ("line(salesforce.Name, 1) + 'x'", "1:1: this may be blank: give it a value with .or(…)"),
    ("[1].max() > 2", "1:5: this may be blank: give it a value with .or(…)"),
    ("null + 1", "1:1: this may be blank: give it a value with .or(…)"),
    ("salesforce.Amuont == 1", "1:12: salesforce Opportunity has no field 'Amuont'; did you mean 'Amount'?"),
    (
      "salesforce.RecordType.Developername == ''",
      "1:23: salesforce Opportunity.RecordType has no field 'Developername'; did you mean 'DeveloperName'?"
    ),
    ("salesforce.Zzz", "1:12: salesforce Opportunity has no field 'Zzz'"),
    ("netsiute.id", "1:1: there is no 'netsiute' here; did you mean 'netsuite'?"),
    ("lenght(lines)", "1:1: there is no function 'lenght'"),
    ("siez(lines)", "1:1: there is no function 'siez'; did you mean 'size'?"),
    (
      "salesforce.Id.matches('a')",
      "1:15: matches() is left out of this language: use contains(), startsWith() or endsWith()"
    ),
    ("salesforce.IsWon && salesforce.Id", "1:32: expected bool, got text"),
    ("!salesforce.Id", "1:13: expected bool, got text"),
    ("salesforce.Id ? 1 : 2", "1:12: expected bool, got text"),
    ("salesforce.IsWon ? 1 : 'a'", "1:18: both results have to be of one type, got int and text"),
    ("salesforce.Id == 1", "1:15: text and int are never equal"),
    ("salesforce.CloseDate == now()", "1:22: date and time are never equal"),
    ("salesforce.Id in [1]", "1:15: text is never in a list of int"),
    ("1 in 'a'", "1:3: 'in' needs a list or a map, got text"),
    ("salesforce.Id < 1", "1:15: text and int have no order: '<'"),
    ("1 + 1.0", "1:3: '+' does not take int and double"),
    ("'a' - 'b'", "1:5: '-' does not take text and text"), ("salesforce.Id.x", "1:15: text has no field 'x'"),
    ("1[0]", "1:2: int has no elements"),
    ("lines['a']", "1:7: a list's index is an int, got text"),
    ("lines.map(l, l.netsuite)", "1:16: line has no field 'netsuite'"),
    ("lines.all(l, l.salesforce.Quantity)", "1:27: expected bool, got decimal"),
    ("salesforce.Id.all(x, true)", "1:15: all() needs a list, got text"),
    ("lines.all(l, true) && l == 1", "1:23: there is no 'l' here"),
    ("lower(1)", "1:7: lower() expected text (or a blank), got int"),
    ("size()", "1:1: size() does not take 0 values: size(text or list)"),
    ("salesforce.Amount.or('a')", "1:19: or() does not take decimal that may be blank and text: value.or(instead)"),
    ("has(salesforce.Nmae)", "1:16: salesforce Opportunity has no field 'Nmae'; did you mean 'Name'?"),
    ("-'a'", "1:1: '-' needs a number, got text"),
  ])
  func `what cannot work is refused, where it is`(text: String, error: String) {
    #expect(refusal(text, order) == error)
  }

  @Test(arguments: [
    ("salesforce.IsWon && !salesforce.IsWon", ValueType.bool), ("salesforce.Amount == null", .bool),
    ("salesforce.Amount != 5", .bool),
    ("salesforce.Discount.or(0) > 0", .bool), ("-salesforce.Discount.or(0)", .decimal),
    ("percent(-salesforce.Discount.or(0))", .string),
    ("salesforce.Ship_Street__c.or(salesforce.Account.ShippingStreet)", .optional(.string)),
    ("salesforce.Ship_Street__c.or(salesforce.Account.ShippingStreet).or('')", .string),
    ("line(salesforce.Name, 1)", .optional(.string)),
    ("sum(lines.map(l, l.salesforce.TotalPrice)) == netsuite.subtotal", .bool),
    ("sum(lines.map(l, l.salesforce.Quantity))", .decimal),
    ("size(lines) > 0 ? lines[0].salesforce.TotalPrice : null", .optional(.decimal)),
    ("netsuite.status in ['Billed', 'Closed']", .bool),
    (
      "salesforce.RecordType.DeveloperName == 'Reseller' ? named('Reseller') : table('category', salesforce.Name)",
      .optional(.string)
    ),
    ("lines.map(l, l.salesforce.Quantity).max()", .optional(.decimal)), ("ar.open + 1", .dyn),
    ("ar.rows.exists(r, r.a >= today())", .bool),
    ("split(salesforce.Name, ';')", .list(.string)), ("salesforce.Amount.or(0) * 1.19", .decimal),
    ("[1, decimal(2)]", .list(.decimal)),
    ("first([salesforce.Name, netsuite.status])", .optional(.string)), ("upper(salesforce.Id)", .string),
    ("upper(salesforce.Name)", .optional(.string)),
    ("lines.filter(l, l.salesforce.Quantity > 1)", order.variables["lines"] ?? .dyn),
    ("{'a': 1}.map(k, k)", .list(.string)),
    ("string(salesforce.Amount)", .optional(.string)), ("type(1) == int", .bool), ("has(salesforce.Name)", .bool),
    ("salesforce['Id']", .string), ("linked('customer', salesforce.Name) ? 1 : 2.5 > 2.0 ? 2 : 3", .int),
    ("salesforce.CloseDate.or(today()) < today()", .bool), ("ar.or(0)", .dyn), ("[null, 1]", .list(.optional(.int))),
  ])
  func `what works has its type`(text: String, type: ValueType) throws {
    #expect(try Expression(parsing: text).check(order) == type)
  }

  @Test func `the result has to fit its place`() {
    #expect(refusal("salesforce.Id", order, gives: .bool) == "1:12: expected bool, got text")
    #expect(
      refusal("salesforce.Amount", order, gives: .decimal)
        == "1:12: expected decimal, got decimal that may be blank; give it a value with .or(…)")
    #expect(refusal("salesforce.Amount", order, gives: .optional(.decimal)) == nil)
    #expect(refusal("1", order, gives: .decimal) == nil)
    #expect(refusal("ar", order, gives: .bool) == nil)
    #expect(refusal("null", order, gives: .optional(.bool)) == nil)
  }

  @Test func `a place may allow only some functions`() {
    let scope = Scope(["body": .dyn], functions: ["size"])
    #expect(refusal("body.id.size() > 0", scope) == nil)
    #expect(refusal("linked('customer', body.id)", scope) == "1:1: linked() cannot be used here")
  }

  @Test func `paths are all that is read`() throws {
    let paths = { (text: String) in try Expression(parsing: text).paths.map { $0.joined(separator: ".") } }
    #expect(
      try paths("salesforce.RecordType.DeveloperName == 'a' && salesforce.Name.or(salesforce.Name) != netsuite.id")
        == ["salesforce.RecordType.DeveloperName", "salesforce.Name", "netsuite.id"])
    #expect(try paths("sum(lines.map(l, l.salesforce.Total))") == ["lines", "lines.salesforce.Total"])
    #expect(try paths("rows[0].a + rows['b'] + rows[x.y].c") == ["rows.a", "rows.b", "rows.c", "x.y"])
    #expect(try paths("has(a.b) && [1].exists(a, a > c)") == ["a.b", "c"])
    #expect(try paths("a.filter(x, x.on).map(y, y.z)") == ["a", "a.on"])
    #expect(try paths("a.exists(x, x.on) && x.off") == ["a", "a.on", "x.off"])
    #expect(try paths("'a' + lower('b')") == [])
    #expect(try paths("[1].map(a, a + .a.b)") == ["a.b"])
  }

  @Test func `calls are known with their literal arguments`() throws {
    let calls = try Expression(parsing: "table('terms', salesforce.Terms).or(named('Net 30'))").calls
    #expect(calls.map(\.function) == ["or", "table", "named"])
    #expect(calls[1].arguments == ["terms", nil])
    #expect(calls[2].arguments == ["Net 30"])
  }
}
