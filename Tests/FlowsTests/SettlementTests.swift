import Events
import Formats
import Testing

@testable import Flows

@Suite struct SettlementTests {
  static let account = "0017F00002AbCdEQAV"
  static let opportunity = "0067F00000XyZabQAF"
  static let product = "01t7F00000QwErTQAV"

  func systems() throws -> TwoSystems {
    let systems = TwoSystems(try #require(SmallFolder.leadToCash().0))
    systems.records[.salesforce] = [
      Record(
        id: RecordID(type: "Account", id: Self.account),
        fields: [
          "Name": .text("Acme"), "Website": .text("www.acme.com"), "BillingStreet": .text("1 High Street\r\nFloor 2"),
          "BillingCity": .text("Springfield"), "BillingCountryCode": .text("US"), "CurrencyIsoCode": .text("USD"),
        ]),
      Record(
        id: RecordID(type: "Product2", id: Self.product),
        fields: ["Name": .text("Widget"), "ProductCode": .text("W-1")]),
      Record(
        id: RecordID(type: "Opportunity", id: Self.opportunity),
        fields: [
          "Name": .text("Big deal"), "IsWon": .bool(true), "HasOpportunityLineItem": .bool(true),
          "AccountId": .reference(id: Self.account, name: nil), "CurrencyIsoCode": .text("USD"),
          "PO_Number__c": .text("PO-7"),
        ],
        lists: [
          "OpportunityLineItem": [
            ListElement(
              key: "00k1",
              fields: [
                "Product2Id": .reference(id: Self.product, name: nil), "Quantity": number("3"),
                "UnitPrice": number("19.90"),
              ])
          ]
        ]),
    ]
    systems.records[.netsuite] = [
      Record(id: RecordID(type: "serviceSaleItem", id: "55"), fields: ["itemId": .text("W-1")])
    ]
    return systems
  }

  func number(_ text: String) -> FieldValue { ExactDecimal(text).map { .number($0) } ?? .null }

  @Test func `an account becomes a customer with addresses, and gets its id`() throws {
    let systems = try systems()
    let plan = try #require(systems.settle("customer", from: .salesforce, Self.account))
    #expect(plan.outcome == .agreed)
    #expect(systems.writes.map(\.side) == [.netsuite, .salesforce])
    #expect(systems.writes[0].write.target == .create(field: "externalId", externalID: "crm-\(Self.account)"))
    let customer = try #require(systems.record(.netsuite, plan.netsuite?.id ?? ""))
    #expect(customer["companyName"] == .text("Acme"))
    #expect(customer["url"] == .text("http://www.acme.com"))
    #expect(customer["subsidiary"] == .reference(id: nil, name: "Parent Company"))
    let address = try #require(customer.lists["addressBook"]?.first)
    #expect(customer.lists["addressBook"]?.count == 1)
    #expect(address.fields["addr1"] == .text("1 High Street"))
    #expect(address.fields["addr2"] == .text("Floor 2"))
    #expect(address.fields["defaultBilling"] == .bool(true))
    let account = try #require(systems.record(.salesforce, Self.account))
    #expect(account["NetSuite_Id__c"] == .text(customer.id.id))
    #expect(account["Sync_State__c"] == .text("synced"))
    let before = systems.writes.count
    #expect(systems.settle("customer", from: .netsuite, customer.id.id)?.outcome == .agreed)
    #expect(systems.writes.count == before)
  }

  @Test func `what a side stores in its own form is agreed, and no second write`() throws {
    let systems = try systems()
    systems.stores = { $0 == .text("http://www.acme.com") ? .text("http://www.acme.com/") : $0 }
    #expect(systems.settle("customer", from: .salesforce, Self.account)?.outcome == .agreed)
    #expect(systems.agreed.keys.map(\.path) == ["url"])
    let before = systems.writes.count
    let plan = systems.settle("customer", from: .salesforce, Self.account)
    #expect(systems.writes.count == before)
    #expect(plan?.fields.first { $0.field == "website" }?.verdict == .agreed)
  }

  @Test func `a field of the other owner travels back, and the copy never does`() throws {
    let systems = try systems()
    let plan = try #require(systems.settle("customer", from: .salesforce, Self.account))
    let index = try #require(systems.records[.netsuite]?.firstIndex { $0.id == plan.netsuite })
    systems.records[.netsuite]?[index].fields["creditLimit"] = number("5000.00")
    systems.records[.netsuite]?[index].fields["phone"] = .text("changed here")
    let before = systems.writes.count
    #expect(systems.settle("customer", from: .netsuite, plan.netsuite?.id ?? "")?.outcome == .agreed)
    #expect(systems.record(.salesforce, Self.account)?["Credit_Limit__c"] == number("5000"))
    #expect(systems.record(.salesforce, Self.account)?["Phone"] == .null)
    #expect(systems.record(.netsuite, plan.netsuite?.id ?? "")?["phone"] == .null)
    #expect(systems.writes.count == before + 2)
  }

  @Test func `a won opportunity brings its customer, and becomes an order with lines`() throws {
    let systems = try systems()
    let plan = try #require(systems.settle("order-from-opportunity", from: .salesforce, Self.opportunity))
    #expect(plan.outcome == .agreed)
    let order = try #require(systems.record(.netsuite, plan.netsuite?.id ?? ""))
    let customer = systems.records[.netsuite]?.first { $0.id.type == "customer" }
    #expect(order["entity"] == .reference(id: customer?.id.id, name: nil))
    let line = try #require(order.lists["item"]?.first)
    #expect(line.fields["item"] == .reference(id: "55", name: nil))
    #expect(line.fields["rate"] == number("19.9"))
    #expect(line.fields["price"] == .reference(id: nil, name: "Custom"))
    #expect(line.fields["custcol_crm_line"] == .text("00k1"))
    let before = systems.writes.count
    #expect(systems.settle("order-from-opportunity", from: .salesforce, Self.opportunity)?.outcome == .agreed)
    #expect(systems.writes.count == before)
  }

  @Test func `a changed line is changed by its own key, a locked one is held and the rest travels`() throws {
    let systems = try systems()
    let plan = try #require(systems.settle("order-from-opportunity", from: .salesforce, Self.opportunity))
    let index = try #require(systems.records[.salesforce]?.firstIndex { $0.id.id == Self.opportunity })
    systems.records[.salesforce]?[index].lists["OpportunityLineItem"]?[0].fields["Quantity"] = number("4")
    _ = systems.settle("order-from-opportunity", from: .salesforce, Self.opportunity)
    let id = plan.netsuite?.id ?? ""
    #expect(systems.record(.netsuite, id)?.lists["item"]?.count == 1)
    #expect(systems.record(.netsuite, id)?.lists["item"]?[0].fields["quantity"] == number("4"))
    let order = try #require(systems.records[.netsuite]?.firstIndex { $0.id.id == id })
    systems.records[.netsuite]?[order].lists["item"]?[0].fields["quantityFulfilled"] = number("4")
    systems.records[.salesforce]?[index].lists["OpportunityLineItem"]?[0].fields["Quantity"] = number("5")
    systems.records[.salesforce]?[index].fields["PO_Number__c"] = .text("PO-8")
    let held = systems.settle("order-from-opportunity", from: .salesforce, Self.opportunity)
    #expect(held?.reason?.code == "locked")
    #expect(systems.record(.netsuite, id)?.lists["item"]?[0].fields["quantity"] == number("4"))
    #expect(systems.record(.netsuite, id)?["otherRefNum"] == .text("PO-8"))
    #expect(systems.record(.salesforce, Self.opportunity)?["Sync_State__c"] == .text("held"))
  }

  @Test func `a line that only the order has is held, never removed`() throws {
    let systems = try systems()
    let plan = try #require(systems.settle("order-from-opportunity", from: .salesforce, Self.opportunity))
    let order = try #require(systems.records[.netsuite]?.firstIndex { $0.id == plan.netsuite })
    systems.records[.netsuite]?[order].lists["item"]?.append(ListElement(key: "9", fields: ["quantity": number("1")]))
    let held = systems.settle("order-from-opportunity", from: .salesforce, Self.opportunity)
    #expect(held?.reason?.code == "extra-elements")
    #expect(systems.records[.netsuite]?[order].lists["item"]?.count == 2)
  }

  @Test func `a product that NetSuite does not know holds the order, until it is there`() throws {
    let systems = try systems()
    systems.records[.netsuite] = []
    let plan = try #require(systems.settle("order-from-opportunity", from: .salesforce, Self.opportunity))
    #expect(
      plan.reason?.description
        == "Opportunity “Big deal”: line 1 names Product2 “Widget” (ProductCode W-1), which NetSuite does not know: "
        + "add the item there, then retry")
    #expect(systems.records[.netsuite]?.contains { $0.id.type == "salesOrder" } == false)
    #expect(systems.record(.salesforce, Self.opportunity)?["Sync_State__c"] == .text("held"))
    systems.records[.netsuite]?.append(
      Record(id: RecordID(type: "inventoryItem", id: "77"), fields: ["itemId": .text("W-1")]))
    #expect(systems.settle("order-from-opportunity", from: .salesforce, Self.opportunity)?.outcome == .agreed)
    #expect(systems.record(.salesforce, Self.opportunity)?["Sync_State__c"] == .text("synced"))
    #expect(systems.record(.salesforce, Self.opportunity)?["Sync_Message__c"] == .null)
    #expect(systems.records[.netsuite]?.count { $0.id.type == "salesOrder" } == 1)
  }

