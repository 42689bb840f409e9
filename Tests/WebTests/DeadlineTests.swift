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

  @Test func `a body may trickle as slowly as the lowest rate, and no slower`() async throws {
    let fixture = try ServerFixture(isManual: true, handler: Large())
    let piece = [UInt8](repeating: 120, count: 8_192 * 5)
    let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(piece.count * 100)\r\n\r\n"
    for (seconds, status) in [(4.9, 0), (5.2, 408)] {
      let client = try await begin(head, fixture)
      for _ in 0..<60 {
        guard fixture.server.counters.responses[4] == 0 else { break }
        try client.send(piece)
        for _ in 0..<3 { await fixture.loops.settle() }
        await fixture.advance(seconds: seconds)
      }
      #expect(fixture.server.counters.responses[4] == (status == 408 ? 1 : 0))
      if status == 408 { #expect(try await client.readAnswer().status == 408) }
    }
    await fixture.end()
  }

  @Test func `a connection ends with the first answer after its hour`() async throws {
    let fixture = try ServerFixture(isManual: true)
    let client = try await begin("", fixture)
    for _ in 0..<59 {
      await fixture.advance(seconds: 60)
      try client.send(first)
      #expect(try await client.readAnswer().field("Connection") == nil)
      await fixture.loops.settle()
    }
    await fixture.advance(seconds: 61)
    try client.send(first)
    #expect(try await client.readAnswer().field("Connection") == "close")
    #expect(await client.isClosedByServer())
    await fixture.end()
  }

  @Test func `a client that keeps sending after its refusal is left after two seconds`() async throws {
    let fixture = try ServerFixture(isManual: true)
    let client = try await begin("POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\n", fixture)
    #expect(try await client.readAnswer().status == 413)
    try client.send([UInt8](repeating: 120, count: 1_000))
    await fixture.advance(seconds: 1.8)
    #expect(fixture.server.counters.connectionsOpen == 1)
    await fixture.advance(seconds: 0.4)
    #expect(fixture.server.counters.connectionsOpen == 0)
    await fixture.end()
  }

  @Test func `what goes wrong once the head is known is the handler's to say`() async throws {
    let fixture = try ServerFixture(isManual: true, handler: Speaking())
    let late = try await begin("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab", fixture)
    await fixture.advance(seconds: 10.5)
    #expect(try await late.readAnswer().text == "408 in other words")
    for (rest, status) in [
      ("Content-Length: 2000000\r\n\r\n", 413), ("Transfer-Encoding: chunked\r\n\r\nx\r\n", 400),
      ("Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx", 415),
    ] {
      let client = try await begin("POST / HTTP/1.1\r\nHost: h\r\n" + rest, fixture)
      let answer = try await client.readAnswer()
      #expect(answer.text == "\(status) in other words")
      #expect(answer.status == status)
      #expect(answer.field("Connection") == "close")
      // RFC 7694 3: with a coding that is not taken, and only then.
      #expect(answer.field("Accept-Encoding") == (status == 415 ? "identity" : nil))
    }
    await fixture.end()
  }

  private struct Large: Handler {
    func admit(_ head: RequestHead, from peer: Peer) -> Admission { .take(BodyLimits(bytes: 16 << 20)) }

    func respond(to request: Request) async -> Response { .text("fine") }
  }

  private struct Speaking: Handler {
    func respond(to request: Request) async -> Response { .text("fine") }

    func refuse(_ error: HTTPError, of head: RequestHead) -> Response {
      .text("\(error.status.rawValue) in other words", status: error.status)
    }
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
