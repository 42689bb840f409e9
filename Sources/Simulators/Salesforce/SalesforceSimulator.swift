import Crypto
import Formats
import HTTP
import Net
import Posix
import Web

/// A Salesforce org on loopback: sign-in, queries, records, outbound messages, with the real wire formats.
///
/// Strict where Salesforce is strict. What a person would do in the browser is done by `create`, `update` and `delete`
/// here, or through the API by any client that signs in.
public final class SalesforceSimulator: Sendable {
  public struct Configuration: Sendable {
    /// 18 characters.
    public var organization: String
    public var clientID: String
    /// The integration user's name: the assertion's `sub`.
    public var user: String
    /// The certificate that the connected app knows.
    public var key: PublicKey
    /// Besides the base URL itself.
    public var audiences: Set<String> = ["https://login.salesforce.com", "https://test.salesforce.com"]
    /// Seconds.
    public var sessionLifetime: Int64 = 7200
    public var dailyLimit = 100_000
    /// Records a query answers at once.
    public var pageSize = 2000
    public var outboundMessages: [OutboundMessage] = []
    /// Milliseconds before an unacknowledged message is sent again; doubled each time.
    public var retryMilliseconds: Int64 = 2000

    public init(organization: String, clientID: String, user: String, key: PublicKey) {
      self.organization = organization
      self.clientID = clientID
      self.user = user
      self.key = key
    }
  }

  struct State {
    var org: Org
    var sessions: Sessions
    var counters = Counters()
    var messages: [OutboundMessage]
    var notifications: UInt64 = 0
    var cursors: [String: [JSON]] = [:]
    var callsToday = 0
    var administrator = ""
    var integrationUser = ""
    var base = ""
  }

  public static let version = "v62.0"
  let configuration: Configuration
  let state: Lock<State>
  let faults = FaultPlan()
  private let service = RunningServer()
  private let outbox: Lock<Outbox?> = Lock(nil)
  private let courier: Courier

  public init(_ configuration: Configuration, courier: @escaping Courier = PlainCourier.make()) {
    self.configuration = configuration
    self.courier = courier
    var sessions = Sessions(
      clientID: configuration.clientID, user: configuration.user, key: configuration.key,
      audiences: configuration.audiences)
    sessions.lifetime = configuration.sessionLifetime
    var state = State(
      org: Org(organization: configuration.organization), sessions: sessions, messages: configuration.outboundMessages)
    state.seedUsers(configuration.user)
    self.state = Lock(state)
    let outbox = Outbox(timing: Outbox.Timing(base: configuration.retryMilliseconds), batch: 100) {
      [weak self] parcels in
      await self?.send(parcels) ?? true
    }
    self.outbox.withLock { $0 = outbox }
  }

  // MARK: running

  /// The base URL: `http://127.0.0.1:PORT`.
  @discardableResult
  public func start(on address: SocketAddress = .loopback()) throws(NetError) -> String {
    let bound = try service.start(SalesforceAPI(simulator: self), on: address)
    let base = "http://\(bound)"
    state.withLock { $0.base = base }
    return base
  }

  public func stop() async {
    faults.stop()
    outbox.withLock { $0 }?.stop()
    await service.stop()
  }

  // MARK: what a person does

  /// Makes a record as the administrator would in the browser; its id.
  @discardableResult
  public func create(_ object: String, _ fields: JSONObject) throws -> String {
    try change { (org) throws(SalesforceError) in try org.create(object, fields) }
  }

  public func update(_ object: String, _ id: String, _ fields: JSONObject) throws {
    try change { (org) throws(SalesforceError) in try org.update(object, id, fields) }
  }

  public func delete(_ object: String, _ id: String) throws {
    try change { (org) throws(SalesforceError) in try org.delete(object, id) }
  }

  private func change<Result: Sendable>(_ body: @Sendable (inout Org) throws(SalesforceError) -> Result) throws
    -> Result
  {
    try write { (state) throws(SalesforceError) in
      state.org.user = state.administrator
      return try body(&state.org)
    }
  }

  /// The records a query finds, as the API answers them.
  public func query(_ soql: String) throws -> [JSON] {
    try state.withLock { (state) throws(SalesforceError) in
      try SOQLRun(org: state.org, version: Self.version).run(try SOQLParser.parse(soql)).records
    }
  }

  /// Adds a custom text field to an object.
  public func addTextField(_ name: String, to object: String, length: Int = 255) {
    state.withLock { $0.org.add(SObjectField(name, .text(length)), to: object) }
  }