  @Test func `what becomes of the order is shown on the opportunity`() throws {
    let systems = try systems()
    let plan = try #require(systems.settle("order-from-opportunity", from: .salesforce, Self.opportunity))
    let order = try #require(systems.records[.netsuite]?.firstIndex { $0.id == plan.netsuite })
    systems.records[.netsuite]?[order].fields["status"] = .reference(id: "F", name: "Pending Billing")
    systems.records[.netsuite]?[order].fields["tranId"] = .text("SO12")
    systems.rows = [
      "foreigntotal": [["number": .text("INV1"), "total": .text("59.7"), "due": .text(".7")]],
      "shippeddate": [["shipped": .text("2026-11-20")]],
      "trackingnumbermap": [["tracking": .text("1Z")], ["tracking": .text("2Z")]],
    ]
    #expect(systems.settle("order-from-opportunity", from: .netsuite, plan.netsuite?.id ?? "")?.outcome == .agreed)
    let shown = try #require(systems.record(.salesforce, Self.opportunity))
    #expect(shown["NetSuite_Status__c"] == .text("Shipped"))
    #expect(shown["NetSuite_Number__c"] == .text("SO12"))
    #expect(shown["Tracking__c"] == .text("1Z, 2Z"))
    #expect(shown["Amount_Due__c"] == number("0.7"))
    #expect(shown["Shipped_On__c"] == CalendarDate("2026-11-20").map { .date($0) } ?? .null)
  }

