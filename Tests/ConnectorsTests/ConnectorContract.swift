import Client
import Connectors
import Events
import HTTP
import Testing

/// What every connector must hold, whatever its system: run over both.
enum Kind: String, CaseIterable, Sendable {
  case salesforce, netsuite

  func connector(_ client: ScriptedClient) throws -> any Connector {
    switch self {
    case .salesforce: try ConnectorsTests.salesforce(client)
    case .netsuite: try ConnectorsTests.netsuite(client)
    }
  }

  var type: String { self == .salesforce ? "Account" : "customer" }
  var field: String { self == .salesforce ? "Name" : "companyName" }
  var update: RecordWrite { RecordWrite(type: type, target: .update(id: "7"), fields: [field: .text("Acme")]) }
  var create: RecordWrite {
    let key = self == .salesforce ? "Ext__c" : "externalId"
    return RecordWrite(type: type, target: .create(field: key, externalID: "x-1"), fields: [field: .text("Acme")])
  }

  func rows(_ items: String) -> Result<ClientResponse, ClientError> {
    let name = self == .salesforce ? "records" : "items"
    return .success(.json("{\"done\":true,\"hasMore\":false,\"\(name)\":[\(items)]}"))
  }

  func error(_ code: String, _ message: String, _ status: Int) -> Result<ClientResponse, ClientError> {
    let body =
      self == .salesforce
      ? "[{\"errorCode\":\"\(code)\",\"message\":\"\(message)\"}]"
      : "{\"o:errorDetails\":[{\"o:errorCode\":\"\(code)\",\"detail\":\"\(message)\"}]}"
    return .success(.json(body, status: status, fields: status == 429 ? ["Retry-After": "17"] : [:]))
  }
}

@Suite struct ConnectorContract {
  private func write(_ connector: any Connector, _ write: RecordWrite) async -> Failure? {
    await failure { () async throws(Failure) in _ = try await connector.write(write) }
  }

  private func read(_ connector: any Connector, _ kind: Kind) async -> Failure? {
    let shape = RecordShape(fields: [kind.field])
    return await failure { () async throws(Failure) in
      _ = try await connector.read(RecordID(type: kind.type, id: "7"), shape)
    }
  }

  @Test(arguments: Kind.allCases)
  func `a write that was sent and not answered is unknown, a read comes again`(_ kind: Kind) async throws {
    let connector = try kind.connector(ScriptedClient { _, _ in .failure(.unanswered("time-out")) })
    guard case .unknown(let reason)? = await write(connector, kind.update) else {
      Issue.record("a write was not unknown")
      return
    }
    #expect(reason.kind == .timeOut)
    guard case .later(_, .destination, _)? = await read(connector, kind) else {
      Issue.record("a read was not later")
      return
    }
  }

  @Test(arguments: Kind.allCases)
  func `what was never sent comes again and is the destination's fault`(_ kind: Kind) async throws {
    let connector = try kind.connector(ScriptedClient { _, _ in .failure(.notSent("refused")) })
    for failure in [await write(connector, kind.update), await read(connector, kind)] {
      guard case .later(_, .destination, let reason)? = failure else {
        Issue.record("\(String(describing: failure))")
        continue
      }
      #expect(reason.kind == .unavailable)
    }
  }

  @Test(arguments: Kind.allCases)
  func `a refused token is renewed once and not twice`(_ kind: Kind) async throws {
    let good = kind == .salesforce ? 204 : 204
    let client = ScriptedClient { request, _ in
      request.fields["Authorization"] == "Bearer token-1"
        ? kind.error("INVALID_SESSION_ID", "Session expired", 401) : .success(ClientResponse(status: good))
    }
    #expect(await write(try kind.connector(client), kind.update) == nil)
    #expect(client.signIns.count == 2)
    #expect(client.requests.count == 2)

    let bad = ScriptedClient { _, _ in kind.error("INVALID_SESSION_ID", "Session expired", 401) }
    guard case .later(_, .destination, let reason)? = await write(try kind.connector(bad), kind.update) else {
      Issue.record("not later")
      return
    }
    #expect(reason.kind == .authentication)
    #expect(bad.requests.count == 2)
  }

  @Test(arguments: Kind.allCases)
  func `a create whose external id is taken says so, and names the owner`(_ kind: Kind) async throws {
    let client = ScriptedClient { request, _ in
      if kind == .netsuite, !request.target.contains("suiteql") {
        return kind.error("USER_ERROR", "This entity already exists.", 400)
      }
      return kind.rows("{\"Id\":\"55\",\"id\":\"55\"}")
    }
    guard case .never(let reason)? = await write(try kind.connector(client), kind.create) else {
      Issue.record("not refused")
      return
    }
    #expect(reason.code == "external-id-taken")
    #expect(reason.record == RecordID(type: kind.type, id: "55"))
  }

  @Test(arguments: Kind.allCases)
  func `a record that is not there is nil, and one that is has every field of the shape`(_ kind: Kind) async throws {
    let none = try kind.connector(ScriptedClient { _, _ in kind.rows("") })
    let shape = RecordShape(fields: [kind.field])
    #expect(try await none.read(RecordID(type: kind.type, id: "7"), shape) == nil)
    let some = try kind.connector(ScriptedClient { _, _ in kind.rows("{\"Id\":\"7\",\"id\":\"7\"}") })
    let record = try await some.read(RecordID(type: kind.type, id: "7"), shape)
    #expect(record?.fields == [kind.field: .null])
  }

  @Test(arguments: Kind.allCases)
  func `a limit is the destination's, and its time is passed on`(_ kind: Kind) async throws {
    let connector = try kind.connector(
      ScriptedClient { _, _ in kind.error("REQUEST_LIMIT_EXCEEDED", "slow down", 429) })
    guard case .later(let after, .destination, let reason)? = await write(connector, kind.update) else {
      Issue.record("not later")
      return
    }
    #expect(after == 17)
    #expect(reason.kind == .limit)
  }

  @Test(arguments: Kind.allCases, [500, 502, 503])
  func `a failure of the system after a write leaves it unknown, after a read it comes again`(
    _ kind: Kind, _ status: Int
  ) async throws {
    let connector = try kind.connector(ScriptedClient { _, _ in kind.error("UNKNOWN_EXCEPTION", "oops", status) })
    if case .unknown? = await write(connector, kind.update) {} else { Issue.record("a write was not unknown") }
    if case .later(_, .destination, _)? = await read(connector, kind) {} else { Issue.record("a read was not later") }
  }

  @Test(arguments: Kind.allCases)
  func `a write of nothing asks nobody, and calls are counted with sign-ins`(_ kind: Kind) async throws {
    let connector = try kind.connector(ScriptedClient { _, _ in .success(ClientResponse(status: 204)) })
    let nothing = RecordWrite(type: kind.type, target: .update(id: "7"), fields: [:])
    #expect(try await connector.write(nothing) == RecordID(type: kind.type, id: "7"))
    #expect(connector.calls == 0)
    _ = try await connector.write(kind.update)
    #expect(connector.calls == 2)
  }
}
