import Client
import Formats
import Foundation

/// Lead to cash, as the people of a company would live it: everything is done in the two systems, and looked at there.
///
/// It knows nothing of the product but that it has work to do, or none.
public struct Story: Sendable {
  public let sandbox: Sandbox
  public let tape: Tape
  public let product: any StoryProduct
  public let crm: SalesforcePerson
  public let erp: NetSuitePerson

  public init(_ sandbox: Sandbox, _ tape: Tape, _ product: any StoryProduct, _ client: CurlClient) throws {
    self.sandbox = sandbox
    self.tape = tape
    self.product = product
    crm = try SalesforcePerson(sandbox.description.environment, client)
    erp = try NetSuitePerson(sandbox.description.environment, client)
  }

  public static let chapters: [StoryChapter] = [
    StoryChapter("An account becomes a customer, and stays the same", play: accountBecomesCustomer),
    StoryChapter("A won opportunity becomes a sales order, once", play: opportunityBecomesOrder),
    StoryChapter("The order is shipped, billed and partly paid", play: orderIsShippedAndBilled),
    StoryChapter("The customer's credit limit and web address", play: creditLimitAndWebsite),
    StoryChapter("A product that NetSuite does not know", play: unknownProduct),
  ]

  /// Returns when nothing is under way any more: both systems have delivered, the product has no work.
  public func settled() async throws {
    try await Probe.wait(for: "everything to come to rest", seconds: 60) {
      let before = try await product.work()
      guard before.pending == 0, sandbox.salesforce.isQuiet, sandbox.netsuite.isQuiet else { return false }
      return try await product.work() == before
    }
  }

  /// Writes that the product made to a record: `Account 001…`, `customer 101`.
  func writes(_ record: String) -> Int {
    sandbox.salesforce.counters.writes[record] ?? sandbox.netsuite.counters.writes[record] ?? 0
  }

  /// All writes that the product made, for "nothing was written".
  var allWrites: [String: Int] {
    sandbox.salesforce.counters.writes.merging(sandbox.netsuite.counters.writes) { $0 + $1 }
  }

  /// Calls that the product made: ours are not counted.
  public var productCalls: (salesforce: Int, netsuite: Int) {
    (sandbox.salesforce.counters.calls - crm.calls, sandbox.netsuite.counters.calls - erp.calls)
  }

  /// A won opportunity with lines; its id.
  func deal(_ name: String, _ account: String, _ lines: [DealLine], _ more: JSONObject = [:]) throws -> String {
    var fields: JSONObject = [
      "Name": .string(name), "AccountId": .string(account), "StageName": "Prospecting", "CloseDate": "2026-12-01",
    ]
    for (key, value) in more.members { fields[key] = value }
    let deal = try sandbox.salesforce.create("Opportunity", fields)
    for line in lines {
      try sandbox.salesforce.create(
        "OpportunityLineItem",
        [
          "OpportunityId": .string(deal), "PricebookEntryId": .string(line.entry), "Quantity": .string(line.quantity),
          "UnitPrice": .string(line.price),
        ])
    }
    try sandbox.salesforce.update("Opportunity", deal, ["StageName": "Closed Won"])
    return deal
  }

  func line(_ code: String, _ quantity: String, _ price: String) throws -> DealLine {
    guard let product = sandbox.data.products[code] else { throw Probe.Late(description: "no product \(code)") }
    return DealLine(entry: product.entry, item: product.item, quantity: quantity, price: price)
  }
}

/// What the story has to know of the product.
public protocol StoryProduct: Sendable {
  /// Events that are not finished, and how many came in, ever.
  func work() async throws -> StoryWork
  /// Sentences of what is held.
  func held() async throws -> [String]
  /// A person tries what is held again.
  func retryHeld() async throws
}

public struct StoryWork: Sendable, Equatable {
  public let pending: Int
  public let received: Int

  public init(pending: Int, received: Int) {
    self.pending = pending
    self.received = received
  }
}

public struct StoryChapter: Sendable {
  public let title: String
  let act: @Sendable (Story, inout Scene) async throws -> Void

  init(_ title: String, play: @escaping @Sendable (Story, inout Scene) async throws -> Void) {
    self.title = title
    act = play
  }

  public func play(_ story: Story, _ scene: inout Scene) async throws { try await act(story, &scene) }
}

/// What the chapters leave behind for each other, and what was found.
public struct Scene: Sendable {
  public var findings = Findings()
  /// Told while it happens.
  public var say: @Sendable (String) -> Void
  var account = ""
  var customer = ""
  var deal = ""
  var order = ""

  public init(say: @escaping @Sendable (String) -> Void) { self.say = say }
}

/// A line of a deal, and the item it has to become.
struct DealLine: Sendable {
  let entry: String
  var item: String
  let quantity: String
  let price: String
}
