import Crypto
import Formats
import Foundation
import Testing

@testable import Simulators

/// The story as people and the product would do it, through the rules of both systems.
@Suite struct SandboxTests {
  static func make() throws -> Sandbox {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-\(UUID().uuidString)").path
    return try Sandbox(Sandbox.Options(folder: folder)) { _, _, _ in Delivered(status: 200, body: Self.acknowledgement)
    }
  }

  static let acknowledgement = Array(
    """
    <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">
    <soapenv:Body>
    <notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound">
    <Ack>true</Ack>
    </notificationsResponse>
    </soapenv:Body>
    </soapenv:Envelope>
    """.utf8)

  static func customer(_ erp: NetSuiteSimulator, _ name: String = "Acme", _ more: JSONObject = [:]) throws -> String {
    var body: JSONObject = ["companyName": .string(name), "subsidiary": ["refName": "Parent Company"]]
    for (key, value) in more { body[key] = value }
    return try erp.create("customer", body)
  }

  static func line(_ item: String, _ quantity: Int64, _ rate: String? = nil, level: String? = "-1") -> JSON {
    var line: JSONObject = ["item": ["id": .string(item)], "quantity": .number(quantity)]
    if let rate { line["rate"] = .string(rate) }
    if let level { line["price"] = ["id": .string(level)] }
    return .object(line)
  }

  @Test func `an order is shipped, billed and partly paid`() async throws {
    let sandbox = try Self.make()
    let erp = sandbox.netsuite
    let widget = try #require(sandbox.data.products["WIDGET-100"])
    let customer = try Self.customer(erp)
    let order = try erp.create(
      "salesOrder",
      [
        "entity": ["id": .string(customer)], "externalId": "crm-006A", "orderStatus": ["id": "B"],
        "item": ["items": [Self.line(widget.item, 3, "100.10")]],
      ])
    #expect(erp.record("salesOrder", order)?["status"]?["refName"]?.string == "Pending Fulfillment")
    #expect(erp.record("salesOrder", order)?["total"]?.decimal == ExactDecimal("300.3"))
    #expect(throws: NetSuiteError.self) { try erp.transform("salesOrder", order, to: "invoice", [:]) }
    let shipment = try erp.transform(
      "salesOrder", order, to: "itemFulfillment",
      [
        "shipStatus": ["id": "C"], "item": ["items": [["orderLine": 1, "quantity": 2, "itemReceive": true]]],
        "package": ["items": [["packageTrackingNumber": "1Z999", "packageWeight": 1]]],
      ])
    #expect(erp.record("salesOrder", order)?["status"]?["refName"]?.string == "Pending Billing/Partially Fulfilled")
    try erp.transform("salesOrder", order, to: "itemFulfillment", [:])
    #expect(erp.record("salesOrder", order)?["status"]?["refName"]?.string == "Pending Billing")
    let invoice = try erp.transform("salesOrder", order, to: "invoice", [:])
    #expect(erp.record("salesOrder", order)?["status"]?["refName"]?.string == "Billed")
    try erp.create(
      "customerPayment",
      [
        "customer": ["id": .string(customer)], "payment": 100,
        "apply": ["items": [["doc": ["id": .string(invoice)], "apply": true, "amount": 100]]],
      ])
    #expect(erp.record("invoice", invoice)?["amountRemaining"]?.decimal == ExactDecimal("200.3"))
    let bills = try erp.query(
      "SELECT t.id, t.tranid AS number, t.foreigntotal AS total, t.foreignamountunpaid AS due FROM transaction t "
        + "JOIN transactionline l ON l.transaction = t.id AND l.mainline = 'T' "
        + "WHERE l.createdfrom = ? AND t.type IN ('CustInvc', 'CashSale') ORDER BY t.id", [order])
    #expect(bills == [["links": [], "id": .string(invoice), "number": "INV1001", "total": "300.3", "due": "200.3"]])
    let packages = try erp.query(
      "SELECT t.id, n.trackingnumber AS tracking FROM transaction t JOIN transactionline l ON l.transaction = t.id AND "
        + "l.mainline = 'T' JOIN trackingnumbermap m ON m.transaction = t.id JOIN trackingnumber n ON n.id = "
        + "m.trackingnumber WHERE l.createdfrom = ? AND t.type = 'ItemShip' ORDER BY t.id", [order])
    #expect(packages == [["links": [], "id": .string(shipment), "tracking": "1Z999"]])
    await sandbox.stop()
  }

  @Test func `an opportunity's amount, price book and stage follow its products`() async throws {
    let sandbox = try Self.make()
    let crm = sandbox.salesforce
    let account = try crm.create("Account", ["Name": "  Acme  ", "BillingCountry": "Germany", "Website": ""])
    let deal = try crm.create(
      "Opportunity",
      ["Name": "Deal", "AccountId": .string(account), "StageName": "Prospecting", "CloseDate": "2026-12-01"])
    let widget = try #require(sandbox.data.products["WIDGET-100"])
    try crm.create(
      "OpportunityLineItem",
      ["OpportunityId": .string(deal), "PricebookEntryId": .string(widget.entry), "Quantity": 2, "UnitPrice": "99.5"])
    try crm.update("Opportunity", deal, ["StageName": "Closed Won", "Amount": 5])
    let found = try crm.query(
      "SELECT Id, IsWon, HasOpportunityLineItem, Amount, Account.Name, Account.BillingCountryCode, Account.Website, "
        + "(SELECT TotalPrice FROM OpportunityLineItems) FROM Opportunity WHERE StageName = 'closed won' AND Account.Name LIKE 'ac%'"
    )
    #expect(found.count == 1)
    #expect(found.first?["IsWon"]?.bool == true)
    #expect(found.first?["Amount"]?.text == "199.0")
    #expect(found.first?["Account"]?["Name"]?.string == "Acme")
    #expect(found.first?["Account"]?["BillingCountryCode"]?.string == "DE")
    #expect(found.first?["Account"]?["Website"] == .null)
    #expect(found.first?["OpportunityLineItems"]?["totalSize"]?.int == 1)
    await sandbox.stop()
  }
}
