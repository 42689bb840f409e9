import Client
import Crypto
import Formats
import HTTP
import JWT
import Posix

/// Somebody who works in a Salesforce org through its REST API.
public struct SalesforcePerson: Sendable {
  private let caller: Caller
  private static let data = "/services/data/\(SalesforceSimulator.version)"

  /// - Parameter environment: what `causeway sandbox` says to export.
  public init(_ environment: [String: String], _ client: CurlClient) throws {
    let base = environment["CRM_URL"] ?? ""
    let (id, user) = (environment["CRM_CLIENT_ID"] ?? "", environment["CRM_USER"] ?? "")
    let key = try Caller.key(environment["CRM_KEY_FILE"])
    caller = Caller(base, client) {
      let claims: JSONObject = [
        "iss": .string(id), "sub": .string(user), "aud": .string(base), "exp": .number(Clock.wall().seconds + 180),
      ]
      let token = try JWT.sign(header: [:], claims: claims, key: key, algorithm: .RS256)
      let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
      return ("/services/oauth2/token", [("grant_type", grant), ("assertion", token)])
    }
  }

  public var calls: Int { caller.calls }

  public func query(_ soql: String) async throws -> [JSON] {
    try await caller.json(.get, "\(Self.data)/query?q=\(PercentCoding.encode(soql))")["records"]?.array ?? []
  }

  /// The fields of one record; null where there is no such record.
  public func record(_ object: String, _ id: String, _ fields: [String]) async throws -> JSON {
    try await query("SELECT \(fields.joined(separator: ", ")) FROM \(object) WHERE Id = '\(id)'").first ?? .null
  }

  public func create(_ object: String, _ fields: JSONObject) async throws -> String {
    let answer = try await caller.json(.post, "\(Self.data)/sobjects/\(object)", .object(fields))
    guard let id = answer["id"]?.string else { throw Caller.Refused(description: "a \(object) without an id") }
    return id
  }

  public func update(_ object: String, _ id: String, _ fields: JSONObject) async throws {
    _ = try await caller.call(.patch, "\(Self.data)/sobjects/\(object)/\(id)", .object(fields))
  }
}

/// Somebody who works in a NetSuite account through SuiteTalk REST.
public struct NetSuitePerson: Sendable {
  private let caller: Caller
  private static let records = "/services/rest/record/v1"
  private static let signIn = "/services/rest/auth/oauth2/v1/token"

  /// - Parameter environment: what `causeway sandbox` says to export.
  public init(_ environment: [String: String], _ client: CurlClient) throws {
    let base = environment["ERP_URL"] ?? ""
    let (id, certificate) = (environment["ERP_CLIENT_ID"] ?? "", environment["ERP_CERTIFICATE_ID"] ?? "")
    let key = try Caller.key(environment["ERP_KEY_FILE"])
    caller = Caller(base, client) {
      let now = Clock.wall().seconds
      let claims: JSONObject = [
        "iss": .string(id), "scope": ["rest_webservices"], "aud": .string(base + Self.signIn), "iat": .number(now),
        "exp": .number(now + 300), "jti": .string(Hex.encode(Random.bytes(12))),
      ]
      let header: JSONObject = ["typ": "JWT", "kid": .string(certificate)]
      let token = try JWT.sign(header: header, claims: claims, key: key, algorithm: .ES256)
      return (
        Self.signIn,
        [
          ("grant_type", "client_credentials"),
          ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
          ("client_assertion", token),
        ]
      )
    }
  }

  public var calls: Int { caller.calls }

  /// The record with its sublists.
  public func record(_ type: String, _ id: String) async throws -> JSON {
    try await caller.json(.get, "\(Self.records)/\(type)/\(id)?expandSubResources=true")
  }

  public func query(_ text: String, _ parameters: [String] = []) async throws -> [JSON] {
    let body: JSON = ["q": .string(text), "params": .array(parameters.map { .string($0) })]
    let target = "/services/rest/query/v1/suiteql?limit=1000"
    return try await caller.json(.post, target, body, ["Prefer": "transient"])["items"]?.array ?? []
  }

  public func create(_ type: String, _ body: JSONObject) async throws -> String {
    try made(try await caller.call(.post, "\(Self.records)/\(type)", .object(body)), type)
  }

  public func update(_ type: String, _ id: String, _ body: JSONObject) async throws {
    _ = try await caller.call(.patch, "\(Self.records)/\(type)/\(id)", .object(body))
  }

  /// The new record's id.
  public func transform(_ type: String, _ id: String, to target: String, _ body: JSONObject) async throws -> String {
    try made(
      try await caller.call(.post, "\(Self.records)/\(type)/\(id)/!transform/\(target)", .object(body)), target)
  }

  private func made(_ response: ClientResponse, _ type: String) throws -> String {
    guard let id = response.fields["Location"]?.split(separator: "/").last else {
      throw Caller.Refused(description: "a \(type) without a Location")
    }
    return String(id)
  }
}
