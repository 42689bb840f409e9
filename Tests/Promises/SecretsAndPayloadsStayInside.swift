import Crypto
import Formats
import Foundation
import Glibc
import Net
import Support
import Testing

@testable import Simulators

/// Canaries of every kind of secret, and of what payloads hold about people, go through the real program: taken, refused,
/// malformed, held and dead. Then everything that it said and keeps is searched for them.
///
/// There is one level of logging, and no switch that makes it say more.
@Suite struct SecretsAndPayloadsStayInside {
  @Test(.timeLimit(.minutes(3)))
  func `no secret and nothing of a payload gets where it does not belong`() async throws {
    let company = try Company()
    let senders = try SenderKinds()
    try senders.configure(company.product)
    try await company.start()
    try expectNoCoreDumps(of: try #require(company.product.processIdentifier))
    let answers = try await traffic(company, senders)
    for answer in answers {
      #expect(answer.isRight, "\(answer.what): \(String(decoding: answer.answer, as: UTF8.self))")
    }
    let canaries = Self.canaries(company, senders)

    func search(_ what: String, _ bytes: Data, _ place: Canaries.Place) {
      #expect(canaries.found(in: bytes, place) == [], "\(what)")
    }
    for answer in answers { search("the answer to: \(answer.what)", answer.answer, .said) }
    search("/metrics", Data(try await company.product.console("/metrics")), .said)
    for path in Self.paths { search(path, Data(try await company.product.console(path)), .listed) }
    for command in Self.commands { search(command[0], try await run(command, company.product), .listed) }

    try await company.product.stop()
    search("the log", Data(company.product.saidByAll.utf8), .said)
    for command in Self.commands { search("\(command[0]), stopped", try await run(command, company.product), .listed) }
    try await searchFiles(company.product.data, search)
    try await company.stop()
  }

  private static let paths = [
    "/", "/api/v1/status", "/api/v1/events", "/api/v1/events?state=held,dead", "/api/v1/keys", "/api/v1/runs",
  ]
  private static let commands = [
    ["events", "list"], ["events", "list", "--json"], ["events", "list", "--state", "held,dead"], ["keys"],
    ["keys", "--json"], ["check"], ["check", "--json"],
  ]

  // MARK: what happens

  /// People's work and senders' requests; the answers to the latter.
  private func traffic(
    _ company: Company, _ senders: SenderKinds
  ) async throws -> [(what: String, answer: Data, isRight: Bool)] {
    let (crm, story) = (company.sandbox.salesforce, company.story)
    var fields = Story.address
    fields["Name"] = .string(SenderKinds.name)
    fields["Phone"] = .string(SenderKinds.phone)
    fields["Description"] = .string(SenderKinds.note)
    let account = try crm.create("Account", fields)
    // NetSuite wants more digits of a phone number: dead.
    fields["Name"] = .string(SenderKinds.other)
    fields["Phone"] = "4711"
    try crm.create("Account", fields)
    // NetSuite does not know the product: held, and the reason names it and the deal.
    let product = try crm.create(
      "Product2", ["Name": "Bench", "ProductCode": .string(SenderKinds.product), "IsActive": true])
    let entry = try crm.create(
      "PricebookEntry",
      [
        "Product2Id": .string(product), "Pricebook2Id": .string(company.sandbox.data.standardPriceBook),
        "UnitPrice": .string(SenderKinds.amount), "IsActive": true, "CurrencyIsoCode": "USD",
      ])
    let unknown = DealLine(entry: entry, item: "", quantity: "1", price: SenderKinds.amount)
    _ = try story.deal("For \(SenderKinds.other)", account, [unknown], ["Order_Notes__c": .string(SenderKinds.note)])
    let known = try story.line("WIDGET-100", "1", SenderKinds.amount)
    _ = try story.deal("For \(SenderKinds.name)", account, [known], ["Order_Notes__c": .string(SenderKinds.note)])

    let addresses = try company.product.addresses.map { try #require(SocketAddress($0)) }
    let token = company.sandbox.description.environment["CRM_TOKEN"] ?? ""
    var answers = try await senders.send(to: addresses[0], crmToken: token)
    answers += try await senders.sendOverTLS(to: addresses[1])
    try await company.settled()
    let states = Set(try await company.product.list().compactMap { $0["state"]?.string })
    #expect(states.isSuperset(of: ["done", "held", "dead"]), "\(states)")
    return answers
  }

  private static func canaries(_ company: Company, _ senders: SenderKinds) -> Canaries {
    var canaries = senders.canaries
    let environment = company.sandbox.description.environment
    for name in ["CRM_TOKEN", "EVENT_SECRET", "ERP_SECRET"] { canaries.add(secret: name, environment[name] ?? "") }
    for name in ["CRM_KEY_FILE", "ERP_KEY_FILE"] {
      canaries.add(key: name, Array(FileManager.default.contents(atPath: environment[name] ?? "") ?? Data()))
    }
    let sessions = company.sandbox.salesforce.state.withLock { Array($0.sessions.open.keys) }
    let tokens = company.sandbox.netsuite.state.withLock { Array($0.tokens.open.keys) }
    #expect(!sessions.isEmpty && !tokens.isEmpty)
    for token in sessions { canaries.add(secret: "a Salesforce session", token) }
    for token in tokens { canaries.add(secret: "a NetSuite token", token) }
    return canaries
  }

  // MARK: where it is looked for

  private func run(_ command: [String], _ product: ProductProcess) async throws -> Data {
    let data = command[0] == "check" ? [] : ["--data", product.data]
    let (status, output) = try await product.command(command + ["--config", product.config] + data)
    #expect(status == 0, "\(command): \(output)")
    return Data(output.utf8)
  }

  /// The queue's log and the ledger hold payloads and values, for that is what they are for: an event is kept as it came,
  /// and a run remembers what it wrote. No secret is in them either. Every other file is small, and holds neither.
  private func searchFiles(_ folder: String, _ search: (String, Data, Canaries.Place) -> Void) async throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
    var small: [String] = []
    for name in names {
      // Nothing for folders.
      guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
      // The log's segments are allocated ahead.
      let used = bytes.prefix(upTo: bytes.range(of: Data(count: 65_536))?.lowerBound ?? bytes.endIndex)
      let holdsPayloads = name.hasPrefix("queue/") && name.hasSuffix(".log") || name.hasPrefix("ledger.db")
      if !holdsPayloads { small.append(name) }
      search(name, used, holdsPayloads ? .kept : .said)
    }
    #expect(Set(small).isSuperset(of: ["keys.json", "tokens"]), "\(names)")
  }

  private func expectNoCoreDumps(of process: Int32) throws {
    let limits = try String(contentsOfFile: "/proc/\(process)/limits", encoding: .utf8)
    let cores = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") } ?? ""
    #expect(cores.split(separator: " ").suffix(3).prefix(2) == ["0", "0"], "\(cores)")
    // proc(5): what belongs to a process that may not be dumped is root's, so that nobody else reads its memory.
    if geteuid() != 0 {
      var status = stat()
      #expect(stat("/proc/\(process)/mem", &status) == 0 && status.st_uid == 0)
    }
  }
}
