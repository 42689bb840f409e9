import Formats

/// Chapters 2, 3 and 5: orders.
extension Story {
  static let shown = [
    "NetSuite_Order_Id__c", "NetSuite_Number__c", "NetSuite_Status__c", "NetSuite_Total__c", "Tracking__c",
    "Shipped_On__c", "Invoice_Numbers__c", "Invoiced__c", "Amount_Due__c", "Sync_State__c", "Sync_Message__c",
  ]

  @Sendable static func opportunityBecomesOrder(_ story: Story, _ scene: inout Scene) async throws {
    let (crm, erp) = (story.sandbox.salesforce, story.sandbox.netsuite)
    scene.say("an account from before: nothing told the product of it")
    var old: JSONObject = ["Name": "Borealis Shipyard"]
    for (name, value) in address.members { old[name] = value }
    let account = try crm.silently { try crm.create("Account", old) }
    scene.say("its opportunity is won; NetSuite commits the order and breaks the connection before it answers")
    erp.add(Fault(.closeAfterCommit, method: "POST", path: "/salesOrder"))
    crm.add(Fault(.closeAfterCommit, method: "PATCH", path: "/sobjects/Opportunity"))
    let lines = [
      try story.line("WIDGET-100", "3", "99.95"), try story.line("CABLE-2M", "12.5", "8.75"),
      try story.line("INSTALL-DAY", "1", "950"),
    ]
    let deal = try story.deal(
      "Borealis, first fit-out", account, lines,
      ["PO_Number__c": "PO-7731", "Order_Notes__c": "Leave at the gate.", "Requested_Date__c": "2026-12-18"])
    scene.deal = deal
    scene.order = try await story.order(of: deal)
    try await story.settled()
    let customer = try await story.customer(of: account)
    let order = try await story.erp.record("salesOrder", scene.order)
    scene.findings.expect(
      "order", order,
      has: [
        "entity": .string(customer), "currency": "USD", "tranDate": "2026-12-01", "otherRefNum": "PO-7731",
        "shipDate": "2026-12-18", "memo": "Leave at the gate.", "externalId": .string("crm-\(deal)"),
        "subtotal": number("1359.23"), "total": number("1359.23"),
      ])
    expectLines(order, lines, &scene.findings)
    let row = try await story.crm.record("Opportunity", deal, shown)
    scene.findings.expect(
      "opportunity", row,
      has: [
        "NetSuite_Number__c": order["tranId"] ?? .null, "NetSuite_Status__c": "Awaiting approval",
        "NetSuite_Total__c": number("1359.23"), "Sync_State__c": "synced", "Sync_Message__c": nil, "Tracking__c": nil,
      ])
    scene.findings.expect(
      "the customer's name", try await story.erp.record("customer", customer)["companyName"], is: "Borealis Shipyard")
    try await story.expectOne(deal, order: scene.order, &scene.findings)

    scene.say("Salesforce delivers the same messages a second time")
    let (before, received) = (story.allWrites, try await story.product.work().received)
    let answers = await story.tape.replay(containing: deal)
    try await story.settled()
    scene.findings.expect(
      "the second delivery was acknowledged", !answers.isEmpty && answers.allSatisfy { $0 == 200 || $0 == 202 })
    scene.findings.expect("it was counted", try await story.product.work().received > received)
    scene.findings.expect("it changed nothing", story.allWrites == before)
  }

  @Sendable static func orderIsShippedAndBilled(_ story: Story, _ scene: inout Scene) async throws {
    let (erp, deal, order) = (story.sandbox.netsuite, scene.deal, scene.order)
    scene.say("the order is approved in NetSuite")
    try erp.update("salesOrder", order, ["orderStatus": ["id": "B"]])
    try await story.until(deal, "NetSuite_Status__c", is: "Open")
    scene.say("the order is shipped")
    let shipment = try erp.transform(
      "salesOrder", order, to: "itemFulfillment",
      [
        "shipStatus": ["id": "C"],
        "package": ["items": [["packageTrackingNumber": "1Z-77-4410", "packageWeight": 2]]],
      ])
    try await story.until(deal, "Tracking__c", is: "1Z-77-4410")
    try await story.settled()
    let shipped = try await story.erp.record("itemFulfillment", shipment)
    var row = try await story.crm.record("Opportunity", deal, shown)
    scene.findings.expect(
      "opportunity", row,
      has: [
        "NetSuite_Status__c": "Shipped", "Tracking__c": "1Z-77-4410", "Shipped_On__c": shipped["shippedDate"] ?? .null,
      ])
    scene.say("the order is invoiced")
    let invoice = try erp.transform("salesOrder", order, to: "invoice", [:])
    try await story.until(deal, "NetSuite_Status__c", is: "Invoiced")
    try await story.settled()
    let bill = try await story.erp.record("invoice", invoice)
    row = try await story.crm.record("Opportunity", deal, shown)
    scene.findings.expect(
      "opportunity", row,
      has: [
        "Invoice_Numbers__c": bill["tranId"] ?? .null, "Invoiced__c": number("1359.23"),
        "Amount_Due__c": number("1359.23"),
      ])
    scene.say("a part of the invoice is paid")
    try erp.transform("invoice", invoice, to: "customerPayment", ["payment": "359.23"])
    try await Probe.wait(for: "the opportunity's amount due") {
      try await story.crm.record("Opportunity", deal, shown)["Amount_Due__c"]?.decimal == ExactDecimal("1000")
    }
    try await story.settled()
    row = try await story.crm.record("Opportunity", deal, shown)
    scene.findings.expect(
      "opportunity", row,
      has: [
        "NetSuite_Status__c": "Invoiced", "Invoiced__c": number("1359.23"), "Amount_Due__c": 1000,
        "Tracking__c": "1Z-77-4410", "Sync_State__c": "synced",
      ])
    try await story.expectOne(deal, order: order, &scene.findings)
  }

