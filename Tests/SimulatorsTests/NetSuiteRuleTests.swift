import Formats
import Testing

@testable import Simulators

/// Where the record API is strict, and where it has its traps.
@Suite struct NetSuiteRuleTests {
  private func detail(_ body: () throws -> Void) -> String {
    do { try body() } catch let error as NetSuiteError { return error.detail } catch { return "\(error)" }
    return "nothing was refused"
  }

  @Test func `external ids are unique over a group, whatever the case`() async throws {
    let sandbox = try SandboxTests.make()
    let erp = sandbox.netsuite
    let customer = try SandboxTests.customer(erp, "A", ["externalId": "crm-001A"])
    #expect(
      detail { _ = try SandboxTests.customer(erp, "B", ["externalId": "CRM-001a"]) }.contains(
        "This entity already exists."))
    #expect(
      detail {
        try erp.create(
          "contact", ["firstName": "X", "subsidiary": ["id": "1"], "externalId": "crm-001a"])
      }.contains("already exists"))
    let widget = try #require(sandbox.data.products["WIDGET-100"])
    let order: JSONObject = [
      "entity": ["id": .string(customer)], "externalId": "crm-006A",
      "item": ["items": [SandboxTests.line(widget.item, 1, "5")]],
    ]
    try erp.create("salesOrder", order)
    #expect(detail { try erp.create("salesOrder", order) }.contains("This record already exists."))
    await sandbox.stop()
  }

  @Test func `lines without a key are appended, with one they are changed`() async throws {
    let sandbox = try SandboxTests.make()
    let erp = sandbox.netsuite
    let customer = try SandboxTests.customer(erp)
    let widget = try #require(sandbox.data.products["WIDGET-100"])
    let order = try erp.create(
      "salesOrder", ["entity": ["id": .string(customer)], "item": ["items": [SandboxTests.line(widget.item, 1, "5")]]])
    func count() -> Int? { erp.record("salesOrder", order)?["item"]?["items"]?.array?.count }
    try erp.update("salesOrder", order, ["item": ["items": [SandboxTests.line(widget.item, 1, "5")]]])
    #expect(count() == 2)
    try erp.update("salesOrder", order, ["item": ["items": [["line": 1, "quantity": 4]]]])
    #expect(count() == 2)
    #expect(erp.record("salesOrder", order)?["total"]?.decimal == ExactDecimal(25))
    try erp.update("salesOrder", order, ["item": ["items": [["line": 1, "quantity": 2]]]], replace: ["item"])
    #expect(count() == 1)
    await sandbox.stop()
  }

  @Test func `a rate of one's own stands only under the price level Custom`() async throws {
    let sandbox = try SandboxTests.make()
    let erp = sandbox.netsuite
    let customer = try SandboxTests.customer(erp)
    let widget = try #require(sandbox.data.products["WIDGET-100"])
    for (level, total) in [("-1", 5), ("1", 120), (nil, 120)] as [(String?, Int64)] {
      let order = try erp.create(
        "salesOrder",
        [
          "entity": ["id": .string(customer)],
          "item": ["items": [SandboxTests.line(widget.item, 1, "5", level: level)]],
        ])
      #expect(erp.record("salesOrder", order)?["total"]?.decimal == ExactDecimal(total))
    }
    await sandbox.stop()
  }

  @Test func `references, required fields, currencies and unknown names are checked`() async throws {
    let sandbox = try SandboxTests.make()
    let erp = sandbox.netsuite
    let customer = try SandboxTests.customer(erp)
    let widget = try #require(sandbox.data.products["WIDGET-100"])
    #expect(
      detail { try erp.create("customer", ["subsidiary": ["id": "1"]]) }.contains(
        "You must enter a value for Company Name."))
    #expect(detail { try erp.create("customer", ["companyName": "A"]) }.contains("Primary Subsidiary"))
    #expect(
      detail { _ = try SandboxTests.customer(erp, "A", ["terms": ["id": "99"]]) }.contains("Invalid Field Value 99"))
    #expect(detail { _ = try SandboxTests.customer(erp, "A", ["nme": "x"]) }.contains("nme"))
    #expect(
      detail { try erp.create("salesOrder", ["entity": ["id": .string(customer)]]) }.contains("at least one line"))
    let lines: JSON = ["items": [SandboxTests.line(widget.item, 1, "5")]]
    #expect(
      detail {
        try erp.create(
          "salesOrder", ["entity": ["id": .string(customer)], "currency": ["refName": "EUR"], "item": lines])
      }.contains("currency"))
    #expect(
      detail {
        try erp.create(
          "salesOrder", ["entity": ["id": .string(customer)], "item": ["items": [SandboxTests.line("9999", 1)]]])
      }.contains("Invalid Field Value 9999 for the following field: item"))
    await sandbox.stop()
  }

  @Test func `what is stored has NetSuite's own form`() async throws {
    let sandbox = try SandboxTests.make()
    let erp = sandbox.netsuite
    let customer = try SandboxTests.customer(
      erp, "  Acme  ",
      [
        "url": "WWW.Acme.example", "phone": "555-123-4567",
        "addressBook": [
          "items": [
            ["defaultBilling": true, "addressBookAddress": ["addr1": "1 Main St ", "country": ["id": "US"]]],
            ["defaultBilling": true, "addressBookAddress": ["addr1": "2 Main St"]],
          ]
        ],
      ])
    let record = try #require(erp.record("customer", customer))
    #expect(record["companyName"]?.string == "Acme")
    #expect(record["url"]?.string == "http://www.acme.example/")
    #expect(record["phone"]?.string == "(555) 123-4567")
    let lines = record["addressBook"]?["items"]
    #expect(lines?[0]?["defaultBilling"]?.bool == false)
    #expect(lines?[1]?["defaultBilling"]?.bool == true)
    #expect(lines?[0]?["addressBookAddress"]?["addr1"]?.string == "1 Main St")
    let rows = try erp.query(
      "SELECT b.internalid, a.addr1, b.defaultbilling, a.country FROM customeraddressbook b JOIN "
        + "customeraddressbookentityaddress a ON a.nkey = b.addressbookaddress WHERE b.entity = ? ORDER BY 1",
      [customer])
    #expect(rows.map { $0["defaultbilling"]?.string } == ["F", "T"])
    await sandbox.stop()
  }

  @Test func `a locked record can be queried and not be read`() async throws {
    let sandbox = try SandboxTests.make()
    let customer = try SandboxTests.customer(sandbox.netsuite)
    sandbox.netsuite.lock("customer", customer)
    #expect(detail { try sandbox.netsuite.update("customer", customer, ["fax": "555-123-4567"]) }.contains("locked"))
    #expect(try sandbox.netsuite.query("SELECT id FROM customer").count == 1)
    await sandbox.stop()
  }

  @Test(arguments: [
    ("SELECT foo FROM customer", "Field 'foo' not found."), ("SELECT id FROM nothing", "'nothing' was not found"),
    ("SELECT id FROM transaction WHERE trandate = '2026-01-01'", "TO_DATE"),
    ("SELECT entity, id FROM transaction GROUP BY entity", "GROUP BY"),
    ("WITH x AS (SELECT 1) SELECT * FROM x", "WITH"),
  ])
  func `SuiteQL refuses what it cannot run`(query: String, sentence: String) async throws {
    let sandbox = try SandboxTests.make()
    let widget = try #require(sandbox.data.products["WIDGET-100"])
    let customer = try SandboxTests.customer(sandbox.netsuite)
    try sandbox.netsuite.create(
      "salesOrder", ["entity": ["id": .string(customer)], "item": ["items": [SandboxTests.line(widget.item, 1, "5")]]])
    #expect(detail { _ = try sandbox.netsuite.query(query) }.contains(sentence))
    await sandbox.stop()
  }

  @Test func `sums, cases, dates and names come out of SuiteQL as they do there`() async throws {
    let sandbox = try SandboxTests.make()
    let erp = sandbox.netsuite
    let widget = try #require(sandbox.data.products["WIDGET-100"])
    let customer = try SandboxTests.customer(erp)
    for (date, rate) in [("2026-11-04", "5.50"), ("2026-11-14", "7.25")] {
      try erp.create(
        "invoice",
        [
          "entity": ["id": .string(customer)], "tranDate": .string(date),
          "item": ["items": [SandboxTests.line(widget.item, 2, rate)]],
        ])
    }
    let rows = try erp.query(
      "SELECT c.symbol AS currency, SUM(t.foreignamountunpaid) AS open, COUNT(*) AS n, MIN(t.trandate) AS first, "
        + "SUM(CASE WHEN TO_DATE(?, 'YYYY-MM-DD') - t.duedate BETWEEN 1 AND 5 THEN t.foreignamountunpaid ELSE 0 END) AS late, "
        + "TO_CHAR(MAX(t.trandate), 'YYYY-MM-DD') AS last FROM transaction t JOIN currency c ON c.id = t.currency "
        + "WHERE t.entity = ? AND t.type IN ('CustInvc') GROUP BY c.symbol", ["2026-11-17", customer])
    #expect(
      rows == [
        [
          "links": [], "currency": "USD", "open": "25.5", "n": "2", "first": "11/4/2026", "late": "14.5",
          "last": "2026-11-14",
        ]
      ])
    let lines = try erp.query(
      "SELECT quantity, foreignamount, BUILTIN.DF(item) AS item FROM transactionline WHERE mainline = 'F' ORDER BY uniquekey"
    )
    #expect(lines.first?["quantity"]?.string == "-2")
    #expect(lines.first?["item"]?.string == "WIDGET-100")
    let names = try erp.query("SELECT DISTINCT BUILTIN.DF(status) AS status FROM transaction")
    #expect(names.first?["status"]?.string == "Invoice : Open")
    await sandbox.stop()
  }
}
