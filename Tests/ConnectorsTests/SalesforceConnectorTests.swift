import Client
import Connectors
import Events
import Formats
import HTTP
import JWT
import Testing

@Suite struct SalesforceConnectorTests {
  private let none = "{\"totalSize\":0,\"done\":true,\"records\":[]}"

  @Test func `it signs in with an assertion that names client, user and audience, and lives three minutes`()
    async throws
  {
    let client = ScriptedClient { [none] _, _ in .success(.json(none)) }
    let connector = try salesforce(client)
    _ = try await connector.query("SELECT Id FROM Account", [])
    let request = try #require(client.signIns.first)
    #expect(request.url == "https://acme.my.salesforce.com/services/oauth2/token")
    let form = try #require(Query(request.text))
    #expect(form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer")
    let key = try Keys.rsa.get().publicKey
    let token = try JWT.verify(try #require(form["assertion"]), key: key, algorithm: .RS256)
    #expect(token.claims["iss"]?.string == "client")
    #expect(token.claims["sub"]?.string == "me@acme.example")
    #expect(token.claims["aud"]?.string == "https://login.salesforce.com")
    let left = try #require(token.claims["exp"]?.int)
    try token.checkTimes(now: left - 180, leeway: 0)
    #expect(client.requests[0].fields["Authorization"] == "Bearer token-1")
    #expect(client.requests[0].fields["Sforce-Call-Options"] == "client=causeway")
  }

  @Test func `many who come at once sign in once`() async throws {
    let client = ScriptedClient { [none] _, _ in .success(.json(none)) }
    let connector = try salesforce(client)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<20 { group.addTask { _ = try? await connector.query("SELECT Id FROM Account", []) } }
    }
    #expect(client.signIns.count == 1)
    #expect(client.requests.count == 20)
    #expect(connector.calls == 21)
  }

