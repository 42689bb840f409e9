import Formats
import Support
import Testing

@testable import Simulators

/// A message that is delivered again, byte by byte, changes nothing: not at once, and not after a restart.
@Suite struct DuplicatesWriteOnce {
  @Test(.timeLimit(.minutes(2))) func `a second and a third delivery write nothing`() async throws {
    let company = try Company()
    try await company.start()
    var account = Story.address
    account["Name"] = "Larch & Finch"
    let id = try company.sandbox.salesforce.create("Account", account)
    let lines = [
      try company.story.line("WIDGET-200", "4", "231.07"), try company.story.line("CABLE-2M", "0.5", "9.95"),
    ]
    let deal = try company.story.deal("Larch, first order", id, lines)
    let order = try await company.story.order(of: deal)
    try company.sandbox.netsuite.update("salesOrder", order, ["orderStatus": ["id": "B"]])
    try await company.story.until(deal, "NetSuite_Status__c", is: "Open")
    try await company.settled()

    let writes = company.story.allWrites
    let events = try await company.product.list().filter { $0["kind"]?.string != "run" }
    for delivery in ["second", "third"] {
      var statuses = await company.tape.replay(containing: deal)
      statuses += await company.tape.replay(containing: id)
      statuses += await company.tape.replay(containing: "salesorder")
      #expect(statuses.count >= 6)
      #expect(statuses.allSatisfy { $0 == 200 || $0 == 202 }, "the \(delivery) delivery is acknowledged")
      try await company.settled()
      #expect(company.story.allWrites == writes, "the \(delivery) delivery")
      let now = try await company.product.list().filter { $0["kind"]?.string != "run" }
      #expect(now.map(\.text) == events.map(\.text), "the \(delivery) delivery")
      if delivery == "second" { try await company.restartInPlace() }
    }
    var findings = Findings()
    try await company.expectCustomer(of: id, &findings)
    try await company.expectOrder(of: deal, lines, &findings)
    #expect(findings.wrong == [])
    try await company.stop()
  }
}

extension Company {
  /// Killed and started; what was delivered before is delivered to the new address.
  func restartInPlace() async throws {
    try await product.kill()
    try await start()
    tape.redirect(to: product.address)
  }
}
