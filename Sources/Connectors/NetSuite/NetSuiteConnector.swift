import Client
import Events
import Formats
import HTTP
import Posix

/// One NetSuite account over SuiteTalk REST: reads by SuiteQL, writes by the record service.
///
/// Records are never read by the record service, which loads them as for editing and fails where a workflow locks them.
public final class NetSuiteConnector: Connector {
  public let system: System
  public let schema: Schema
  /// The account's pool, shared by everything that this connector does.
  public let budget: Budget
  let settings: NetSuiteSettings
  let names = NameCache()
  private let client: any HTTPClient
  private let session: Session
  private let counter = CallCounter()

  public init(_ settings: NetSuiteSettings, client: any HTTPClient) {
    self.settings = settings
    self.client = client
    system = System(.netsuite, settings.account)
    schema = settings.schema
    budget = Budget(limit: settings.concurrency)
    let signIn = NetSuiteSignIn(settings: settings, client: client, calls: counter)
    session = Session { () async throws(Failure) in try await signIn.token() }
  }

  public var calls: Int { counter.value }

  public func read(_ id: RecordID, _ shape: RecordShape) async throws(Failure) -> Record? {
    guard Digits.int(id.id) != nil || id.id.hasPrefix("-") else { return nil }
    return try await records(id.type, [SuiteQL.Condition("t.id = ?", [id.id])], limit: 1, shape).first
  }

  public func find(_ type: String, where fields: [String: FieldValue], limit: Int, _ shape: RecordShape)
    async throws(Failure) -> [Record]
  {
    let readings = try readings(of: type)
    var conditions: [SuiteQL.Condition] = []
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      let reading = try reading(name, type, readings)
      conditions.append(try await condition(reading, value, field: name))
    }
    return try await records(type, conditions, limit: max(1, limit), shape)
  }

  /// Items stand in one table: one query finds one of any type.
  public func typesToRead(_ types: [String]) -> [String] {
    let items = Set(NetSuiteReadings.itemNames.map { $0.lowercased() })
    return types.count > 1 && types.allSatisfy { items.contains($0.lowercased()) } ? ["item"] : types
  }

  public func query(_ text: String, _ parameters: [FieldValue]) async throws(Failure) -> [[String: FieldValue]] {
    var bound: [String?] = []
    let query = try filled(text, parameters, escapes: false, side: .netsuite) { (value) throws(Failure) in
      bound.append(SuiteQL.bound(value))
      return SuiteQL.place(value)
    }
    return try await rows(query, bound).map { row in
      var values: [String: FieldValue] = [:]
      for (key, json) in row.members where key.lowercased() != "links" {
        values[key.lowercased()] = SalesforceValues.value(json, nil)
      }
      return values
    }
  }

  // MARK: calling

  /// All pages of a query, at most `limit` rows where one is given.
  func rows(_ query: String, _ parameters: [String?], limit: Int? = nil) async throws(Failure) -> [JSONObject] {
    var body: JSONObject = ["q": .string(query)]
    if !parameters.isEmpty { body["params"] = .array(parameters.map { $0.map { .string($0) } ?? .null }) }
    let size = min(limit ?? SuiteQL.pageSize, SuiteQL.pageSize)
    var rows: [JSONObject] = []
    while true {
      let target = "/services/rest/query/v1/suiteql?limit=\(size)&offset=\(rows.count)"
      let answer = try await call(.post, target, body, .read, nil).json(.netsuite)
      guard let items = answer["items"]?.array else { throw .malformed("a query without items", .netsuite) }
      rows += items.compactMap(\.object)
      if let limit, rows.count >= limit { return Array(rows.prefix(limit)) }
      // A short page is the last one: the offset has to stay divisible by the limit.
      guard answer["hasMore"]?.bool == true, items.count == size else { return rows }
      guard rows.count < SuiteQL.mostRows else {
        throw .never(
          Reason(
            "too-many-rows", .limit, "A query has more than \(SuiteQL.mostRows) rows, the most that NetSuite gives.",
            side: .netsuite))
      }
    }
  }

  /// One call with a token; a refused token is renewed once. What is not a success is thrown.
  func call(
    _ method: Method, _ target: String, _ body: JSONObject, _ purpose: Purpose, _ record: RecordID?
  ) async throws(Failure) -> ClientResponse {
    var token = try await session.token()
    var (response, isBusy) = try await send(method, target, body, purpose, token)
    if response.status == 401 {
      token = try await session.token(insteadOf: token)
      (response, isBusy) = try await send(method, target, body, purpose, token)
    }
    guard (200..<300).contains(response.status) else {
      throw NetSuiteErrors.failure(response, purpose, record, isBusy: isBusy, isQuery: purpose == .read)
    }
    return response
  }

  /// The answer, and whether the account was in use by others of ours when it came.
  private func send(
    _ method: Method, _ target: String, _ body: JSONObject, _ purpose: Purpose, _ token: Token
  ) async throws(Failure) -> (ClientResponse, Bool) {
    var fields: Fields = [
      "Authorization": "Bearer \(token.text)", "Content-Type": "application/json", "Accept": "application/json",
    ]
    if purpose == .read {
      fields.append("Prefer", "transient")
    } else {
      // Without it a mistyped name is dropped in silence.
      fields.append("X-NetSuite-PropertyNameValidation", "error")
    }
    let request = OutgoingRequest(
      method: method, url: token.base + target, fields: fields, body: JSON.object(body).bytes,
      deadline: settings.timeout)
    let budget = budget
    let client = client
    let counter = counter
    let result = await budget.use { () async -> (Result<ClientResponse, ClientError>, Bool) in
      counter.add()
      do throws(ClientError) {
        let response = try await client.send(request)
        return (.success(response), budget.inUse > 1)
      } catch {
        return (.failure(error), false)
      }
    }
    switch result.0 {
    case .success(let response): return (response, result.1)
    case .failure(let error): throw error.failure(purpose, .netsuite, "NetSuite")
    }
  }
}
