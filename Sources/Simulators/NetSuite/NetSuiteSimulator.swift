import Crypto
import Formats
import HTTP
import Net
import Posix
import Web

/// A NetSuite account on loopback: tokens, records, SuiteQL, and a user-event script that posts signed callbacks.
public final class NetSuiteSimulator: Sendable {
  public struct Configuration: Sendable {
    public var account: String
    public var clientID: String
    public var certificateID: String
    /// The certificate of the mapping.
    public var key: PublicKey
    /// Seconds.
    public var tokenLifetime: Int64 = 3600
    /// Requests at once; one more is 429.
    public var concurrency = 5
    public var script: UserEventScript?
    /// Milliseconds before a callback that was not taken is posted again; doubled each time.
    public var retryMilliseconds: Int64 = 2000
    /// Whether an order can be billed before it is shipped.
    public var invoicesInAdvance = false

    public init(account: String, clientID: String, certificateID: String, key: PublicKey) {
      self.account = account
      self.clientID = clientID
      self.certificateID = certificateID
      self.key = key
    }
  }

  struct State {
    var books: Books
    var tokens: Tokens
    var counters = Counters()
    var script: UserEventScript?
    var events: [String: UserEvent] = [:]
    var eventNumber = 0
    var inFlight = 0
    var base = ""
  }

  let configuration: Configuration
  let state: Lock<State>
  let faults = FaultPlan()
  private let service = RunningServer()
  private let outbox: Lock<Outbox?> = Lock(nil)
  private let courier: Courier
  /// Tells this run's callbacks from those of another.
  private let run = Hex.encode(Random.bytes(6))

  public init(_ configuration: Configuration, courier: @escaping Courier = PlainCourier.make()) {
    self.configuration = configuration
    self.courier = courier
    var tokens = Tokens(
      clientID: configuration.clientID, certificateID: configuration.certificateID, key: configuration.key)
    tokens.lifetime = configuration.tokenLifetime
    var books = Books(account: configuration.account)
    books.invoicesInAdvance = configuration.invoicesInAdvance
    state = Lock(State(books: books, tokens: tokens, script: configuration.script))
    let outbox = Outbox(timing: Outbox.Timing(base: configuration.retryMilliseconds), batch: 1) { [weak self] parcels in
      await self?.post(parcels) ?? true
    }
    self.outbox.withLock { $0 = outbox }
  }

  // MARK: running