  @Test func `a copied key is cleared and never followed`() throws {
    let systems = try systems()
    let first = try #require(systems.settle("order-from-opportunity", from: .salesforce, Self.opportunity))
    var clone = try #require(systems.record(.salesforce, Self.opportunity))
    clone.id = RecordID(type: "Opportunity", id: "0067F00000ClOnEQAV")
    systems.records[.salesforce]?.append(clone)
    let plan = try #require(systems.settle("order-from-opportunity", from: .salesforce, clone.id.id))
    #expect(plan.outcome == .agreed)
    #expect(plan.netsuite != first.netsuite)
    #expect(systems.record(.netsuite, first.netsuite?.id ?? "")?["externalId"] == .text("crm-\(Self.opportunity)"))
  }

  @Test func `a create that arrived without its answer is found, and not made again`() throws {
    let systems = try systems()
    systems.records[.netsuite]?.append(
      Record(
        id: RecordID(type: "customer", id: "9"),
        fields: ["externalId": .text("CRM-\(Self.account)"), "companyName": .text("Acme")]))
    systems.records[.netsuite]?[1].fields["externalId"] = .text("crm-\(Self.account)")
    let plan = try #require(systems.settle("customer", from: .salesforce, Self.account))
    #expect(plan.netsuite?.id == "9")
    #expect(systems.writes.allSatisfy { !$0.isCreate })
  }

  @Test func `an opportunity that is not won costs no look at NetSuite`() throws {
    let systems = try systems()
    let index = try #require(systems.records[.salesforce]?.firstIndex { $0.id.id == Self.opportunity })
    systems.records[.salesforce]?[index].fields["IsWon"] = .bool(false)
    let plan = systems.settle("order-from-opportunity", from: .salesforce, Self.opportunity)
    #expect(plan?.reason?.code == "create-not-met")
    #expect(systems.writes.isEmpty)
  }

  @Test func `a partner that is gone is never made anew`() throws {
    let systems = try systems()
    let plan = try #require(systems.settle("customer", from: .salesforce, Self.account))
    systems.records[.netsuite]?.removeAll { $0.id == plan.netsuite }
    #expect(systems.settle("customer", from: .salesforce, Self.account)?.reason?.code == "partner-gone")
    #expect(systems.writes.count { $0.isCreate } == 1)
  }

  @Test func `an address that two flags share is split before one of them is changed`() throws {
    let systems = try systems()
    let plan = try #require(systems.settle("customer", from: .salesforce, Self.account))
    let index = try #require(systems.records[.netsuite]?.firstIndex { $0.id == plan.netsuite })
    systems.records[.netsuite]?[index].lists["addressBook"]?[0].fields["defaultShipping"] = .bool(true)
    let account = try #require(systems.records[.salesforce]?.firstIndex { $0.id.id == Self.account })
    systems.records[.salesforce]?[account].fields["ShippingCity"] = .text("Shelbyville")
    #expect(systems.settle("customer", from: .salesforce, Self.account)?.outcome == .agreed)
    let book = try #require(systems.records[.netsuite]?[index].lists["addressBook"])
    #expect(book.count == 2)
    #expect(book[0].fields["city"] == .text("Springfield"))
    #expect(book[0].fields["defaultShipping"] == .bool(false))
    #expect(book[1].fields["city"] == .text("Shelbyville"))
    #expect(book[1].fields["defaultShipping"] == .bool(true))
  }
}
