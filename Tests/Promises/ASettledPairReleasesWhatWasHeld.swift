import Formats
import Support
import Testing

@testable import Simulators

/// A list of held events is a list of what is still to be done.
@Suite struct ASettledPairReleasesWhatWasHeld {
  @Test(.timeLimit(.minutes(2))) func `after the pair is settled by a later event nothing is held`() async throws {
    let company = try Company()
    try await company.start()
    let crm = company.sandbox.salesforce
    let product = try crm.create("Product2", ["Name": "Sundial", "ProductCode": "DIAL-3", "IsActive": true])
    let entry = try crm.create(
      "PricebookEntry",
      [
        "Product2Id": .string(product), "Pricebook2Id": .string(company.sandbox.data.standardPriceBook),
        "UnitPrice": "80", "IsActive": true, "CurrencyIsoCode": "USD",
      ])
    let account = try crm.create("Account", ["Name": "Alder & Ash", "BillingCountryCode": "US"])
    let line = DealLine(entry: entry, item: "", quantity: "3", price: "79.5")
    let deal = try company.story.deal("Alder, sundials", account, [line])
    try await company.story.until(deal, "Sync_State__c", is: "held")
    try await company.settled()
    #expect(try await !company.product.held().isEmpty)

    try company.sandbox.netsuite.create("inventoryItem", ["itemId": "DIAL-3", "displayName": "Sundial"])
    try crm.update("Opportunity", deal, ["PO_Number__c": "PO-8"])
    _ = try await company.story.order(of: deal)
    try await company.settled()
    #expect(try await company.product.held() == [])
    #expect(company.sandbox.netsuite.counters.doubled == [])
    try await company.stop()
  }
}
