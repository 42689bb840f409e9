import Formats
import Support
import Testing

@testable import Simulators

/// A record that cannot be written because another cannot is held for that one, and goes on when it is there.
@Suite struct AChildWaitsForItsParent {
  @Test(.timeLimit(.minutes(2))) func `an order is held for its customer and released with it`() async throws {
    let company = try Company()
    try await company.start()
    let crm = company.sandbox.salesforce
    var fields = Story.address
    // Longer than NetSuite takes: the customer's run ends dead.
    fields["Name"] = .string(String(repeating: "Alder & Ash ", count: 10))
    let account = try crm.create("Account", fields)
    let lines = [try company.story.line("WIDGET-100", "3", "79.5")]
    let deal = try company.story.deal("Alder, widgets", account, lines)
    try await company.story.until(deal, "Sync_State__c", is: "held")
    try await company.settled()
    let held = try await company.product.list().filter { $0["state"]?.string == "held" }
    #expect(!held.isEmpty)
    #expect(held.allSatisfy { $0["reason"]?["needs"]?["id"]?.string == account }, "\(held.map(\.text))")
    let dead = try await company.product.list().filter { $0["state"]?.string == "dead" }
    #expect(dead.allSatisfy { $0["key"]?.string == account })

    try crm.update("Account", account, ["Name": "Alder & Ash"])
    _ = try await company.story.order(of: deal)
    try await company.settled()
    #expect(try await company.product.held() == [])
    var findings = Findings()
    try await company.expectOrder(of: deal, lines, &findings)
    #expect(findings.wrong == [])
    #expect(company.sandbox.netsuite.counters.doubled == [])
    try await company.stop()
  }
}
