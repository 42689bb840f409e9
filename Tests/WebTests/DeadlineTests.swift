import HTTP
import Net
import Support
import Testing
import Web

/// The first request of each test is whole, and what the server is to wait for comes right behind it in the same packet:
/// once the first answer is there, the server has seen the rest too, and the clock may move.
struct DeadlineTests {
  private let first = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

  private func begin(_ rest: String, _ fixture: ServerFixture) async throws -> RawClient {
    let client = try fixture.connect()
    try client.send(first + rest)
    #expect(try await client.readAnswer().status == 200)
    await fixture.loops.settle()
    return client
  }

  @Test func `a head that trickles is cut off after its deadline, not after each octet`() async throws {
    let fixture = try ServerFixture(isManual: true)
    let client = try await begin("GET /", fixture)
    for letter in ["a", "b", "c"] {
      await fixture.advance(seconds: 3)
      try client.send(letter)
    }
    #expect(fixture.server.counters.responses[4] == 0)
    await fixture.advance(seconds: 1.2)
    let answer = try await client.readAnswer()
    #expect(answer.status == 408)
    #expect(answer.field("Connection") == "close")
    await fixture.end()
  }

  @Test func `a head in time is answered`() async throws {
    let fixture = try ServerFixture(isManual: true)
    let client = try await begin("GET /", fixture)
    await fixture.advance(seconds: 9.9)
    try client.send("a HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(try await client.readAnswer().text == "GET /a - ")
    await fixture.end()
  }

  @Test(arguments: ["Content-Length: 100000\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"])
  func `a body that does not come is cut off`(framing: String) async throws {
    let fixture = try ServerFixture(isManual: true)
    let client = try await begin("POST / HTTP/1.1\r\nHost: h\r\n\(framing)", fixture)
    await fixture.advance(seconds: 9.9)
    #expect(fixture.server.counters.responses[4] == 0)
    await fixture.advance(seconds: 0.5)
    #expect(try await client.readAnswer().status == 408)
    await fixture.end()
  }

  @Test func `an idle connection is closed, and not before its time`() async throws {
    let fixture = try ServerFixture(isManual: true)
    let client = try await begin("", fixture)
    // It becomes a row first, and still answers.
    await fixture.advance(seconds: 2)
    try client.send(first)
    #expect(try await client.readAnswer().status == 200)
    await fixture.loops.settle()
    await fixture.advance(seconds: 2)
    await fixture.advance(seconds: 62)
    #expect(fixture.server.counters.connectionsOpen == 1)
    await fixture.advance(seconds: 3)
    #expect(fixture.server.counters.connectionsOpen == 0)
    #expect(await client.isClosedByServer())
    await fixture.end()
  }

  @Test func `a connection that never sends anything is closed`() async throws {
    let fixture = try ServerFixture(isManual: true)
    let client = try fixture.connect()
    let other = try await begin("", fixture)
    await fixture.advance(seconds: 66)
    #expect(await client.isClosedByServer())
    _ = other
    await fixture.end()
  }

  @Test func `a reader that takes nothing is cut off`() async throws {
    let body = [UInt8](repeating: 120, count: 16_777_216)
    let fixture = try ServerFixture(
      isManual: true, handler: HandlerFunction { _ in .text(String(decoding: body, as: UTF8.self)) })
    let client = try fixture.connect()
    try client.send(first)
    _ = try await client.read(1)
    // The first windows may still have had progress: what fitted into the sockets' buffers.
    for _ in 0..<5 { await fixture.advance(seconds: 10.5) }
    #expect(fixture.server.counters.connectionsOpen == 0)
    #expect((try? await client.readToEnd().count) ?? 0 < body.count)
    await fixture.end()
  }
}
