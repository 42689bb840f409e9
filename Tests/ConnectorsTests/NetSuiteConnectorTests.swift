import Client
import Connectors
import Events
import Formats
import HTTP
import JWT
import Testing

@Suite struct NetSuiteConnectorTests {
  private static func page(_ items: String, more: Bool = false) -> Result<ClientResponse, ClientError> {
    .success(.json("{\"links\":[],\"hasMore\":\(more),\"items\":[\(items)]}"))
  }

  private static func created(_ id: String, _ type: String) -> Result<ClientResponse, ClientError> {
    .success(ClientResponse(status: 204, fields: ["Location": "https://x/services/rest/record/v1/\(type)/\(id)"]))
  }

  @Test func `it signs in with its certificate's id, and by ES256 for a key of P-256`() async throws {
    let client = ScriptedClient { _, _ in Self.page("") }
    _ = try await netsuite(client).query("SELECT id FROM term", [])
    let request = try #require(client.signIns.first)
    #expect(request.url == "https://1234567-sb1.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token")
    let form = try #require(Query(request.text))
    #expect(form["grant_type"] == "client_credentials")
    #expect(form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    let token = try JWT.verify(
      try #require(form["client_assertion"]), key: try Keys.p256.get().publicKey, algorithm: .ES256)
    #expect(token.header["kid"]?.string == "certificate")
    #expect(token.claims["iss"]?.string == "client")
    #expect(token.claims["aud"]?.string == request.url)
    #expect(token.claims["scope"] == ["rest_webservices"])
    let issued = try #require(token.claims["iat"]?.int)
    #expect(try #require(token.claims["exp"]?.int) - issued < 3_600)
  }

