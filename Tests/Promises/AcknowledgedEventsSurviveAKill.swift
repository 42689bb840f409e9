import Formats
import Foundation
import Support
import Testing

@testable import Simulators

/// The story's traffic while the server is killed and started, again and again.
@Suite struct AcknowledgedEventsSurviveAKill {
  static let kills = 26
  /// Another one is another story: `CAUSEWAY_SEED=7 swift test --filter Survive`.
  static let seed =
    ProcessInfo.processInfo.environment["CAUSEWAY_SEED"].flatMap { Digits.int($0) }.map { UInt64($0) } ?? 77

  @Test(.timeLimit(.minutes(4))) func `nothing is missing and nothing doubled after many kills`() async throws {
    let company = try Company()
    var traffic = Traffic(company, seed: Self.seed &+ 1)
    var moments = SeededRandom(seed: Self.seed)
    for kill in 1...Self.kills {
      try company.product.spawn()
      try traffic.step()
      // Some die before they have opened their eyes; the others after so many calls to the two systems.
      if kill % 7 != 0 {
        company.sandbox.deliver(to: try await company.product.ready())
        company.sandbox.salesforce.retryNow()
        company.sandbox.netsuite.retryNow()
        try traffic.step()
        let target = traffic.calls + Int.random(in: 0...120, using: &moments)
        var seen = traffic.calls
        try await Probe.wait(for: "the moment of kill \(kill)", seconds: 20) {
          // What was there when the process died may have to wait for a minute: people go on meanwhile.
          let isStill = traffic.calls == seen
          seen = traffic.calls
          if try await company.product.work().pending == 0 || isStill { try traffic.step() }
          return traffic.calls >= target
        }
      }
      try await company.product.kill()
    }
    try await company.start()
    try await company.settled()
    try traffic.finish()
    try await company.settled()

    let events = try await company.product.list()
    let known = Set(events.compactMap { $0["id"]?.string })
    let acknowledged = company.tape.acknowledged
    #expect(acknowledged.count > 100)
    #expect(acknowledged.subtracting(known) == [])
    let unfinished = events.filter { $0["state"]?.string != "done" }
    #expect(unfinished.map(\.text) == [])
    var findings = Findings()
    for account in traffic.accounts { try await company.expectCustomer(of: account, &findings) }
    for deal in traffic.deals { try await company.expectOrder(of: deal.id, deal.lines, &findings) }
    #expect(findings.wrong == [])
    #expect(company.sandbox.salesforce.counters.doubled == [])
    #expect(company.sandbox.netsuite.counters.doubled == [])
    try await company.stop()
  }
}

/// What people do meanwhile, by seeded chance: accounts, won opportunities, shipments, invoices, payments.
struct Traffic {
  let company: Company
  private var random: SeededRandom
  private(set) var accounts: [String] = []
  private(set) var deals: [(id: String, lines: [DealLine])] = []

  init(_ company: Company, seed: UInt64) {
    self.company = company
    random = SeededRandom(seed: seed)
  }

  var calls: Int { company.sandbox.salesforce.counters.calls + company.sandbox.netsuite.counters.calls }

  mutating func step() throws {
    switch Int.random(in: 0..<10, using: &random) {
    case 0, 1: try account()
    case 2, 3, 4: try deal()
    case 5: try move()
    default: try handleAnOrder()
    }
  }

  /// Orders that nobody handled yet go on.
  mutating func finish() throws {
    for _ in 0..<20 { try handleAnOrder() }
  }

  private mutating func account() throws {
    var fields = Story.address
    fields["Name"] = .string("Company \(Int.random(in: 1000...9999, using: &random)) & Sons \(accounts.count)")
    fields["Phone"] = .string("+1 503 555 \(Int.random(in: 1000...9999, using: &random))")
    fields["Description"] = "Bought at the fair"
    accounts.append(try company.sandbox.salesforce.create("Account", fields))
  }

  private mutating func deal() throws {
    if accounts.isEmpty { try account() }
    let account = accounts[Int.random(in: accounts.indices, using: &random)]
    let codes = company.sandbox.data.products.keys.sorted()
    var lines: [DealLine] = []
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let price = "\(Int.random(in: 1...2000, using: &random)).\(Int.random(in: 10...99, using: &random))"
      let quantity = "\(Int.random(in: 1...40, using: &random))"
      lines.append(try company.story.line(codes[Int.random(in: codes.indices, using: &random)], quantity, price))
    }
    let number = JSON.string("PO-\(Int.random(in: 10_000...99_999, using: &random))")
    deals.append((try company.story.deal("Deal \(deals.count)", account, lines, ["PO_Number__c": number]), lines))
  }

  private mutating func move() throws {
    guard let account = accounts.randomElement(using: &random) else { return }
    let zip = JSON.string("97\(Int.random(in: 100...999, using: &random))")
    try company.sandbox.salesforce.update("Account", account, ["BillingPostalCode": zip])
  }

  /// Takes an order that NetSuite has one step further.
  private mutating func handleAnOrder() throws {
    let erp = company.sandbox.netsuite
    let orders = try erp.query("SELECT id FROM transaction WHERE type = 'SalesOrd' ORDER BY id").compactMap {
      $0["id"]?.string
    }
    guard let order = orders.randomElement(using: &random) else { return }
    switch erp.record("salesOrder", order)?["status"]?["refName"]?.string {
    case "Pending Approval": try erp.update("salesOrder", order, ["orderStatus": ["id": "B"]])
    case "Pending Fulfillment":
      try erp.transform(
        "salesOrder", order, to: "itemFulfillment",
        ["shipStatus": ["id": "C"], "package": ["items": [["packageTrackingNumber": .string("1Z\(order)")]]]])
    case "Pending Billing":
      let invoice = try erp.transform("salesOrder", order, to: "invoice", [:])
      if Bool.random(using: &random) {
        try erp.transform("invoice", invoice, to: "customerPayment", ["payment": "1.25"])
      }
    default: return
    }
  }
}
