import Events
import Flows
import Formats
import Simulators
import Testing

/// The configuration that `make demo` runs, the catalogues of both connectors and the two systems name the same things.
@Suite struct TheDeployedFolderFitsBothSystems {
  @Test func `the folder loads, and nothing is wrong with it`() {
    let (blueprint, problems) = DeployedFolder.load()
    #expect(problems.map(\.description) == [])
    #expect(blueprint?.entities.map(\.name) == ["customer", "item", "order-from-opportunity"])
  }

  @Test func `an account becomes a customer, and a second run writes nothing`() async throws {
    let folder = try DeployedFolder()
    let (crm, erp) = (folder.sandbox.salesforce, folder.sandbox.netsuite)
    let account = try crm.create("Account", Self.account("Ardent Tools"))
    let first = try await folder.settle("customer", from: .salesforce, account)
    #expect(first.plan.outcome == .agreed)
    #expect(first.plan.isLinked)
    let id = try #require(first.plan.netsuite?.id)
    let customer = try #require(erp.record("customer", id))
    #expect(customer["companyName"]?.string == "Ardent Tools")
    #expect(customer["externalId"]?.string?.lowercased() == "crm-\(account)".lowercased())
    #expect(customer["url"]?.string == "http://www.ardent.example/")
    #expect(customer["addressBook"]?["items"]?.array?.count == 2)
    let second = try await folder.settle("customer", from: .salesforce, account)
    #expect(second.writes == [])
    let third = try await folder.settle("customer", from: .netsuite, id)
    #expect(third.writes == [])
    try erp.update("customer", id, ["creditLimit": "12500.50", "terms": ["refName": "Net 30"]])
    _ = try await folder.settle("customer", from: .netsuite, id)
    let row = try crm.query(
      "SELECT Credit_Limit__c, Payment_Terms__c, Sync_State__c FROM Account WHERE Id = '\(account)'")
    #expect(row.first?["Credit_Limit__c"]?.decimal == ExactDecimal("12500.5"))
    #expect(row.first?["Payment_Terms__c"]?.string == "Net 30")
    try crm.update("Account", account, ["BillingCity": "Salem", "Phone": "+1 503 555 0188"])
    _ = try await folder.settle("customer", from: .salesforce, account)
    #expect(try await folder.settle("customer", from: .salesforce, account).writes == [])
    #expect(erp.record("customer", id)?["addressBook"]?["items"]?.array?.count == 2)
    await folder.stop()
  }

  @Test func `a won opportunity becomes an order with its lines, and shows what became of it`() async throws {
    let folder = try DeployedFolder()
    let (crm, erp) = (folder.sandbox.salesforce, folder.sandbox.netsuite)
    let account = try crm.create("Account", Self.account("Borealis"))
    let deal = try crm.create(
      "Opportunity",
      [
        "Name": "Borealis starter", "AccountId": .string(account), "StageName": "Prospecting",
        "CloseDate": "2026-12-01", "PO_Number__c": "PO-77", "Order_Notes__c": "leave at the gate",
        "Requested_Date__c": "2026-12-18",
      ])
    for (code, quantity, price) in [
      ("WIDGET-100", "3", "99.95"), ("CABLE-2M", "12", "8.75"), ("INSTALL-DAY", "1", "950"),
    ] {
      let entry = try #require(folder.sandbox.data.products[code]?.entry)
      try crm.create(
        "OpportunityLineItem",
        [
          "OpportunityId": .string(deal), "PricebookEntryId": .string(entry), "Quantity": .string(quantity),
          "UnitPrice": .string(price),
        ])
    }
    let early = try await folder.settle("order-from-opportunity", from: .salesforce, deal)
    #expect(early.writes == [])
    try crm.update("Opportunity", deal, ["StageName": "Closed Won"])
    let run = try await folder.settle("order-from-opportunity", from: .salesforce, deal)
    #expect(run.plan.outcome == .agreed)
    let order = try #require(run.plan.netsuite?.id)
    #expect(erp.record("salesOrder", order)?["total"]?.decimal == ExactDecimal("1354.85"))
    #expect(try await folder.settle("order-from-opportunity", from: .netsuite, order).writes == [])

    try erp.update("salesOrder", order, ["orderStatus": ["id": "B"]])
    let shipment = try erp.transform(
      "salesOrder", order, to: "itemFulfillment",
      ["shipStatus": ["id": "C"], "package": ["items": [["packageTrackingNumber": "1Z555", "packageWeight": 2]]]])
    let invoice = try erp.transform("salesOrder", order, to: "invoice", [:])
    let payment = try erp.transform("invoice", invoice, to: "customerPayment", ["payment": "354.85"])
    for (type, id) in [("itemfulfillment", shipment), ("invoice", invoice), ("customerpayment", payment)] {
      let touched = try await folder.touched(RecordID(type: type, id: id), from: "erp")
      #expect(touched == ["order-from-opportunity \(order)"], "\(type)")
    }
    let shown = try await folder.settle("order-from-opportunity", from: .netsuite, order)
    #expect(shown.plan.outcome == .agreed)
    let row = try #require(
      try crm.query(
        "SELECT NetSuite_Status__c, NetSuite_Number__c, NetSuite_Total__c, Tracking__c, Shipped_On__c, Invoice_Numbers__c, "
          + "Invoiced__c, Amount_Due__c FROM Opportunity WHERE Id = '\(deal)'"
      ).first)
    #expect(row["NetSuite_Status__c"]?.string == "Invoiced")
    #expect(row["Tracking__c"]?.string == "1Z555")
    #expect(row["Invoiced__c"]?.decimal == ExactDecimal("1354.85"))
    #expect(row["Amount_Due__c"]?.decimal == ExactDecimal("1000"))
    #expect(row["Shipped_On__c"]?.string != nil)
    #expect(try await folder.settle("order-from-opportunity", from: .netsuite, order).writes == [])
    await folder.stop()
  }

  static func account(_ name: String) -> JSONObject {
    [
      "Name": .string(name), "Phone": "+1 503 555 0100", "Website": "www.ardent.example", "Description": "A customer",
      "VAT__c": .string("US-\(name)"), "BillingStreet": "12 Mill Road\nFloor 3", "BillingCity": "Portland",
      "BillingStateCode": "OR", "BillingPostalCode": "97201", "BillingCountryCode": "US",
      "ShippingStreet": "4 Dock Street", "ShippingCity": "Seattle", "ShippingStateCode": "WA",
      "ShippingPostalCode": "98101", "ShippingCountryCode": "US",
    ]
  }
}

extension DeployedFolder {
  /// Entity and record of every pair that an event leads to.
  func touched(_ record: RecordID, from connection: String) async throws -> [String] {
    var found: [String] = []
    for touch in blueprint.wants(record, from: connection) {
      switch touch.way {
      case .itself: found.append("\(touch.entity) \(record.id)")
      case .field(let name):
        let read = try await connector(touch.side).read(touch.event, touch.shape)
        if let id = Touch.id(read?[name] ?? .null) { found.append("\(touch.entity) \(id)") }
      case .query(let text, let parameters):
        for row in try await connector(touch.side).query(text, parameters) {
          if let id = row.values.first.flatMap({ Touch.id($0) }) { found.append("\(touch.entity) \(id)") }
        }
      }
    }
    return found
  }
}
