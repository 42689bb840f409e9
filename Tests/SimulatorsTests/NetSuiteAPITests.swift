import Crypto
import Formats
import Foundation
import HTTP
import JWT
import Testing
import Web

@testable import Simulators

/// SuiteTalk REST as a client meets it.
@Suite struct NetSuiteAPITests {
  private struct Client {
    let sandbox: Sandbox
    let key: PrivateKey
    let api: NetSuiteAPI

    init() throws {
      sandbox = try SandboxTests.make()
      api = NetSuiteAPI(simulator: sandbox.netsuite)
      key = try PrivateKey.generateP256()
    }

    func call(
      _ method: Method, _ path: String, query: String? = nil, _ body: String = "", _ fields: Fields = [:]
    ) async -> (response: Response, json: JSON?) {
      var all: Fields = ["Content-Type": "application/json"]
      for field in fields { all[field.name] = field.value }
      let response = await api.respond(
        to: Request(method: method, path: path, query: query, fields: all, body: Array(body.utf8)))
      guard case .bytes(let bytes) = response.body else { return (response, nil) }
      return (response, try? JSON.parse(bytes))
    }

    func token(
      _ algorithm: JWTAlgorithm = .ES256, key: PrivateKey, kid: String? = nil,
      _ change: (inout JSONObject) -> Void = { _ in }
    ) async throws -> (Status, JSON?) {
      let environment = sandbox.description.environment
      let now = SalesforceSimulator.now().secondsSince1970
      var claims: JSONObject = [
        "iss": .string(environment["ERP_CLIENT_ID"] ?? ""), "scope": ["rest_webservices"],
        "aud": .string(sandbox.description.netsuiteURL + NetSuiteAPI.tokenPath), "iat": .number(now),
        "exp": .number(now + 300),
      ]
      change(&claims)
      let assertion = try JWT.sign(
        header: ["kid": .string(kid ?? environment["ERP_CERTIFICATE_ID"] ?? "")], claims: claims, key: key,
        algorithm: algorithm)
      let form: Query = [
        "grant_type": "client_credentials", "client_assertion": assertion,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      ]
      let answer = await call(
        .post, NetSuiteAPI.tokenPath, form.text, ["Content-Type": "application/x-www-form-urlencoded"])
      return (answer.response.status, answer.json)
    }

    /// The key that the sandbox wrote for the product.
    func own() throws -> PrivateKey {
      let path = sandbox.description.environment["ERP_KEY_FILE"] ?? ""
      return try PrivateKey(pem: Array(try String(contentsOfFile: path, encoding: .utf8).utf8))
    }

    func fields() async throws -> Fields {
      let token = try await self.token(key: try own()).1?["access_token"]?.string ?? ""
      return ["Authorization": "Bearer \(token)", "Prefer": "transient", "X-NetSuite-PropertyNameValidation": "error"]
    }
  }

  @Test func `only a fresh assertion by the mapped certificate gets a token`() async throws {
    let client = try Client()
    let own = try client.own()
    let now = SalesforceSimulator.now().secondsSince1970
    #expect(try await client.token(key: own).0 == .ok)
    #expect(try await client.token(key: client.key).0 == .unauthorized)
    #expect(try await client.token(key: own, kid: "other").0 == .unauthorized)
    #expect(try await client.token(.RS256, key: try PrivateKey.generateRSA(bits: 2048)).0 == .unauthorized)
    #expect(try await client.token(key: own) { $0["aud"] = "https://other.example/token" }.0 == .unauthorized)
    #expect(try await client.token(key: own) { $0["iss"] = "other" }.0 == .unauthorized)
    // An hour and a second after its own `iat`, however long this test takes to come here.
    let tooLong = try await client.token(key: own) { claims in
      claims["iat"] = .number(now)
      claims["exp"] = .number(now + 3601)
    }
    #expect(tooLong.0 == .unauthorized)
    #expect(try await client.token(key: own) { $0["exp"] = .number(now - 1) }.0 == .unauthorized)
    #expect(try await client.token(key: own) { $0["scope"] = ["restlets"] }.1?["error"]?.string == "invalid_scope")
    await client.sandbox.stop()
  }

  @Test func `a token that ended is told in the header, and a query needs its preference`() async throws {
    let client = try Client()
    var fields = try await client.fields()
    let path = "/services/rest/query/v1/suiteql"
    let query = #"{"q":"SELECT id FROM customer"}"#
    #expect(await client.call(.post, path, query, fields).response.status == .ok)
    fields.remove("Prefer")
    #expect(await client.call(.post, path, query, fields).response.status == .badRequest)
    fields["Prefer"] = "transient"
    #expect(await client.call(.post, path, query: "limit=10&offset=5", query, fields).response.status == .badRequest)
    client.sandbox.netsuite.revokeTokens()
    let refused = await client.call(.post, path, query, fields)
    #expect(refused.response.status == .unauthorized)
    #expect(refused.response.fields["WWW-Authenticate"]?.contains("error=\"invalid_token\"") == true)
    #expect(refused.json?["o:errorDetails"]?[0]?["o:errorCode"]?.string == "INVALID_LOGIN")
    await client.sandbox.stop()
  }

