import HTTP
import Support
import Testing
import Web

struct PipelineTests {
  private func requests(_ paths: [String]) -> String {
    paths.map { "GET \($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined()
  }

  @Test func `answers that are ready together leave in one write, sixteen at a time`() async throws {
    let fixture = try ServerFixture()
    let client = try fixture.connect()
    for (count, writes) in [(1, 1), (3, 1), (16, 1), (40, 3)] {
      let before = client.segments
      try client.send(requests((0..<count).map { "/\($0)" }))
      for index in 0..<count { #expect(try await client.readAnswer().text == "GET /\(index) - ") }
      #expect(client.segments - before == writes)
    }
    await fixture.end()
  }

  @Test func `an answer does not wait for a handler that waits`() async throws {
    let gate = Gate()
    let fixture = try ServerFixture(
      handler: HandlerFunction { request in
        if request.path == "/slow" { await gate.pass() }
        return .text(request.path)
      })
    let client = try fixture.connect()
    try client.send(requests(["/a", "/b", "/slow", "/c"]))
    #expect(try await client.readAnswer().text == "/a")
    #expect(try await client.readAnswer().text == "/b")
    await gate.arrival(of: 1)
    gate.open()
    #expect(try await client.readAnswer().text == "/slow")
    #expect(try await client.readAnswer().text == "/c")
    await fixture.end()
  }

  @Test func `an answer does not wait for the rest of the next request`() async throws {
    let fixture = try ServerFixture()
    for rest in ["GET /b", "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab"] {
      let client = try fixture.connect()
      try client.send(requests(["/a"]) + rest)
      #expect(try await client.readAnswer().text == "GET /a - ")
    }
    await fixture.end()
  }

  @Test func `a streamed answer follows what waits before it`() async throws {
    let fixture = try ServerFixture(
      handler: HandlerFunction { request in
        guard request.path == "/stream" else { return .text(request.path) }
        return Response(.ok, body: .stream { try await $0.write(Array("streamed".utf8)) })
      })
    let client = try fixture.connect()
    try client.send(requests(["/a", "/stream", "/b"]))
    for text in ["/a", "streamed", "/b"] { #expect(try await client.readAnswer().text == text) }
    await fixture.end()
  }

  @Test func `nothing is read while a request is at work`() async throws {
    let gate = Gate()
    let fixture = try ServerFixture(
      handler: HandlerFunction { _ in
        await gate.pass()
        return .text("")
      })
    let client = try fixture.connect()
    try client.send(requests(["/slow"]))
    await gate.arrival(of: 1)
    let more = Array(requests([String](repeating: "/", count: 1_000)).utf8)
    var sent = 0
    while sent < 256 << 20 {
      let count = client.sendNow(more)
      if count == 0 {
        // Full; and after the server had its turn still so.
        await fixture.loops.settle()
        await fixture.loops.settle()
        if client.sendNow(more) == 0 { break }
      }
      sent += count
    }
    #expect(sent < 256 << 20)
    gate.open()
    await fixture.end()
  }
}