  // MARK: faults, counters, messages

  public func add(_ fault: Fault) { faults.add(fault) }
  public func clearFaults() { faults.clear() }
  public var counters: Counters { state.withLock { $0.counters } }
  public func revokeSessions() { state.withLock { $0.sessions.revokeAll() } }

  /// Outbound messages that were posted, retries included.
  public var messagesSent: Int { outbox.withLock { $0 }?.sent ?? 0 }
  public var isQuiet: Bool { outbox.withLock { $0 }?.isEmpty ?? true }
  /// Returns when every outbound message was acknowledged.
  public func quiet() async { await outbox.withLock { $0 }?.emptied() }
  /// Retries everything now.
  public func retryNow() { outbox.withLock { $0 }?.hurry() }

  /// Replaces the outbound messages.
  public func deliver(_ messages: [OutboundMessage]) { state.withLock { $0.messages = messages } }

  /// Keeps path and token of each message's address and changes where it leads: `http://127.0.0.1:8080`.
  public func deliver(to base: String) {
    state.withLock { state in
      for index in state.messages.indices {
        let path = state.messages[index].url.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" }
        state.messages[index].url = base + path
      }
    }
  }

  /// Runs a write, and puts what it changed into the outbox when it was committed.
  func write<Result: Sendable>(
    _ body: @Sendable (inout State) throws(SalesforceError) -> Result
  ) throws(SalesforceError) -> Result {
    let (result, parcels) = try state.withLock { (state) throws(SalesforceError) -> (Result, [Outbox.Parcel]) in
      state.org.now = Self.now()
      state.org.changes = []
      // All or nothing: what a failed write has done is undone.
      let before = state.org
      do throws(SalesforceError) {
        let result = try body(&state)
        return (result, state.parcels())
      } catch {
        state.org = before
        throw error
      }
    }
    outbox.withLock { $0 }?.add(parcels)
    return result
  }

  static func now() -> Instant {
    let time = Clock.wall()
    return Instant(secondsSince1970: time.seconds, nanoseconds: time.nanoseconds)
  }

  private func send(_ parcels: [Outbox.Parcel]) async -> Bool {
    guard let group = parcels.first?.group else { return true }
    let (url, text) = state.withLock { state -> (String, String) in
      guard let index = state.messages.firstIndex(where: { $0.object == group }) else { return ("", "") }
      let envelope = OutboundEnvelope(
        org: state.org, message: state.messages[index],
        action: SalesforceID.make(prefix: "04k", number: UInt64(index + 1)), host: "causeway-sandbox.my.salesforce.com")
      return (
        state.messages[index].url,
        envelope.text(parcels.map { OutboundEnvelope.Notification(id: $0.id, record: $0.subject) })
      )
    }
    // The message was taken away: what waited for it is dropped.
    guard !url.isEmpty else { return true }
    let fields: Fields = [
      "Content-Type": "text/xml; charset=UTF-8", "SOAPAction": "\"\"", "User-Agent": "Jakarta Commons-HttpClient/3.1",
    ]
    guard let answer = await courier(url, fields, Array(text.utf8)) else { return false }
    return answer.status == 200 && OutboundEnvelope.isAcknowledgement(answer.body)
  }
}

extension SalesforceSimulator.State {
  /// The users of the org: an administrator, and the one that the product signs in as.
  mutating func seedUsers(_ name: String) {
    org.now = SalesforceSimulator.now()
    administrator =
      (try? org.create(
        "User",
        [
          "Username": "admin@sandbox.example", "FirstName": "Ada", "LastName": "Admin",
          "Email": "admin@sandbox.example",
        ])) ?? ""
    org.user = administrator
    integrationUser =
      (try? org.create(
        "User",
        [
          "Username": .string(name), "LastName": "Causeway", "Email": "causeway@sandbox.example",
        ])) ?? ""
    org.changes = []
  }

  /// One notification for each changed record that a message is set up for.
  mutating func parcels() -> [Outbox.Parcel] {
    var parcels: [Outbox.Parcel] = []
    var seen: Set<String> = []
    for change in org.changes where change.kind != .delete && seen.insert(change.id).inserted {
      guard let message = messages.first(where: { $0.object == change.object }) else { continue }
      notifications += 1
      let id = SalesforceID.make(prefix: "04l", number: notifications)
      parcels.append(Outbox.Parcel(id: id, group: message.object, subject: change.id))
    }
    org.changes = []
    return parcels
  }
}
