import Formats
import Support
import Testing

@testable import Simulators

/// One change ends the process whenever it is written. A supervisor starts it again, as systemd does.
@Suite struct AnEventThatKillsIsPutAside {
  @Test(.timeLimit(.minutes(3))) func `it is dead after three deaths, and whatever else comes is done`() async throws {
    let company = try Company()
    try await company.start()
    let crm = company.sandbox.salesforce
    let erp = company.sandbox.netsuite
    func account(_ name: String) throws -> String {
      var fields = Story.address
      fields["Name"] = .string(name)
      return try crm.create("Account", fields)
    }
    let poison = try account("Poison")
    let customer = try await company.story.customer(of: poison)
    try await company.settled()
    // NetSuite keeps this one write waiting, and that is when the process is killed.
    func plant() { erp.add(Fault(.latency, method: "PATCH", path: "/customer/\(customer)", milliseconds: 600_000)) }
    plant()
    try crm.update("Account", poison, ["Phone": "+1 503 555 0000"])
    var deaths = 0
    while try await company.product.list().allSatisfy({ $0["state"]?.string != "dead" }), deaths < 8 {
      // Others are done while it waits, or hangs.
      _ = try await company.story.customer(of: account("Bystander \(deaths)"))
      let dies = try await Probe.wait(for: "the write that kills", seconds: 60) { () async throws -> Bool? in
        if erp.faults.isUsedUp { return true }
        return try await company.product.list().contains { $0["state"]?.string == "dead" } ? false : nil
      }
      guard dies else { break }
      try await company.product.kill()
      deaths += 1
      plant()
      try await company.start()
    }
    // The first may have been counted against nobody: it was leased beside others.
    #expect((3...4).contains(deaths))
    let dead = try await company.product.list().filter { $0["state"]?.string == "dead" }
    #expect(dead.map { $0["reason"]?["code"]?.string } == ["process-deaths"])
    #expect(dead.map { $0["key"]?.string } == [poison])
    erp.clearFaults()
    try await company.settled()
    #expect(try await company.product.list().filter { $0["state"]?.string != "done" }.count == 1)
    #expect(erp.counters.doubled == [])
    try await company.stop()
  }
}