  @Sendable static func unknownProduct(_ story: Story, _ scene: inout Scene) async throws {
    let (crm, erp) = (story.sandbox.salesforce, story.sandbox.netsuite)
    let bench = try crm.create("Product2", ["Name": "Granite bench", "ProductCode": "BENCH-9", "IsActive": true])
    let entry = try crm.create(
      "PricebookEntry",
      [
        "Product2Id": .string(bench), "Pricebook2Id": .string(story.sandbox.data.standardPriceBook),
        "UnitPrice": "1450",
        "IsActive": true, "CurrencyIsoCode": "USD",
      ])
    scene.say("an opportunity is won with a product that NetSuite does not know")
    let unknown = DealLine(entry: entry, item: "", quantity: "2", price: "1399.99")
    let deal = try story.deal("Ardent, garden", scene.account, [try story.line("WIDGET-200", "1", "249.5"), unknown])
    try await story.until(deal, "Sync_State__c", is: "held")
    try await story.settled()
    let row = try await story.crm.record("Opportunity", deal, shown)
    let message = row["Sync_Message__c"]?.string ?? ""
    scene.findings.expect("the opportunity says which product is missing: \(message)", message.contains("BENCH-9"))
    let held = try await story.product.held()
    scene.findings.expect("what is held says so: \(held)", held.contains { $0.contains("BENCH-9") })
    scene.findings.expect("opportunity", row, has: ["NetSuite_Order_Id__c": nil])
    scene.say("held: \(message)")

    scene.say("the next order goes on")
    let lines = [try story.line("LICENSE-A", "5", "1150")]
    let next = try story.deal("Ardent, licences", scene.account, lines)
    let order = try await story.order(of: next)
    try await story.settled()
    expectLines(try await story.erp.record("salesOrder", order), lines, &scene.findings)
    scene.findings.expect("still held", try await !story.product.held().isEmpty)

    scene.say("the item is added in NetSuite, and the order tried again")
    let item = try erp.create("inventoryItem", ["itemId": "BENCH-9", "displayName": "Granite bench"])
    try await story.settled()
    try await story.product.retryHeld()
    let late = try await story.order(of: deal)
    try await story.settled()
    let wanted = [
      try story.line("WIDGET-200", "1", "249.5"),
      DealLine(entry: entry, item: item, quantity: "2", price: "1399.99"),
    ]
    expectLines(try await story.erp.record("salesOrder", late), wanted, &scene.findings)
    try await story.expectOne(deal, order: late, &scene.findings)
    let after = try await story.crm.record("Opportunity", deal, shown)
    scene.findings.expect(
      "opportunity", after,
      has: ["Sync_State__c": "synced", "Sync_Message__c": nil, "NetSuite_Total__c": number("3049.48")])
    scene.findings.expect("nothing is held", try await story.product.held().isEmpty)
  }

  // MARK: looking

  static func number(_ text: String) -> JSON { JSONNumber(text: text).map { .number($0) } ?? .null }

  /// The order's id, once the opportunity has it.
  func order(of deal: String) async throws -> String {
    try await Probe.wait(for: "the opportunity \(deal) to have its order") {
      try await crm.record("Opportunity", deal, Self.shown)["NetSuite_Order_Id__c"]?.string
    }
  }

  func until(_ deal: String, _ field: String, is value: String) async throws {
    try await Probe.wait(for: "the opportunity's \(field) to be \(value)") {
      try await crm.record("Opportunity", deal, Self.shown)[field]?.string == value
    }
  }

  static func expectLines(_ order: JSON, _ lines: [DealLine], _ findings: inout Findings) {
    let items = order["item"]?["items"]?.array ?? []
    findings.expect("the order's lines", .number(Int64(items.count)), is: .number(Int64(lines.count)))
    for (item, line) in zip(items, lines) {
      findings.expect(
        "line", item,
        has: [
          "item": .string(line.item), "quantity": number(line.quantity), "rate": number(line.price), "price": "Custom",
        ])
      findings.expect("the line has its key", item["custcol_crm_line"]?.string?.hasPrefix("00k") ?? false)
    }
  }

  /// One order for the opportunity, made once.
  func expectOne(_ deal: String, order: String, _ findings: inout Findings) async throws {
    let found = try await erp.query("SELECT id FROM transaction WHERE externalid = ?", ["crm-\(deal)"])
    findings.expect("orders of the opportunity", .array(found.compactMap { $0["id"] }), is: [.string(order)])
    findings.expect("made twice", .array(sandbox.netsuite.counters.doubled.map { .string($0) }), is: [])
    findings.expect("writes to the order", .number(Int64(writes("salesOrder \(order)"))), is: 1)
  }
}
