import Formats
import Support
import Testing

@testable import Simulators

/// The other system did what it was asked and nobody heard so: what was done is found, and not done again.
@Suite struct ATimeOutAfterTheCommitWritesOnce {
  @Test(.timeLimit(.minutes(2)), arguments: [Fault.Kind.closeAfterCommit, .timeOutAfterCommit])
  func `nothing is doubled where the answer to a write is lost`(_ kind: Fault.Kind) async throws {
    let company = try Company()
    try await company.start()
    let (crm, erp) = (company.sandbox.salesforce, company.sandbox.netsuite)
    func lose(_ path: String, _ method: String) -> Fault { Fault(kind, method: method, path: path, milliseconds: 200) }
    erp.add(lose("/customer", "POST"))
    erp.add(lose("/salesOrder", "POST"))
    crm.add(lose("/sobjects/Account", "PATCH"))
    crm.add(lose("/sobjects/Opportunity", "PATCH"))
    var account = Story.address
    account["Name"] = "Quiet Answers"
    let id = try crm.create("Account", account)
    let lines = [try company.story.line("WIDGET-100", "7", "101.01"), try company.story.line("LICENSE-A", "2", "1100")]
    let deal = try company.story.deal("Quiet, first order", id, lines)
    let order = try await company.story.order(of: deal)
    try await company.settled()
    let customer = try await company.story.customer(of: id)

    erp.add(lose("/customer", "PATCH"))
    try crm.update("Account", id, ["BillingCity": "Bend", "BillingPostalCode": "97702"])
    try await Probe.wait(for: "the new city") {
      try await company.story.erp.query(
        "SELECT a.city FROM customer c JOIN customeraddressbook b ON b.entity = c.id "
          + "JOIN customeraddressbookentityaddress a ON a.nkey = b.addressbookaddress "
          + "WHERE c.id = ? AND b.defaultbilling = 'T'", [customer]
      ).first?["city"]?.string == "Bend"
    }
    try await company.settled()
    var findings = Findings()
    try await company.expectCustomer(of: id, &findings)
    try await company.expectOrder(of: deal, lines, &findings)
    #expect(findings.wrong == [])
    #expect(erp.counters.doubled == [])
    #expect(company.story.writes("salesOrder \(order)") == 1)
    #expect(company.story.writes("customer \(customer)") == 2)
    #expect(try await company.product.list().filter { $0["state"]?.string != "done" }.map(\.text) == [])
    try await company.stop()
  }
}
