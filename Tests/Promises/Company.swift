import Formats
import Foundation
import Support

@testable import Simulators

/// A sandbox, the product beside it as a process, and a story to ask them with.
struct Company {
  let sandbox: Sandbox
  let tape: Tape
  let product: ProductProcess
  let story: Story

  init() throws {
    let folder = ProductProcess.temporaryFolder()
    tape = Tape()
    var options = Sandbox.Options(folder: folder + "-keys")
    options.retryMilliseconds = 100
    sandbox = try Sandbox(options, courier: tape.deliver)
    product = try ProductProcess(environment: sandbox.description.environment, folder: folder)
    story = try Story(sandbox, tape, product, product.client)
  }

  func start() async throws {
    try product.spawn()
    sandbox.deliver(to: try await product.ready())
    sandbox.salesforce.retryNow()
    sandbox.netsuite.retryNow()
  }

  func stop() async throws {
    try await product.stop()
    await sandbox.stop()
    product.client.close()
    product.remove()
    try? FileManager.default.removeItem(atPath: product.folder + "-keys")
  }

  /// Everything came to rest, retries of the senders included.
  func settled() async throws {
    try await Probe.wait(for: "everything to come to rest: \(product.said.suffix(1500))", seconds: 120) {
      sandbox.salesforce.retryNow()
      sandbox.netsuite.retryNow()
      let before = try await product.work()
      guard before.pending == 0, sandbox.salesforce.isQuiet, sandbox.netsuite.isQuiet else { return false }
      return try await product.work() == before
    }
  }

  // MARK: whether both sides agree

  static let status = [
    "Pending Approval": "Awaiting approval", "Pending Fulfillment": "Open", "Partially Fulfilled": "Partly shipped",
    "Pending Billing/Partially Fulfilled": "Partly shipped", "Pending Billing": "Shipped", "Billed": "Invoiced",
    "Closed": "Closed", "Cancelled": "Cancelled",
  ]

  func expectCustomer(of account: String, _ findings: inout Findings) async throws {
    let row = try await story.crm.record(
      "Account", account,
      [
        "Name", "Phone", "Description", "BillingCity", "BillingPostalCode", "Credit_Limit__c", "Payment_Terms__c",
        "NetSuite_Id__c", "Sync_State__c",
      ])
    guard let id = row["NetSuite_Id__c"]?.string else { return findings.expect("\(account) has a customer", false) }
    let customer = try await story.erp.record("customer", id)
    let billing = customer["addressBook"]?["items"]?.array?.first { $0["defaultBilling"]?.bool == true }
    findings.expect(
      "customer \(id)", customer,
      has: [
        "companyName": row["Name"] ?? .null, "phone": row["Phone"] ?? .null, "comments": row["Description"] ?? .null,
        "externalId": .string("crm-\(account)"), "creditLimit": row["Credit_Limit__c"] ?? .null,
      ])
    findings.expect(
      "customer \(id)'s address", billing?["addressBookAddress"] ?? .null,
      has: ["city": row["BillingCity"] ?? .null, "zip": row["BillingPostalCode"] ?? .null])
    findings.expect(
      "customer \(id)'s addresses", .number(Int64(customer["addressBook"]?["items"]?.array?.count ?? 0)), is: 2)
    findings.expect("account \(account)", row, has: ["Sync_State__c": "synced"])
    let same = try await story.erp.query("SELECT id FROM customer WHERE externalid = ?", ["crm-\(account)"])
    findings.expect("customers of \(account)", .number(Int64(same.count)), is: 1)
  }

  func expectOrder(of deal: String, _ lines: [DealLine], _ findings: inout Findings) async throws {
    let row = try await story.crm.record("Opportunity", deal, Story.shown + ["AccountId", "CloseDate", "PO_Number__c"])
    guard let id = row["NetSuite_Order_Id__c"]?.string else { return findings.expect("\(deal) has an order", false) }
    let order = try await story.erp.record("salesOrder", id)
    let account = try await story.crm.record("Account", row["AccountId"]?.string ?? "", ["NetSuite_Id__c"])
    findings.expect(
      "order \(id)", order,
      has: [
        "entity": account["NetSuite_Id__c"] ?? .null, "tranDate": row["CloseDate"] ?? .null,
        "otherRefNum": row["PO_Number__c"] ?? .null, "externalId": .string("crm-\(deal)"),
        "tranId": row["NetSuite_Number__c"] ?? .null, "total": row["NetSuite_Total__c"] ?? .null,
      ])
    findings.expect(
      "status of \(deal)", row["NetSuite_Status__c"],
      is: Self.status[order["status"]?["refName"]?.string ?? ""].map { .string($0) } ?? .null)
    Story.expectLines(order, lines, &findings)
    let bills = try await story.erp.query(
      "SELECT t.tranid AS number, t.foreigntotal AS total, t.foreignamountunpaid AS due FROM transaction t "
        + "JOIN transactionline l ON l.transaction = t.id AND l.mainline = 'T' WHERE l.createdfrom = ? "
        + "AND t.type = 'CustInvc' ORDER BY t.id", [id])
    func sum(_ name: String) -> ExactDecimal {
      bills.reduce(.zero) { $0.plus($1[name]?.string.flatMap { ExactDecimal($0) } ?? .zero) }
    }
    let numbers = bills.compactMap { $0["number"]?.string }.joined(separator: ", ")
    findings.expect("invoices of \(deal)", row["Invoice_Numbers__c"], is: numbers.isEmpty ? .null : .string(numbers))
    if !bills.isEmpty {
      findings.expect("invoiced of \(deal)", row["Invoiced__c"], is: .number(JSONNumber(sum("total"))))
      findings.expect("due of \(deal)", row["Amount_Due__c"], is: .number(JSONNumber(sum("due"))))
    }
    let same = try await story.erp.query("SELECT id FROM transaction WHERE externalid = ?", ["crm-\(deal)"])
    findings.expect("orders of \(deal)", .number(Int64(same.count)), is: 1)
  }
}
