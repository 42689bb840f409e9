import HTTP
import Support
import Testing
import Web

struct StreamingTests {
  private struct Broken: Error {}

  private var handler: HandlerFunction {
    HandlerFunction { request in
      Response(
        .ok, fields: ["Content-Type": "text/event-stream"],
        body: .stream { writer in
          for index in 0..<3 { try await writer.write(Array("line \(index)\n".utf8)) }
          if request.path == "/broken" { throw Broken() }
          if request.path == "/task" { try await Task.detached { try await writer.write([33]) }.value }
        })
    }
  }

  @Test func `a stream is chunked, and the connection goes on`() async throws {
    let fixture = try ServerFixture(handler: handler)
    let client = try fixture.connect()
    for _ in 0..<2 {
      try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
      let answer = try await client.readAnswer()
      #expect(answer.field("Transfer-Encoding") == "chunked")
      #expect(answer.field("Content-Length") == nil)
      #expect(answer.text == "line 0\nline 1\nline 2\n")
    }
    await fixture.end()
  }

  @Test func `HTTP 1.0 gets the stream until the end of the connection`() async throws {
    let fixture = try ServerFixture(handler: handler)
    let client = try fixture.connect()
    try client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    let answer = try await client.readAnswer()
    #expect(answer.field("Transfer-Encoding") == nil)
    #expect(answer.text == "line 0\nline 1\nline 2\n")
    await fixture.end()
  }

  @Test func `a stream that fails is cut off without its end`() async throws {
    let fixture = try ServerFixture(handler: handler)
    let client = try fixture.connect()
    try client.send("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n")
    let all = String(decoding: try await client.readToEnd(), as: UTF8.self)
    #expect(all.contains("line 2"))
    #expect(!all.hasSuffix("0\r\n\r\n"))
    await fixture.end()
  }

  @Test func `a stream may be written from another task`() async throws {
    let fixture = try ServerFixture(handler: handler)
    let client = try fixture.connect()
    try client.send("GET /task HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(try await client.readAnswer().text.hasSuffix("!"))
    await fixture.end()
  }

  @Test func `HEAD gets the head of a stream and no body`() async throws {
    let fixture = try ServerFixture(handler: handler)
    let client = try fixture.connect()
    try client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nHEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(try await client.readAnswer(bodyless: true).status == 200)
    #expect(try await client.readAnswer(bodyless: true).status == 200)
    await fixture.end()
  }
}