  @Test func `a PUT by external id creates, and a second one doubles the lines`() async throws {
    let client = try Client()
    let fields = try await client.fields()
    let customer = try SandboxTests.customer(client.sandbox.netsuite)
    let item = try #require(client.sandbox.data.products["CABLE-2M"]).item
    let path = "/services/rest/record/v1/salesOrder/eid:crm-1"
    let body = #"{"entity":{"id":"\#(customer)"},"item":{"items":[{"item":{"id":"\#(item)"},"quantity":2}]}}"#
    for lines in [1, 2] {
      let answer = await client.call(.put, path, body, fields)
      #expect(answer.response.status == .noContent)
      #expect(answer.response.fields["Location"]?.hasSuffix("/salesOrder/1001") == true)
      let read = await client.call(.get, path, query: "expandSubResources=true", "", fields)
      #expect(read.json?["item"]?["items"]?.array?.count == lines)
    }
    #expect(client.sandbox.netsuite.counters.creates == ["salesOrder crm-1": 1])
    let unknown = await client.call(.patch, path, #"{"memoo":"x"}"#, fields)
    #expect(unknown.json?["o:errorDetails"]?[0]?["o:errorPath"]?.string == "memoo")
    var warned = fields
    warned["X-NetSuite-PropertyNameValidation"] = "warning"
    #expect(await client.call(.patch, path, #"{"memoo":"x"}"#, warned).response.status == .noContent)
    #expect(await client.call(.get, "/services/rest/record/v1/invoice/1001", "", fields).response.status == .notFound)
    await client.sandbox.stop()
  }

  @Test func `more at once than the account may is 429`() async throws {
    let client = try Client()
    let fields = try await client.fields()
    client.sandbox.netsuite.add(Fault(.latency, times: 100, milliseconds: 50))
    let statuses = await withTaskGroup(of: UInt16.self) { group in
      for _ in 0..<12 {
        group.addTask {
          await client.call(.get, "/services/rest/record/v1/customer", "", fields).response.status.rawValue
        }
      }
      return await group.reduce(into: [UInt16]()) { $0.append($1) }
    }
    #expect(statuses.filter { $0 == 200 }.count >= 5)
    #expect(Set(statuses).isSubset(of: [200, 429]))
    await client.sandbox.stop()
  }

  @Test(arguments: [
    """
    SELECT c.symbol AS currency, SUM(t.foreignamountunpaid) AS open,
      SUM(CASE WHEN t.duedate < TO_DATE('2026-11-24', 'YYYY-MM-DD') THEN t.foreignamountunpaid ELSE 0 END) AS overdue,
      MAX(TO_DATE('2026-11-24', 'YYYY-MM-DD') - t.duedate) AS oldest,
      SUM(CASE WHEN t.type IN ('CustPymt', 'CustDep', 'CustCred') THEN t.foreignpaymentamountunused ELSE 0 END) AS unapplied
    FROM transaction t JOIN currency c ON c.id = t.currency
    WHERE t.entity = 101 AND t.type IN ('CustInvc', 'CustPymt', 'CustDep', 'CustCred') AND c.symbol = 'USD'
    GROUP BY c.symbol
    """,
    """
    SELECT t.foreignamountunpaid AS open, BUILTIN.DF(t.status) AS status, t.voided AS voided,
      CASE WHEN t.foreignamountunpaid <> 0 THEN GREATEST(0, SYSDATE - t.duedate) END AS overdue
    FROM transaction t WHERE t.id = 1001
    """,
    """
    SELECT DISTINCT l.createdfrom FROM previoustransactionlinelink k
    JOIN transactionline l ON l.transaction = k.previousdoc AND l.mainline = 'T'
    WHERE k.nextdoc = 1001 AND l.createdfrom IS NOT NULL
    """,
    "SELECT k.previousdoc AS target, SUM(k.foreignamount) AS amount FROM previoustransactionlinelink k WHERE k.nextdoc = 1 GROUP BY k.previousdoc",
    "SELECT t.id, t.foreigntotal AS amount FROM transaction t WHERE t.type = 'CustDep' AND t.salesorder = 1001",
    "SELECT t.id, TO_CHAR(t.shippeddate, 'YYYY-MM-DD') AS shipped FROM transaction t WHERE t.type = 'ItemShip' ORDER BY t.id DESC",
    """
    SELECT t.id, t.shippeddate AS shipped, n.trackingnumber AS tracking
    FROM transaction t JOIN transactionline l ON l.transaction = t.id AND l.mainline = 'T'
    LEFT JOIN trackingnumbermap m ON m.transaction = t.id LEFT JOIN trackingnumber n ON n.id = m.trackingnumber
    WHERE l.createdfrom = 1001 AND t.type = 'ItemShip' ORDER BY t.id
    """,
    "SELECT p.pricelevelname AS level, c.symbol AS currency, p.price AS price FROM itemprice p JOIN currency c ON c.id = p.currency WHERE p.item = 201",
    "SELECT TO_CHAR(CURRENT_TIMESTAMP, 'TZH:TZM') FROM dual",
    "SELECT id FROM customer WHERE lastmodifieddate > TO_TIMESTAMP_TZ('2026-11-24T10:11:12.000Z', 'YYYY-MM-DD\"T\"HH24:MI:SS.FF3\"Z\"') ORDER BY lastmodifieddate, id",
  ])
  func `the queries of the lead-to-cash story run`(query: String) async throws {
    let sandbox = try SandboxTests.make()
    _ = try sandbox.netsuite.query(query)
    await sandbox.stop()
  }
}
