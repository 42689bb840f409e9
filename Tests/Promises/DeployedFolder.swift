import Client
import Connectors
import Crypto
import Events
import Flows
import Formats
import Foundation
import Posix
import Simulators

/// `deploy/lead-to-cash` as it stands, with connectors to a sandbox: settles pairs without queue and server.
final class DeployedFolder: Sendable {
  struct Unready: Error, CustomStringConvertible {
    let description: String
  }

  static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("deploy/lead-to-cash").path

  let sandbox: Sandbox
  let blueprint: Blueprint
  let connectors: [Side: any Connector]
  private let client: CurlClient
  private let folder: String
  private let agreed = Lock<[String: [AgreedKey: Agreed]]>([:])

  static func load(_ folder: String = path) -> (Blueprint?, [Problem]) {
    Blueprint.load(
      folder: folder, connections: ["crm": .salesforce, "erp": .netsuite],
      schemas: ["crm": Schema.salesforce, "erp": Schema.netsuite])
  }

  init() throws {
    let (blueprint, problems) = Self.load()
    guard let blueprint else { throw Unready(description: problems.map(\.description).joined(separator: "\n")) }
    self.blueprint = blueprint
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("deployed-\(UUID().uuidString)").path
    sandbox = try Sandbox(Sandbox.Options(folder: folder)) { _, _, _ in nil }
    sandbox.salesforce.deliver([])
    sandbox.netsuite.deploy(nil)
    client = try CurlClient(policy: .publicAndLoopback)
    let environment = sandbox.description.environment
    func key(_ name: String) throws -> PrivateKey {
      try PrivateKey(pem: Array(FileManager.default.contents(atPath: environment[name] ?? "") ?? Data()))
    }
    connectors = [
      .salesforce: SalesforceConnector(
        SalesforceSettings(
          organization: Sandbox.organization, url: sandbox.description.salesforceURL,
          clientID: environment["CRM_CLIENT_ID"] ?? "", user: environment["CRM_USER"] ?? "",
          key: try key("CRM_KEY_FILE"), schema: blueprint.schemas["crm"] ?? .salesforce), client: client),
      .netsuite: NetSuiteConnector(
        NetSuiteSettings(
          account: Sandbox.account, url: sandbox.description.netsuiteURL,
          clientID: environment["ERP_CLIENT_ID"] ?? "", certificateID: environment["ERP_CERTIFICATE_ID"] ?? "",
          key: try key("ERP_KEY_FILE"), schema: blueprint.schemas["erp"] ?? .netsuite), client: client),
    ]
  }

  func stop() async {
    client.close()
    await sandbox.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  func connector(_ side: Side) throws -> any Connector {
    guard let connector = connectors[side] else { throw Unready(description: "no connector") }
    return connector
  }

  /// One run, as the program does it.
  func settle(
    _ name: String, from side: Side, _ id: String, mode: Settlement.Mode = .settle
  ) async throws -> (plan: Plan, writes: [PlannedWrite]) {
    guard let entity = blueprint.entity(name) else { throw Unready(description: "no entity \(name)") }
    var run = Settlement(blueprint, entity: entity, from: side, id: id, mode: mode, today: Instant.now.date)
    for _ in 0..<60 {
      switch run.next() {
      case .fetch(let needs): for need in needs { run.answer(need, try await answer(need)) }
      case .write(let planned): run.wrote(planned, as: try await connector(planned.side).write(planned.write))
      case .remember(let salesforce, let netsuite, let found):
        agreed.withLock { $0["\(name) \(salesforce) \(netsuite)", default: [:]].merge(found) { $1 } }
      case .finished(let plan): return (plan, run.writes)
      }
    }
    throw Unready(description: "the run does not end")
  }

  private func answer(_ need: Need) async throws -> Answer {
    switch need {
    case .record(let side, _, let types, let id, let shape):
      for type in types {
        if let record = try await connector(side).read(RecordID(type: type, id: id), shape) { return .record(record) }
      }
      return .record(nil)
    case .find(let side, _, let types, let fields, let limit, let shape):
      var found: [Record] = []
      for type in types { found += try await connector(side).find(type, where: fields, limit: limit, shape) }
      return .records(Array(found.prefix(limit)))
    case .rows(let side, _, let query, let parameters):
      return .rows(try await connector(side).query(query, parameters))
    case .partner(let name, let side, let id, let mayWrite, let mayCreate):
      let mode = Settlement.Mode.partner(mayWrite: mayWrite, mayCreate: mayCreate)
      return .partner(try await settle(name, from: side, id, mode: mode).plan.partner(of: side))
    case .agreed(let entity, let salesforce, let netsuite):
      return .agreed(agreed.withLock { $0["\(entity) \(salesforce) \(netsuite)"] ?? [:] })
    }
  }
}

extension Instant {
  static var now: Instant { Instant(secondsSince1970: Int64(Date().timeIntervalSince1970)) }
}
