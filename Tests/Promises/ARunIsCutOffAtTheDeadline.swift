import Foundation
import Support
import Testing

@testable import Simulators

/// A stop does not wait for ever for a system that does not answer: the run is cut off, made again after the next start,
/// and writes nothing twice.
@Suite struct ARunIsCutOffAtTheDeadline {
  @Test(.timeLimit(.minutes(2))) func `a run that waits for an answer is left, and done once after the next start`()
    async throws
  {
    let company = try Company()
    try company.product.edit("causeway.yaml") {
      $0.replacingOccurrences(of: "drain: { delay: 0s }", with: "drain: { delay: 0s, deadline: 1s }")
    }
    try await company.start()
    // Far longer than the test waits for the end of the process.
    company.sandbox.netsuite.add(Fault(.timeOutAfterCommit, method: "POST", path: "/customer"))
    var account = Story.address
    account["Name"] = "Long Silence"
    let id = try company.sandbox.salesforce.create("Account", account)
    try await Probe.wait(for: "the create") {
      try !company.sandbox.netsuite.query("SELECT id FROM customer WHERE externalid = 'crm-\(id)'").isEmpty
    }
    try await company.product.stop()
    #expect(company.product.said.contains("runs were cut off"))
    #expect(company.product.said.contains("\"message\":\"stopped\""))

    try await company.start()
    try await company.settled()
    var findings = Findings()
    try await company.expectCustomer(of: id, &findings)
    #expect(findings.wrong == [])
    #expect(company.sandbox.netsuite.counters.doubled == [])
    #expect(try await company.product.list().filter { $0["state"]?.string != "done" }.map(\.text) == [])
    try await company.stop()
  }
}
