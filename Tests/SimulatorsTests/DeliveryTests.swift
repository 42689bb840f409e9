import Crypto
import Formats
import Foundation
import HTTP
import Posix
import Testing
import Web

@testable import Simulators

/// What the two systems send by themselves, and how often.
@Suite struct DeliveryTests {
  struct Message: Sendable {
    let url: String
    let fields: Fields
    let body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  /// A receiver that refuses the first messages and remembers all.
  final class Receiver: Sendable {
    private let state: Lock<(refusals: Int, seen: [Message])>
    private let refusal: Delivered?

    init(refusing count: Int, with refusal: Delivered? = nil) {
      state = Lock((count, []))
      self.refusal = refusal
    }

    var seen: [Message] { state.withLock { $0.seen } }

    func take(_ message: Message) -> Delivered? {
      state.withLock { state in
        state.seen.append(message)
        state.refusals -= 1
        return state.refusals >= 0 ? refusal : Delivered(status: 200, body: SandboxTests.acknowledgement)
      }
    }
  }

  private func sandbox(_ receiver: Receiver) throws -> Sandbox {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("delivery-\(UUID().uuidString)").path
    var options = Sandbox.Options(folder: folder)
    options.retryMilliseconds = 1
    options.product = "http://product.example"
    options.crmToken = "token"
    options.erpSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    return try Sandbox(options) { url, fields, body in receiver.take(Message(url: url, fields: fields, body: body)) }
  }

  private func ids(_ message: Message) -> [String] {
    message.text.split(separator: "<Id>").dropFirst().map { String($0.prefix(18)) }
  }

  @Test(arguments: [
    nil, Delivered(status: 500, body: SandboxTests.acknowledgement), Delivered(status: 200, body: Array("ok".utf8)),
    Delivered(
      status: 200,
      body: Array(String(decoding: SandboxTests.acknowledgement, as: UTF8.self).replacing("true", with: "false").utf8)),
    Delivered(
      status: 200,
      body: Array(
        String(decoding: SandboxTests.acknowledgement, as: UTF8.self).replacing("outbound", with: "other").utf8)),
  ])
  func `an outbound message is sent until it is acknowledged, under the same id`(refusal: Delivered?) async throws {
    let receiver = Receiver(refusing: 2, with: refusal)
    let sandbox = try sandbox(receiver)
    let account = try sandbox.salesforce.create("Account", ["Name": "A & B"])
    await sandbox.salesforce.quiet()
    #expect(receiver.seen.count == 3)
    let first = try #require(receiver.seen.first)
    #expect(first.url == "http://product.example/hooks/crm/token")
    #expect(first.fields["SOAPAction"] == "\"\"")
    #expect(Set(receiver.seen.map(ids)).count == 1)
    #expect(first.text.contains("<OrganizationId>00D7F00000107XsUAI</OrganizationId>"))
    #expect(first.text.contains("<sf:Id>\(account)</sf:Id>\n     <sf:CreatedDate>"))
    #expect(first.text.contains("<sf:Name>A &amp; B</sf:Name>"))
    #expect(!first.text.contains("ParentId"))
    await sandbox.stop()
  }

  @Test func `a line that is added tells of itself and of its opportunity`() async throws {
    let receiver = Receiver(refusing: 0)
    let sandbox = try sandbox(receiver)
    let deal = try sandbox.salesforce.create(
      "Opportunity", ["Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-12-01"])
    await sandbox.salesforce.quiet()
    let widget = try #require(sandbox.data.products["WIDGET-100"])
    try sandbox.salesforce.create(
      "OpportunityLineItem",
      ["OpportunityId": .string(deal), "PricebookEntryId": .string(widget.entry), "Quantity": 1])
    await sandbox.salesforce.quiet()
    let later = receiver.seen.dropFirst().map(\.text)
    #expect(later.count == 2)
    #expect(later.contains { $0.contains("sf:OpportunityLineItem") })
    #expect(later.contains { $0.contains("<sf:Amount>120.0</sf:Amount>") })
    await sandbox.stop()
  }

  @Test func `a saved record calls back, signed, until it is taken, and a script's own change does not`() async throws {
    let receiver = Receiver(refusing: 1, with: Delivered(status: 503, body: []))
    let sandbox = try sandbox(receiver)
    let customer = try SandboxTests.customer(sandbox.netsuite)
    await sandbox.netsuite.quiet()
    #expect(receiver.seen.count == 2)
    #expect(Set(receiver.seen.map { $0.fields["webhook-id"] }).count == 1)
    let message = try #require(receiver.seen.last)
    #expect(message.url == "http://product.example/hooks/erp")
    let scheme = try StandardWebhooks(secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    _ = try scheme.verify(
      id: message.fields["webhook-id"], timestamp: message.fields["webhook-timestamp"],
      signature: message.fields["webhook-signature"], body: message.body, now: Clock.wall().seconds)
    let body = try JSON.parse(message.body)
    #expect(body["account"]?.string == "1234567_SB1")
    #expect(body["record"] == ["type": "customer", "id": .string(customer)])
    #expect(body["event"]?.string == "create")
    try sandbox.netsuite.updateFromScript("customer", customer, ["creditLimit": 5])
    #expect(sandbox.netsuite.isQuiet)
    try sandbox.netsuite.update("customer", customer, ["creditLimit": 7])
    await sandbox.netsuite.quiet()
    #expect(receiver.seen.count == 3)
    #expect(try JSON.parse(try #require(receiver.seen.last).body)["changed"]?.array?.contains("creditlimit") == true)
    await sandbox.stop()
  }

  @Test func `over real sockets, from one simulator's outbox to a server that acknowledges`() async throws {
    let seen = Lock(0)
    let handler = HandlerFunction { request in
      seen.withLock { $0 += request.path == "/hooks/crm/token" ? 1 : 0 }
      return .xml(SandboxTests.acknowledgement)
    }
    let product = RunningServer()
    let address = try product.start(handler, on: .loopback())
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sockets-\(UUID().uuidString)").path
    var options = Sandbox.Options(folder: folder)
    options.crmToken = "token"
    let sandbox = try Sandbox(options)
    sandbox.deliver(to: "http://\(address)")
    try sandbox.salesforce.create("Account", ["Name": "A"])
    await sandbox.quiet()
    #expect(seen.withLock { $0 } == 1)
    await sandbox.stop()
    await product.stop()
  }
}