  @Test func `a read asks for exactly the fields of the shape, and its lists in order`() async throws {
    let client = ScriptedClient { request, number in
      number == 1
        ? .success(
          .json(
            """
            {"totalSize":1,"done":true,"records":[{"attributes":{},"Id":"006A","Amount":1200.50,"CloseDate":"2026-11-24",
            "IsWon":true,"CreatedDate":"2026-11-24T10:11:12.000+0000","AccountId":"001A","Account":{"attributes":{},
            "Name":"Acme"},"Campaign":null}]}
            """))
        : .success(
          .json(
            "{\"done\":true,\"records\":[{\"Id\":\"00kA\",\"Quantity\":2.0},{\"Id\":\"00kB\",\"Quantity\":null}]}"))
    }
    let lines = ListShape(
      name: "OpportunityLineItem", parent: "OpportunityId", order: "SortOrder", fields: ["Quantity"])
    let shape = RecordShape(
      fields: ["Amount", "CloseDate", "IsWon", "CreatedDate", "AccountId", "Account.Name", "Campaign.Name"],
      lists: [lines])
    let record = try #require(
      try await salesforce(client).read(RecordID(type: "Opportunity", id: "006'A"), shape))
    #expect(
      client.requests.map(\.target) == [
        "/services/data/v62.0/query?q=SELECT Id, Account.Name, AccountId, Amount, Campaign.Name, CloseDate, CreatedDate, "
          + "IsWon FROM Opportunity WHERE Id = '006\\'A'",
        "/services/data/v62.0/query?q=SELECT Id, Quantity FROM OpportunityLineItem WHERE OpportunityId = '006A' "
          + "ORDER BY SortOrder, Id",
      ])
    #expect(
      record.fields == [
        "Amount": .number(try #require(ExactDecimal("1200.5"))),
        "CloseDate": .date(try #require(CalendarDate("2026-11-24"))),
        "IsWon": .bool(true), "CreatedDate": .instant(try #require(Instant("2026-11-24T10:11:12Z"))),
        "AccountId": .reference(id: "001A", name: nil), "Account.Name": .text("Acme"), "Campaign.Name": .null,
      ])
    #expect(record.lists["OpportunityLineItem"]?.map(\.key) == ["00kA", "00kB"])
    #expect(record.lists["OpportunityLineItem"]?[1].fields == ["Quantity": .null])
  }

  @Test func `pages are followed to the last, and never to another place`() async throws {
    let client = ScriptedClient { request, number in
      switch number {
      case 1:
        .success(
          .json("{\"done\":false,\"nextRecordsUrl\":\"/services/data/v62.0/query/01g-2\",\"records\":[{\"Id\":\"1\"}]}")
        )
      case 2: .success(.json("{\"done\":true,\"records\":[{\"Id\":\"2\"}]}"))
      default:
        .success(.json("{\"done\":false,\"nextRecordsUrl\":\"https://evil.example/x\",\"records\":[]}"))
      }
    }
    let connector = try salesforce(client)
    let rows = try await connector.query("SELECT Id FROM Account", [])
    #expect(rows == [["Id": .text("1")], ["Id": .text("2")]])
    let error = await failure { () async throws(Failure) in _ = try await connector.query("SELECT Id FROM Account", [])
    }
    #expect(error?.reason.code == "malformed-answer")
    #expect(client.requests.allSatisfy { $0.url.hasPrefix("https://acme.my.salesforce.com/services/data/") })
  }

  @Test func `parameters stand where the question marks do, quoted as SOQL wants it`() async throws {
    let client = ScriptedClient { [none] _, _ in .success(.json(none)) }
    let connector = try salesforce(client)
    _ = try await connector.query(
      "SELECT Id FROM Account WHERE Name = ? AND Site = 'what\\'s ?' AND A = ? AND B = ? AND C = ? AND D = ?",
      [
        .text("O'Neil\\\n"), .date(try #require(CalendarDate("2026-11-24"))), .bool(true),
        .number(try #require(ExactDecimal("1.10"))), .null,
      ])
    #expect(
      client.requests[0].target
        == "/services/data/v62.0/query?q=SELECT Id FROM Account WHERE Name = 'O\\'Neil\\\\\\n' AND "
        + "Site = 'what\\'s ?' AND A = 2026-11-24 AND B = true AND C = 1.10 AND D = null")
    let error = await failure { () async throws(Failure) in _ = try await connector.query("SELECT ? FROM x", []) }
    #expect(error?.reason.code == "query-parameters")
  }

  @Test func `a create goes by external id, which stands in the path only`() async throws {
    let client = ScriptedClient { [none] request, number in
      number == 1
        ? .success(.json(none)) : .success(.json("{\"id\":\"001B\",\"success\":true,\"errors\":[]}", status: 201))
    }
    let write = RecordWrite(
      type: "Account", target: .create(field: "Ext__c", externalID: "erp 1/2"),
      fields: [
        "Name": .text("Acme"), "Ext__c": .text("erp 1/2"),
        "AnnualRevenue": .number(try #require(ExactDecimal("10.50"))),
      ])
    let id = try await salesforce(client).write(write)
    #expect(id == RecordID(type: "Account", id: "001B"))
    let request = client.requests[1]
    #expect(request.method == .patch)
    #expect(request.url == "https://acme.my.salesforce.com/services/data/v62.0/sobjects/Account/Ext__c/erp%201%2F2")
    #expect(request.text == "{\"AnnualRevenue\":10.50,\"Name\":\"Acme\"}")
  }

  @Test func `an update changes what it names, and a blank clears`() async throws {
    let client = ScriptedClient { _, _ in .success(ClientResponse(status: 204)) }
    let write = RecordWrite(
      type: "Opportunity", target: .update(id: "006A"),
      fields: [
        "Description": .null, "CloseDate": .date(try #require(CalendarDate("2026-11-24"))),
        "AccountId": .reference(id: "001A", name: nil),
      ])
    _ = try await salesforce(client).write(write)
    #expect(client.requests.count == 1)
    #expect(client.requests[0].method == .patch)
    #expect(client.requests[0].target == "/services/data/v62.0/sobjects/Opportunity/006A")
    #expect(client.requests[0].text == "{\"AccountId\":\"001A\",\"CloseDate\":\"2026-11-24\",\"Description\":null}")
  }

  @Test func `the limits of the org are read from its answers`() async throws {
    let client = ScriptedClient { [none] _, _ in
      .success(
        .json(none, fields: ["Sforce-Limit-Info": "api-usage=25/5000; per-app-api-usage=17/250(appName=sample)"]))
    }
    let connector = try salesforce(client)
    #expect(connector.usage == nil)
    _ = try await connector.query("SELECT Id FROM Account", [])
    #expect(connector.usage == APIUsage(used: 25, allowed: 5_000))
  }
}
