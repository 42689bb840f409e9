import Formats
import Foundation
import HTTP
import Support
import Testing

@testable import Simulators

/// Sandbox and product as two processes, a field row that the deployed folder does not have, and values that nobody
/// chose beforehand: everything is done and looked at through the two systems' public APIs.
@Suite struct AFurtherFieldRowTravels {
  @Test(.timeLimit(.minutes(2))) func `what is typed on one side arrives on the other, a new field too`() async throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededRandom(seed: seed)
    let folder = ProductProcess.temporaryFolder()
    let sandbox = try SandboxProcess(folder: folder + "-sandbox")
    let environment = try await sandbox.ready()
    let product = try ProductProcess(environment: environment, folder: folder)
    try product.edit("entities/customer.yaml") {
      $0.replacingOccurrences(
        of: "\nfields:\n",
        with: "\nfields:\n  number: { salesforce: AccountNumber, netsuite: accountNumber, owner: salesforce }\n")
    }
    try product.spawn()
    try await sandbox.deliver(to: try await product.ready(), product.client)
    let crm = try SalesforcePerson(environment, product.client)
    let erp = try NetSuitePerson(environment, product.client)

    func word() -> String {
      String((0..<9).map { _ in "abcdefghijklmnoprstuvwz".randomElement(using: &random) ?? "x" })
    }
    var account = Story.address
    account["Name"] = .string("\(word()) \(word())")
    account["AccountNumber"] = .string("N-\(Int.random(in: 100_000...999_999, using: &random))")
    let customerID = try await crm.create("Account", account)
    let entries = try await crm.query(
      "SELECT Id, Product2.ProductCode FROM PricebookEntry WHERE CurrencyIsoCode = 'USD' ORDER BY Id")
    var lines: [DealLine] = []
    let deal = try await crm.create(
      "Opportunity",
      [
        "Name": .string(word()), "AccountId": .string(customerID), "StageName": "Prospecting",
        "CloseDate": "2027-01-15", "PO_Number__c": .string(word()),
      ])
    for _ in 0..<3 {
      let entry = try #require(entries.randomElement(using: &random))
      let items = try await erp.query(
        "SELECT id FROM item WHERE itemid = ?", [entry["Product2"]?["ProductCode"]?.string ?? ""])
      let line = DealLine(
        entry: entry["Id"]?.string ?? "", item: items.first?["id"]?.string ?? "",
        quantity: "\(Int.random(in: 1...90, using: &random))",
        price: "\(Int.random(in: 1...3000, using: &random)).\(Int.random(in: 10...99, using: &random))")
      lines.append(line)
      _ = try await crm.create(
        "OpportunityLineItem",
        [
          "OpportunityId": .string(deal), "PricebookEntryId": .string(line.entry), "Quantity": .string(line.quantity),
          "UnitPrice": .string(line.price),
        ])
    }
    try await crm.update("Opportunity", deal, ["StageName": "Closed Won"])
    let order = try await Probe.wait(for: "the order; \(product.said.suffix(1500))") { () async throws -> String? in
      try await crm.record("Opportunity", deal, Story.shown)["NetSuite_Order_Id__c"]?.string
    }
    var findings = Findings()
    let made = try await erp.record("salesOrder", order)
    Story.expectLines(made, lines, &findings)
    let customer = try await erp.record("customer", made["entity"]?["id"]?.string ?? "")
    findings.expect(
      "customer", customer,
      has: ["companyName": account["Name"] ?? .null, "accountNumber": account["AccountNumber"] ?? .null])
    try await erp.update("salesOrder", order, ["orderStatus": ["id": "B"]])
    let tracking = word()
    _ = try await erp.transform(
      "salesOrder", order, to: "itemFulfillment",
      ["shipStatus": ["id": "C"], "package": ["items": [["packageTrackingNumber": .string(tracking)]]]])
    try await Probe.wait(for: "the tracking number \(tracking); \(product.said.suffix(1500))") {
      try await crm.record("Opportunity", deal, Story.shown)["Tracking__c"]?.string == tracking
    }
    let row = try await crm.record("Opportunity", deal, Story.shown)
    findings.expect(
      "opportunity", row,
      has: ["NetSuite_Total__c": made["total"] ?? .null, "NetSuite_Number__c": made["tranId"] ?? .null])
    #expect(findings.wrong == [], "seed \(seed)")
    try await product.stop()
    try await sandbox.stop()
    product.client.close()
    product.remove()
  }
}
