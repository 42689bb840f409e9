import Client
import Events
import Formats
import HTTP
import Posix

/// One Salesforce org over its REST API.
public final class SalesforceConnector: Connector {
  public let system: System
  public let schema: Schema
  let settings: SalesforceSettings
  let client: any HTTPClient
  let names = NameCache()
  private let session: Session
  private let counter = CallCounter()
  private let usageBox = Lock<APIUsage?>(nil)

  public init(_ settings: SalesforceSettings, client: any HTTPClient) {
    self.settings = settings
    self.client = client
    system = System(.salesforce, settings.organization)
    schema = settings.schema
    let signIn = SalesforceSignIn(settings: settings, client: client, calls: counter)
    session = Session { () async throws(Failure) in try await signIn.token() }
  }

  public var calls: Int { counter.value }

  /// As the last answer said it; nil before the first.
  public var usage: APIUsage? { usageBox.withLock { $0 } }

  public func read(_ id: RecordID, _ shape: RecordShape) async throws(Failure) -> Record? {
    let query = "SELECT \(columns(shape.fields)) FROM \(id.type) WHERE Id = \(SOQL.quoted(id.id))"
    guard let row = try await rows(query).first else { return nil }
    return try await record(id.type, row, shape)
  }

  public func find(_ type: String, where fields: [String: FieldValue], limit: Int, _ shape: RecordShape)
    async throws(Failure) -> [Record]
  {
    var conditions: [String] = []
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      conditions.append("\(name) = \(try SOQL.literal(value))")
    }
    let condition = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    let query = "SELECT \(columns(shape.fields)) FROM \(type)\(condition) ORDER BY Id LIMIT \(max(1, limit))"
    var records: [Record] = []
    for row in try await rows(query) { records.append(try await record(type, row, shape)) }
    return records
  }

  public func query(_ text: String, _ parameters: [FieldValue]) async throws(Failure) -> [[String: FieldValue]] {
    let query = try filled(text, parameters, escapes: true, side: .salesforce) { (value) throws(Failure) in
      try SOQL.literal(value)
    }
    return try await rows(query).map { SalesforceValues.untyped($0) }
  }

  public func write(_ write: RecordWrite) async throws(Failure) -> RecordID {
    guard write.lists.isEmpty else {
      throw .never(
        Reason(
          "lists-of-children", .configuration,
          "Child records of a Salesforce \(write.type) are records of their own and are written as such.",
          side: .salesforce))
    }
    switch write.target {
    case .create(let field, let externalID): return try await create(write, field, externalID)
    case .update(let id): return try await update(write, id)
    }
  }

  // MARK: reading

  private func columns(_ fields: Set<String>) -> String {
    (["Id"] + fields.filter { $0 != "Id" }.sorted()).joined(separator: ", ")
  }

  private func record(_ type: String, _ row: JSON, _ shape: RecordShape) async throws(Failure) -> Record {
    guard let id = row["Id"]?.string else { throw .malformed("a row without an Id", .salesforce) }
    var record = Record(id: RecordID(type: type, id: id), fields: values(type, row, shape.fields))
    for list in shape.lists { record.lists[list.name] = try await elements(list, of: id) }
    return record
  }

  private func values(_ type: String, _ row: JSON, _ fields: Set<String>) -> [String: FieldValue] {
    let known = schema[type]?.fields ?? [:]
    var values: [String: FieldValue] = [:]
    for name in fields { values[name] = SalesforceValues.value(at: name, in: row, known[name]?.kind) }
    return values
  }

  private func elements(_ list: ListShape, of id: String) async throws(Failure) -> [ListElement] {
    guard let parent = list.parent else {
      throw .never(
        Reason(
          "list-without-parent", .configuration,
          "\(list.name) has no parent field: lists of Salesforce are child records.", side: .salesforce))
    }
    let order = list.order.map { "\($0), Id" } ?? "Id"
    let query =
      "SELECT \(columns(list.fields)) FROM \(list.name) WHERE \(parent) = \(SOQL.quoted(id)) ORDER BY \(order)"
    return try await rows(query).map { row in
      ListElement(key: row["Id"]?.string, fields: values(list.name, row, list.fields))
    }
  }

  /// All pages.
  func rows(_ query: String) async throws(Failure) -> [JSON] {
    var target = "/services/data/\(settings.version)/query?q=\(PercentCoding.encode(query))"
    var rows: [JSON] = []
    while true {
      let answer = try await call(.get, target, nil, .read, nil).json(.salesforce)
      guard let records = answer["records"]?.array else { throw .malformed("a query without records", .salesforce) }
      rows += records
      guard answer["done"]?.bool == false else { return rows }
      guard let next = answer["nextRecordsUrl"]?.string, next.hasPrefix("/services/data/"), next != target else {
        throw .malformed("a query that is not done, without its next page", .salesforce)
      }
      target = next
    }
  }

  // MARK: calling

  /// One call with a token; a refused token is renewed once. What is not a success is thrown.
  func call(
    _ method: Method, _ target: String, _ body: JSONObject?, _ purpose: Purpose, _ record: RecordID?
  ) async throws(Failure) -> ClientResponse {
    var token = try await session.token()
    var response = try await send(method, target, body, purpose, token)
    if response.status == 401 {
      token = try await session.token(insteadOf: token)
      response = try await send(method, target, body, purpose, token)
    }
    guard (200..<300).contains(response.status) else {
      throw SalesforceErrors.failure(response, purpose, record)
    }
    return response
  }

  private func send(
    _ method: Method, _ target: String, _ body: JSONObject?, _ purpose: Purpose, _ token: Token
  ) async throws(Failure) -> ClientResponse {
    var fields: Fields = [
      "Authorization": "Bearer \(token.text)", "Accept": "application/json", "Sforce-Call-Options": "client=causeway",
    ]
    if body != nil { fields.append("Content-Type", "application/json") }
    let request = OutgoingRequest(
      method: method, url: token.base + target, fields: fields, body: body.map { JSON.object($0).bytes } ?? [],
      deadline: settings.timeout)
    counter.add()
    do throws(ClientError) {
      let response = try await client.send(request)
      note(response.fields)
      return response
    } catch {
      throw error.failure(purpose, .salesforce, "Salesforce")
    }
  }

  /// `Sforce-Limit-Info: api-usage=25/5000; per-app-api-usage=…`.
  private func note(_ fields: Fields) {
    guard let info = fields["Sforce-Limit-Info"], let start = info.firstRange(of: "api-usage=") else { return }
    let numbers = info[start.upperBound...].prefix { $0.isNumber || $0 == "/" }.split(separator: "/")
    guard numbers.count == 2, let used = Digits.int(numbers[0]), let allowed = Digits.int(numbers[1]) else { return }
    usageBox.withLock { $0 = APIUsage(used: used, allowed: allowed) }
  }
}

extension ClientResponse {
  func json(_ side: Side) throws(Failure) -> JSON {
    guard let json = try? JSON.parse(body) else { throw .malformed("a body that is not JSON", side) }
    return json
  }
}

extension Failure {
  /// An answer that is none: the system's fault, for now.
  static func malformed(_ what: String, _ side: Side) -> Failure {
    .later(
      after: nil, .destination,
      Reason("malformed-answer", .unavailable, "\(side.title) answered with \(what).", side: side))
  }
}

extension Side {
  var title: String { self == .salesforce ? "Salesforce" : "NetSuite" }
}
