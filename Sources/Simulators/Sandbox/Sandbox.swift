import Crypto
import Formats
import Foundation
import Net

/// Both simulators with keys, reference data and deliveries, ready for `deploy/lead-to-cash`.
public struct Sandbox: Sendable {
  public struct Options: Sendable {
    public var salesforce = SocketAddress.loopback()
    public var netsuite = SocketAddress.loopback()
    /// Where keys are written.
    public var folder: String
    /// Where the product's public listener is.
    public var product = "http://127.0.0.1:8080"
    /// The secrets of the endpoints; made where they are nil.
    public var crmToken: String?
    public var eventSecret: String?
    public var erpSecret: String?
    /// Milliseconds before a message that was not taken is sent again.
    public var retryMilliseconds: Int64 = 1000

    public init(folder: String) { self.folder = folder }
  }

  /// What `causeway sandbox` prints as one line, and what the product needs in its environment.
  public struct Description: Sendable {
    public let salesforceURL: String
    public let netsuiteURL: String
    public let organization: String
    public let account: String
    public let environment: [String: String]

    public var json: JSON {
      var variables: JSONObject = [:]
      for (name, value) in environment.sorted(by: { $0.key < $1.key }) { variables[name] = .string(value) }
      func value(_ name: String) -> JSON { .string(environment[name] ?? "") }
      return [
        "salesforce": [
          "url": .string(salesforceURL), "organization": .string(organization), "clientId": value("CRM_CLIENT_ID"),
          "user": value("CRM_USER"), "key": value("CRM_KEY_FILE"), "version": .string(SalesforceSimulator.version),
        ],
        "netsuite": [
          "url": .string(netsuiteURL), "account": .string(account), "clientId": value("ERP_CLIENT_ID"),
          "certificateId": value("ERP_CERTIFICATE_ID"), "key": value("ERP_KEY_FILE"),
        ],
        "environment": .object(variables),
      ]
    }
  }

  public static let organization = "00D7F00000107XsUAI"
  public static let account = "1234567_SB1"
  public static let user = "causeway@sandbox.example"

  public let salesforce: SalesforceSimulator
  public let netsuite: NetSuiteSimulator
  public let description: Description
  public let data: SandboxData

  /// Starts both. Keys in the folder from an earlier start are used again.
  public init(_ options: Options, courier: @escaping Courier = PlainCourier.make()) throws {
    try FileManager.default.createDirectory(atPath: options.folder, withIntermediateDirectories: true)
    let crmFile = options.folder + "/crm.key"
    let erpFile = options.folder + "/erp.key"
    let crmKey = try Self.key(crmFile) { try PrivateKey.generateRSA(bits: 2048) }
    let erpKey = try Self.key(erpFile) { try PrivateKey.generateP256() }
    let token = options.crmToken ?? Hex.encode(Random.bytes(24))
    let erpSecret = options.erpSecret ?? "whsec_" + Base64.encode(Random.bytes(32))
    let clients = (crm: "causeway.sandbox.crm.client", erp: Hex.encode(Random.bytes(32)))
    let certificate = Base64URL.encode(Digest.sha256.hash(erpKey.publicKey.der))

    var crm = SalesforceSimulator.Configuration(
      organization: Self.organization, clientID: clients.crm, user: Self.user, key: crmKey.publicKey)
    crm.retryMilliseconds = options.retryMilliseconds
    crm.outboundMessages = SandboxData.outboundMessages(url: "\(options.product)/hooks/crm/\(token)")
    var erp = NetSuiteSimulator.Configuration(
      account: Self.account, clientID: clients.erp, certificateID: certificate, key: erpKey.publicKey)
    erp.retryMilliseconds = options.retryMilliseconds
    erp.script = UserEventScript(
      url: "\(options.product)/hooks/erp", secret: erpSecret, recordTypes: SandboxData.scriptedTypes)
    let salesforce = SalesforceSimulator(crm, courier: courier)
    let netsuite = NetSuiteSimulator(erp, courier: courier)
    data = try SandboxData(seeding: salesforce, netsuite)
    let crmURL = try salesforce.start(on: options.salesforce)
    let erpURL = try netsuite.start(on: options.netsuite)
    self.salesforce = salesforce
    self.netsuite = netsuite
    description = Description(
      salesforceURL: crmURL, netsuiteURL: erpURL, organization: Self.organization, account: Self.account,
      environment: [
        "CRM_TOKEN": token, "EVENT_SECRET": options.eventSecret ?? Hex.encode(Random.bytes(32)),
        "ERP_SECRET": erpSecret, "CRM_URL": crmURL, "ERP_URL": erpURL, "CRM_CLIENT_ID": clients.crm,
        "CRM_USER": Self.user, "ERP_CLIENT_ID": clients.erp, "ERP_CERTIFICATE_ID": certificate,
        "CRM_KEY_FILE": crmFile, "ERP_KEY_FILE": erpFile,
      ])
  }

  /// Where the product listens, once that is known: `http://127.0.0.1:8080`.
  public func deliver(to product: String) {
    salesforce.deliver(to: product)
    netsuite.deliver(to: product)
  }

  public func stop() async {
    await salesforce.stop()
    await netsuite.stop()
  }

  /// Returns when everything that was changed was delivered and taken.
  public func quiet() async {
    await salesforce.quiet()
    await netsuite.quiet()
  }

  private static func key(_ path: String, _ make: () throws -> PrivateKey) throws -> PrivateKey {
    if let old = FileManager.default.contents(atPath: path) { return try PrivateKey(pem: Array(old)) }
    let key = try make()
    let pem = Data(try key.pem())
    guard FileManager.default.createFile(atPath: path, contents: pem, attributes: [.posixPermissions: 0o600]) else {
      throw CocoaError(.fileWriteUnknown)
    }
    return key
  }
}
