import Crypto
import Formats
import HTTP
import JWT
import Testing
import Web

@testable import Simulators

/// The REST API as a client meets it: sign-in, limits, refusals.
@Suite struct SalesforceAPITests {
  private func assertion(_ key: PrivateKey, _ change: (inout JSONObject) -> Void = { _ in }) throws -> String {
    var claims: JSONObject = [
      "iss": "client", "sub": "user@x.example", "aud": "https://login.salesforce.com",
      "exp": .number(SalesforceSimulator.now().secondsSince1970 + 180),
    ]
    change(&claims)
    return try JWT.sign(header: [:], claims: claims, key: key, algorithm: .RS256)
  }

  private func make() throws -> (SalesforceSimulator, PrivateKey) {
    let key = try PrivateKey.generateRSA(bits: 2048)
    let simulator = SalesforceSimulator(
      .init(organization: Sandbox.organization, clientID: "client", user: "user@x.example", key: key.publicKey)
    ) { _, _, _ in nil }
    return (simulator, key)
  }

  private func signIn(_ api: SalesforceAPI, _ assertion: String) async -> (Status, JSON?) {
    let form: Query = ["grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion]
    return await call(
      api, .post, "/services/oauth2/token", body: form.text,
      fields: ["Content-Type": "application/x-www-form-urlencoded"])
  }

  private func call(
    _ api: SalesforceAPI, _ method: Method, _ path: String, query: String? = nil, body: String = "", fields: Fields
  ) async -> (Status, JSON?) {
    let response = await api.respond(
      to: Request(method: method, path: path, query: query, fields: fields, body: Array(body.utf8)))
    guard case .bytes(let bytes) = response.body else { return (response.status, nil) }
    return (response.status, try? JSON.parse(bytes))
  }

  @Test func `only a fresh assertion of the right key, client, user and audience signs in`() async throws {
    let (simulator, key) = try make()
    let api = SalesforceAPI(simulator: simulator)
    #expect(await signIn(api, try assertion(key)).0 == .ok)
    let other = try PrivateKey.generateRSA(bits: 2048)
    let now = SalesforceSimulator.now().secondsSince1970
    for bad in [
      try assertion(other), try assertion(key) { $0["iss"] = "other" }, try assertion(key) { $0["sub"] = "other" },
      try assertion(key) { $0["aud"] = "https://evil.example" }, try assertion(key) { $0["exp"] = .number(now - 1) },
      try assertion(key) { $0["exp"] = .number(now + 3600) },
      try assertion(key) { $0["exp"] = .number((now + 180) * 1000) },
    ] {
      let (status, body) = await signIn(api, bad)
      #expect(status == .badRequest)
      #expect(body?["error"]?.string?.hasPrefix("invalid_") == true)
    }
  }

  @Test func `records are refused as the platform refuses them`() async throws {
    let (simulator, key) = try make()
    let api = SalesforceAPI(simulator: simulator)
    let token = try #require(await signIn(api, try assertion(key)).1?["access_token"]?.string)
    let fields: Fields = ["Authorization": "Bearer \(token)", "Content-Type": "application/json"]
    let accounts = "/services/data/v62.0/sobjects/Account"
    func refusal(_ method: Method, _ path: String, _ body: String, query: String? = nil) async -> String? {
      await call(api, method, path, query: query, body: body, fields: fields).1?[0]?["errorCode"]?.string
    }
    #expect(await refusal(.post, accounts, "{}") == "REQUIRED_FIELD_MISSING")
    #expect(await refusal(.post, accounts, #"{"Name":"A","Nme":"B"}"#) == "INVALID_FIELD")
    #expect(
      await refusal(.post, accounts, #"{"Name":"A","CreatedDate":"2026-01-01"}"#) == "INVALID_FIELD_FOR_INSERT_UPDATE")
    #expect(await refusal(.post, accounts, #"{"Name":5}"#) == "JSON_PARSER_ERROR")
    #expect(
      await refusal(.post, accounts, #"{"Name":"A","AccountNumber":"\#(String(repeating: "9", count: 41))"}"#)
        == "STRING_TOO_LONG")
    #expect(
      await refusal(.post, accounts, #"{"Name":"A","Payment_Terms__c":"Net 31"}"#)
        == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
    #expect(await refusal(.post, accounts, #"{"Name":"A","ParentId":"xyz"}"#) == "MALFORMED_ID")
    #expect(
      await refusal(.post, accounts, #"{"Name":"A","ParentId":"0017F000000zzzzQAA"}"#) == "INVALID_CROSS_REFERENCE_KEY"
        || SalesforceID.normalise("0017F000000zzzzQAA") == nil)
    #expect(await refusal(.get, accounts + "/0017F0000000000AAA", "") == "NOT_FOUND")
    let query = "/services/data/v62.0/query"
    #expect(await refusal(.get, query, "", query: "q=SELECT+Id+FROM+Account+WHERE") == "MALFORMED_QUERY")
    #expect(await refusal(.get, query, "", query: "q=SELECT+Foo+FROM+Account") == "INVALID_FIELD")
    #expect(await refusal(.get, query, "", query: "q=SELECT+Id+FROM+Account+WHERE+Description='x'") == "INVALID_FIELD")
    #expect(
      await refusal(.get, query, "", query: "q=SELECT+Id+FROM+Account+WHERE+Name='a'+AND+Fax='b'+OR+Site='c'")
        == "MALFORMED_QUERY")
    simulator.revokeSessions()
    #expect(await refusal(.get, query, "", query: "q=SELECT+Id+FROM+Account") == "INVALID_SESSION_ID")
  }

  @Test func `an upsert creates once, then updates, and a unique key is held by one record`() async throws {
    let (simulator, key) = try make()
    let api = SalesforceAPI(simulator: simulator)
    let token = try #require(await signIn(api, try assertion(key)).1?["access_token"]?.string)
    let fields: Fields = ["Authorization": "Bearer \(token)", "Content-Type": "application/json"]
    let path = "/services/data/v62.0/sobjects/Account/NetSuite_Id__c/101"
    #expect(await call(api, .patch, path, body: #"{"Name":" A "}"#, fields: fields).0 == .created)
    let second = await call(api, .patch, path, body: #"{"Name":"B"}"#, fields: fields)
    #expect(second.0 == .ok)
    #expect(second.1?["created"]?.bool == false)
    let third = await call(
      api, .post, "/services/data/v62.0/sobjects/Account", body: #"{"Name":"C","NetSuite_Id__c":"101"}"#, fields: fields
    )
    #expect(third.1?[0]?["errorCode"]?.string == "DUPLICATE_VALUE")
    #expect(simulator.counters.creates == ["Account.NetSuite_Id__c 101": 1])
    #expect(simulator.counters.doubled.isEmpty)
  }

  @Test func `faults take the calls they were told to, and no more`() async throws {
    let (simulator, key) = try make()
    let api = SalesforceAPI(simulator: simulator)
    let token = try #require(await signIn(api, try assertion(key)).1?["access_token"]?.string)
    let fields: Fields = ["Authorization": "Bearer \(token)", "Content-Type": "application/json"]
    let path = "/services/data/v62.0/sobjects/Account"
    _ = await call(api, .post, "/simulator/faults", body: #"{"kind":"lock","method":"POST","times":2}"#, fields: [:])
    for _ in 0..<2 {
      #expect(
        await call(api, .post, path, body: #"{"Name":"A"}"#, fields: fields).1?[0]?["errorCode"]?.string
          == "UNABLE_TO_LOCK_ROW")
    }
    #expect(await call(api, .post, path, body: #"{"Name":"A"}"#, fields: fields).0 == .created)
    simulator.add(Fault(.timeOutAfterCommit, method: "POST", milliseconds: 1))
    #expect(await call(api, .post, path, body: #"{"Name":"B"}"#, fields: fields).0 == .serviceUnavailable)
    #expect(try simulator.query("SELECT Id FROM Account").count == 2)
  }
}
