import HTTP
import Testing
import Web

@testable import Console

@Suite struct GateTests {
  @Test(arguments: ["localhost", "LOCALHOST:8081", "127.0.0.1:9", "[::1]:8081", "10.0.0.7:8081"])
  func `this machine's names are answered`(host: String) async throws {
    let console = try ConsoleFixture(hosts: ["10.0.0.7"])
    #expect(await console.send(.get, "/api/v1/status", fields: ["Host": host]).status == .ok)
  }

  @Test(arguments: ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8081", "[::2]:8081", "10.0.0.8"])
  func `a foreign host is 421, for reading too`(host: String) async throws {
    let console = try ConsoleFixture(hosts: ["10.0.0.7"])
    #expect(await console.send(.get, "/", fields: ["Host": host]).status == .misdirectedRequest)
  }

  @Test func `no host is 421`() async throws {
    #expect(try await ConsoleFixture().send(.get, "/", fields: [:]).status == .misdirectedRequest)
  }

  @Test func `the control socket needs no name`() async throws {
    let peer = Peer.ofControlSocket
    let request = Request(method: .get, path: "/api/v1/status", fields: ["Host": "anything"], peer: peer)
    #expect(try await ConsoleFixture().answer(request).status == .ok)
  }

  @Test(arguments: [
    ["Origin": "http://evil.example"], ["Origin": "null"], ["Origin": "http://localhost:9999"],
    ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"],
  ])
  func `a write that another site asked for is 403, and nothing changes`(fields: [String: String]) async throws {
    let console = try ConsoleFixture()
    try await console.append(1)
    var more: Fields = [:]
    for (name, value) in fields { more[name] = value }
    #expect(await console.post("/api/v1/events/drop", #"{"all":true}"#, fields: more).status == .forbidden)
    #expect(await console.queue.counts().byState[.queued] == 1)
  }

  @Test func `a write from the console itself passes`() async throws {
    let console = try ConsoleFixture()
    let answer = await console.post(
      "/api/v1/events/retry", #"{"all":true}"#,
      fields: ["Origin": "http://localhost:8081", "Sec-Fetch-Site": "same-origin"])
    #expect(answer.status == .ok)
  }

  @Test func `a form is no write`() async throws {
    let console = try ConsoleFixture()
    let answer = await console.post(
      "/api/v1/events/drop", #"{"all":true}"#, fields: ["Content-Type": "text/plain"])
    #expect(answer.status == .unsupportedMediaType)
  }

  @Test(arguments: ["/", "/nothing", "/metrics", "/api/v1/events"])
  func `every answer forbids what it does not need`(path: String) async throws {
    let answer = try await ConsoleFixture().get(path)
    #expect(answer.fields["X-Content-Type-Options"] == "nosniff")
    #expect(answer.fields["Content-Security-Policy"]?.hasPrefix("default-src 'none'") == true)
    #expect(answer.fields["Cache-Control"] == "no-store")
  }
}