  /// The base URL: `http://127.0.0.1:PORT`.
  @discardableResult
  public func start(on address: SocketAddress = .loopback()) throws(NetError) -> String {
    let bound = try service.start(NetSuiteAPI(simulator: self), on: address)
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

  /// Makes a record from a body as the record API takes it; its internal id. Fires the script as a person would.
  @discardableResult
  public func create(_ type: String, _ body: JSONObject) throws -> String {
    try person { (books) throws(NetSuiteError) in
      let type = try books.type(type)
      return String(try books.create(type, try BodyReader(books: books, type: type, refusesUnknown: true).read(body)))
    }
  }

  public func update(_ type: String, _ id: String, _ body: JSONObject, replace: Set<String> = []) throws {
    try person { (books) throws(NetSuiteError) in
      let type = try books.type(type)
      let input = try BodyReader(books: books, type: type, refusesUnknown: true).read(body)
      try books.update(type, Books.number(id) ?? 0, input, replaced: replace)
    }
  }

  public func delete(_ type: String, _ id: String) throws {
    try person { (books) throws(NetSuiteError) in try books.delete(try books.type(type), Books.number(id) ?? 0) }
  }

  /// `transform("salesOrder", id, to: "invoice", [:])`: the new record's id.
  @discardableResult
  public func transform(_ source: String, _ id: String, to target: String, _ body: JSONObject) throws -> String {
    try person { (books) throws(NetSuiteError) in
      let (source, target) = (try books.type(source), try books.type(target))
      let input = try BodyReader(books: books, type: target, refusesUnknown: true).read(body)
      return String(try books.transform(source, Books.number(id) ?? 0, to: target, input, replaced: []))
    }
  }

  private func person<Result: Sendable>(
    _ body: @Sendable (inout Books) throws(NetSuiteError) -> Result
  ) throws -> Result {
    try write(context: "USERINTERFACE") { (state) throws(NetSuiteError) in try body(&state.books) }
  }

  /// Changes records as another user event would: nothing fires because of it.
  public func updateFromScript(_ type: String, _ id: String, _ body: JSONObject) throws {
    try write(context: "USEREVENT") { (state) throws(NetSuiteError) in
      let type = try state.books.type(type)
      let input = try BodyReader(books: state.books, type: type, refusesUnknown: true).read(body)
      try state.books.update(type, Books.number(id) ?? 0, input)
    }
  }

  /// The record as GET answers it, its sublists expanded; nil where there is none.
  public func record(_ type: String, _ id: String) -> JSON? {
    state.withLock { state in
      guard let type = try? state.books.type(type), let entry = state.books.entry(type, Books.number(id) ?? 0) else {
        return nil
      }
      return RecordShowing(books: state.books, base: state.base).show(entry, expands: true)
    }
  }

  /// A query's rows, as the API answers them.
  public func query(_ text: String, _ parameters: [String] = []) throws -> [JSON] {
    try state.withLock { (state) throws(NetSuiteError) in
      state.books.now = SalesforceSimulator.now()
      return SuiteQLAnswer(books: state.books)
        .items(try SQLRun.run(text, parameters.map { $0.isEmpty ? .null : .text($0) }, state.books))
    }
  }

  /// Adds a custom text field to a record type, or to the lines of its sublist.
  public func addTextField(_ name: String, to type: String, sublist: String? = nil) {
    state.withLock { $0.books.add(RecordField(name, .text(300)), to: type, sublist: sublist) }
  }

  /// Locks a record as a workflow does: the record API can neither read nor write it, SuiteQL still shows it.
  public func lock(_ type: String, _ id: String, _ isLocked: Bool = true) {
    state.withLock { state in
      guard let type = try? state.books.type(type), let number = Books.number(id) else { return }
      let key = Books.Key(group: type.group, id: number)
      if isLocked { state.books.locked.insert(key) } else { state.books.locked.remove(key) }
    }
  }

  // MARK: faults, counters, callbacks

  public func add(_ fault: Fault) { faults.add(fault) }
  public func clearFaults() { faults.clear() }
  public var counters: Counters { state.withLock { $0.counters } }
  public func revokeTokens() { state.withLock { $0.tokens.revokeAll() } }
  /// Callbacks that were posted, retries included.
  public var callbacksSent: Int { outbox.withLock { $0 }?.sent ?? 0 }
  public var isQuiet: Bool { outbox.withLock { $0 }?.isEmpty ?? true }
  /// Returns when every callback was taken.
  public func quiet() async { await outbox.withLock { $0 }?.emptied() }
  public func retryNow() { outbox.withLock { $0 }?.hurry() }
  public func deploy(_ script: UserEventScript?) { state.withLock { $0.script = script } }

  /// Keeps the path of the script's address and changes where it leads.
  public func deliver(to base: String) {
    state.withLock { state in
      guard let url = state.script?.url else { return }
      state.script?.url = base + url.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" }
    }
  }

  /// Runs a write; what it changed fires the script, unless a script made it.
  func write<Result: Sendable>(
    context: String, _ body: @Sendable (inout State) throws(NetSuiteError) -> Result
  ) throws(NetSuiteError) -> Result {
    let (result, parcels) = try state.withLock { (state) throws(NetSuiteError) -> (Result, [Outbox.Parcel]) in
      state.books.now = SalesforceSimulator.now()
      state.books.changes = []
      let before = state.books
      do throws(NetSuiteError) {
        let result = try body(&state)
        return (result, context == "USEREVENT" ? [] : state.parcels(context, run: run))
      } catch {
        state.books = before
        throw error
      }
    }
    outbox.withLock { $0 }?.add(parcels)
    return result
  }

  private func post(_ parcels: [Outbox.Parcel]) async -> Bool {
    guard let parcel = parcels.first else { return true }
    let (script, event) = state.withLock { ($0.script, $0.events[parcel.id]) }
    guard let script, let event else { return true }
    let body = event.body
    let time = Clock.wall().seconds
    guard let scheme = try? StandardWebhooks(secrets: [script.secret]),
      let signature = try? scheme.sign(id: parcel.id, timestamp: time, body: body)
    else { return false }
    let fields: Fields = [
      "Content-Type": "application/json", "webhook-id": parcel.id, "webhook-timestamp": String(time),
      "webhook-signature": signature,
    ]
    guard let answer = await courier(script.url, fields, body), (200..<300).contains(answer.status) else {
      return false
    }
    state.withLock { $0.events[parcel.id] = nil }
    return true
  }
}

extension NetSuiteSimulator.State {
  mutating func parcels(_ context: String, run: String) -> [Outbox.Parcel] {
    var parcels: [Outbox.Parcel] = []
    for change in books.changes where script?.recordTypes.contains(change.type) ?? false {
      eventNumber += 1
      let id = "msg_\(run)_\(eventNumber)"
      let entry = (try? books.type(change.type)).flatMap { books.entry($0, change.id) }
      events[id] = UserEvent(
        account: books.account, change: change, context: context, at: books.now, fields: entry?.fields ?? [:])
      parcels.append(Outbox.Parcel(id: id, group: "\(change.type) \(change.id)", subject: id))
    }
    books.changes = []
    return parcels
  }
}