  @Test func `a query binds its parameters, dates in a form of their own, and columns come in lower case`() async throws
  {
    let client = ScriptedClient { _, _ in Self.page("{\"links\":[],\"Total\":\"1\",\"name\":\"x\"}") }
    let rows = try await netsuite(client).query(
      "SELECT 'why?' AS name, total FROM transaction WHERE id = ? AND trandate > ?",
      [.text("7"), .date(try #require(CalendarDate("2026-11-24")))])
    #expect(rows == [["total": .text("1"), "name": .text("x")]])
    let request = client.requests[0]
    #expect(request.method == .post)
    #expect(request.target == "/services/rest/query/v1/suiteql?limit=1000&offset=0")
    #expect(request.fields["Prefer"] == "transient")
    #expect(
      request.json == [
        "q": "SELECT 'why?' AS name, total FROM transaction WHERE id = ? AND trandate > TO_DATE(?, 'YYYY-MM-DD')",
        "params": ["7", "2026-11-24"],
      ])
  }

  @Test func `pages are asked for until one is short`() async throws {
    let row = Array(repeating: "{\"id\":\"1\"}", count: 1_000).joined(separator: ",")
    let client = ScriptedClient { _, number in
      number < 3 ? Self.page(row, more: true) : Self.page("{\"id\":\"1\"}", more: false)
    }
    let rows = try await netsuite(client).query("SELECT id FROM item ORDER BY id", [])
    #expect(rows.count == 2_001)
    #expect(client.requests.map { $0.target.suffix(11) } == ["00&offset=0", "offset=1000", "offset=2000"])
  }

  @Test func `an order is read with its lines, signs turned and names beside ids`() async throws {
    var schema = Schema.netsuite
    schema.records["salesOrder"]?.lists["item"]?.fields["custcol_crm_line"] = FieldSchema(.text)
    let client = ScriptedClient { _, number in
      switch number {
      case 1:
        Self.page(
          """
          {"links":[],"id":"4711","f0":"1","n0":"USD","f1":"SalesOrd:B","f2":"B",
          "n2":"Sales Order : Pending Fulfillment","f4":"120.5","f5":"2026-11-24"}
          """)
      case 2: Self.page("{\"f0\":\"-100.5\"}")
      default:
        Self.page(
          "{\"k\":\"3\",\"f0\":\"00kA\",\"f1\":\"T\",\"f2\":\"201\",\"n2\":\"WIDGET\",\"f3\":\"-2\",\"f4\":\".5\"}")
      }
    }
    let lines = ListShape(name: "item", fields: ["custcol_crm_line", "isClosed", "item", "quantity", "rate"])
    let shape = RecordShape(
      fields: ["currency", "orderStatus", "status", "subtotal", "total", "tranDate"], lists: [lines])
    let record = try #require(
      try await netsuite(client, schema: schema).read(RecordID(type: "salesorder", id: "4711"), shape))
    #expect(record.id == RecordID(type: "salesOrder", id: "4711"))
    #expect(
      record.fields == [
        "currency": .reference(id: "1", name: "USD"), "orderStatus": .text("B"),
        "status": .reference(id: "B", name: "Pending Fulfillment"),
        "subtotal": .number(try #require(ExactDecimal("100.5"))),
        "total": .number(try #require(ExactDecimal("120.5"))),
        "tranDate": .date(try #require(CalendarDate("2026-11-24"))),
      ])
    #expect(
      record.lists["item"] == [
        ListElement(
          key: "3",
          fields: [
            "custcol_crm_line": .text("00kA"), "isClosed": .bool(true), "item": .reference(id: "201", name: "WIDGET"),
            "quantity": .number(ExactDecimal(2)), "rate": .number(try #require(ExactDecimal("0.5"))),
          ])
      ])
    #expect(
      client.requests[0].json["q"]?.string
        == "SELECT t.id AS id, t.currency AS f0, cur.symbol AS n0, t.status AS f1, t.status AS f2, BUILTIN.DF(t.status) "
        + "AS n2, t.foreigntotal AS f4, TO_CHAR(t.trandate, 'YYYY-MM-DD') AS f5 FROM transaction t LEFT JOIN currency "
        + "cur ON cur.id = t.currency WHERE t.id = ? AND t.type = 'SalesOrd' ORDER BY t.id")
    #expect(client.requests.allSatisfy { $0.target.hasPrefix("/services/rest/query/v1/suiteql") })
  }

  @Test func `a name without a known reading is the configuration's fault`() async throws {
    let client = ScriptedClient { _, _ in Self.page("") }
    let connector = try netsuite(client)
    for (type, field) in [
      ("salesOrder", "custbody_unheard_of"), ("salesOrder", "linkedTrackingNumbers"), ("vendor", "id"),
    ] {
      let error = await failure { () async throws(Failure) in
        _ = try await connector.read(RecordID(type: type, id: "1"), RecordShape(fields: [field]))
      }
      #expect(error?.reason.code == "no-reading")
      #expect(error?.reason.kind == .configuration)
    }
    #expect(client.all.isEmpty)
  }

  @Test func `a create is a post with its external id, references by id, the address in its subrecord`() async throws {
    let client = ScriptedClient { request, _ in
      if request.target.contains("suiteql") {
        return request.text.contains("FROM subsidiary") ? Self.page("{\"id\":\"5\"}") : Self.page("{\"id\":\"2\"}")
      }
      return Self.created("647", "customer")
    }
    let connector = try netsuite(client)
    let write = RecordWrite(
      type: "customer", target: .create(field: "externalId", externalID: "crm-001A"),
      fields: [
        "companyName": .text("Acme"), "subsidiary": .reference(id: nil, name: "Parent Company"),
        "terms": .text("Net 30"),
        "isPerson": .bool(false), "parent": .reference(id: "77", name: nil),
        "creditLimit": .number(try #require(ExactDecimal("10.50"))),
      ],
      lists: [
        ListWrite(
          name: "addressBook",
          elements: [
            ListElement(
              key: nil, fields: ["defaultBilling": .bool(true), "addr1": .text("1 Main"), "country": .text("US")])
          ])
      ])
    #expect(try await connector.write(write) == RecordID(type: "customer", id: "647"))
    #expect(try await connector.write(write) == RecordID(type: "customer", id: "647"))
    let posts = client.requests.filter { $0.target == "/services/rest/record/v1/customer" }
    #expect(posts.map(\.method) == [.post, .post])
    #expect(posts[0].fields["X-NetSuite-PropertyNameValidation"] == "error")
    #expect(posts[0].deadline >= 75_000)
    #expect(
      posts[0].json == [
        "companyName": "Acme", "creditLimit": .number(try #require(ExactDecimal("10.50"))), "isPerson": false,
        "parent": ["id": "77"], "subsidiary": ["id": "5"], "terms": ["id": "2"],
        "addressBook": [
          "items": [["defaultBilling": true, "addressBookAddress": ["addr1": "1 Main", "country": ["id": "US"]]]]
        ], "externalId": "crm-001A",
      ])
    // The names were looked up once.
    #expect(client.requests.count { $0.target.contains("suiteql") } == 2)
  }

  @Test func `a name that the account lacks is held, one that it has twice too`() async throws {
    let client = ScriptedClient { request, _ in
      request.text.contains("FROM term") ? Self.page("") : Self.page("{\"id\":\"1\"},{\"id\":\"2\"}")
    }
    let connector = try netsuite(client)
    for (field, code) in [("terms", "reference-missing"), ("category", "reference-ambiguous")] {
      let write = RecordWrite(type: "customer", target: .update(id: "7"), fields: [field: .text("Net 31")])
      let error = await failure { () async throws(Failure) in _ = try await connector.write(write) }
      guard case .held(let reason)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(reason.code == code)
      #expect(reason.quoted == ["Net 31"])
      #expect(reason.field == field)
    }
  }

  @Test func `lines are written by key, new ones without, and nothing is replaced`() async throws {
    let client = ScriptedClient { _, _ in Self.created("9", "salesOrder") }
    let write = RecordWrite(
      type: "salesOrder", target: .update(id: "9"), fields: [:],
      lists: [
        ListWrite(
          name: "item",
          elements: [
            ListElement(key: "3", fields: ["quantity": .number(ExactDecimal(5))]),
            ListElement(key: nil, fields: ["item": .reference(id: "201", name: nil), "price": .text("Custom")]),
          ])
      ])
    _ = try await netsuite(client).write(write)
    #expect(client.requests.count == 1)
    #expect(client.requests[0].method == .patch)
    #expect(client.requests[0].target == "/services/rest/record/v1/salesOrder/9")
    #expect(
      client.requests[0].text
        == "{\"item\":{\"items\":[{\"line\":3,\"quantity\":5},{\"item\":{\"id\":\"201\"},\"price\":{\"id\":\"-1\"}}]}}")
  }

  @Test func `where a line goes every line that stays is named`() async throws {
    let client = ScriptedClient { request, _ in
      request.target.contains("suiteql")
        ? Self.page("{\"k\":\"1\"},{\"k\":\"2\"},{\"k\":\"3\"}") : Self.created("9", "salesOrder")
    }
    let write = RecordWrite(
      type: "salesOrder", target: .update(id: "9"), fields: ["memo": .null],
      lists: [
        ListWrite(
          name: "item", elements: [ListElement(key: "3", fields: ["description": .text("x")])], removed: ["1"])
      ])
    _ = try await netsuite(client).write(write)
    #expect(client.requests[1].target == "/services/rest/record/v1/salesOrder/9?replace=item")
    #expect(
      client.requests[1].text
        == "{\"memo\":null,\"item\":{\"items\":[{\"line\":2},{\"line\":3,\"description\":\"x\"}]}}")
  }

  @Test func `a token that is turned away twice is the sign-in's failure where nothing else is on its way`()
    async throws
  {
    let client = ScriptedClient { _, _ in
      .success(
        .json(
          "{\"o:errorDetails\":[{\"detail\":\"Invalid login attempt.\",\"o:errorCode\":\"INVALID_LOGIN\"}]}",
          status: 401))
    }
    let connector = try netsuite(client)
    let alone = await failure { () async throws(Failure) in _ = try await connector.query("SELECT id FROM term", []) }
    #expect(alone?.reason.kind == .authentication)
    #expect(client.requests.map { $0.fields["Authorization"] } == ["Bearer token-1", "Bearer token-2"])
  }
}
