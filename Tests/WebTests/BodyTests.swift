import HTTP
import Support
import Testing
import Web

struct BodyTests {
  @Test func `a body that is announced too large is refused before it is read`() async throws {
    let fixture = try ServerFixture()
    let client = try fixture.connect()
    try client.send("POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 17\r\n\r\n")
    let answer = try await client.readAnswer()
    #expect(answer.status == 413)
    #expect(answer.field("Connection") == "close")
    await fixture.end()
  }

  @Test func `the answer to a refused body arrives although the body is still coming`() async throws {
    let fixture = try ServerFixture()
    let client = try fixture.connect()
    try client.send("POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 30000\r\n\r\n")
    try client.send([UInt8](repeating: 97, count: 30_000))
    client.endSending()
    #expect(try await client.readAnswer().status == 413)
    #expect(await client.isClosedByServer())
    await fixture.end()
  }

  @Test func `no more than 64 KiB of a refused body are read`() async throws {
    let fixture = try ServerFixture()
    let client = try fixture.connect()
    try client.send("POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n")
    #expect(try await client.readAnswer().status == 413)
    var sent = 0
    do {
      while sent < 256 << 20 {
        try client.send([UInt8](repeating: 97, count: 65_536))
        sent += 65_536
      }
      Issue.record("the server reads on")
    } catch {}
    await fixture.end()
  }

  @Test func `a chunked body is refused as soon as it is too large`() async throws {
    let fixture = try ServerFixture()
    let client = try fixture.connect()
    try client.send(
      "POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n1\r\n")
    #expect(try await client.readAnswer().status == 413)
    await fixture.end()
  }

  @Test(arguments: Split.all)
  func `a body larger than any buffer arrives whole`(split: Split) async throws {
    struct Sum: Handler {
      func respond(to request: Request) async -> Response {
        .text("\(request.body.count) \(request.body.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF_FFFF })")
      }
    }
    let fixture = try ServerFixture(handler: Sum())
    let client = try fixture.connect()
    let body = (0..<(split.pieces(of: [1, 2]).count == 2 ? 5_000 : 300_000)).map { UInt8(truncatingIfNeeded: $0 >> 3) }
    try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.count)\r\n\r\n")
    for piece in split.pieces(of: body) { try client.send(piece) }
    let sum = body.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF_FFFF }
    #expect(try await client.readAnswer().text == "\(body.count) \(sum)")
    await fixture.end()
  }

  @Test func `100-continue is answered before the body, and only when it is waited for`() async throws {
    let fixture = try ServerFixture()
    let client = try fixture.connect()
    for framing in ["Content-Length: 3\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"] {
      try client.send("POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\(framing)")
      #expect(try await client.readAnswer().status == 100)
      try client.send(framing.hasPrefix("C") ? "abc" : "3\r\nabc\r\n0\r\n\r\n")
      #expect(try await client.readAnswer().text == "POST /x - abc")
    }
    try client.send("POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc")
    #expect(try await client.readAnswer().status == 200)
    try client.send("POST /small HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 30\r\n\r\n")
    #expect(try await client.readAnswer().status == 413)
    await fixture.end()
  }

  @Test func `a GET with a body does not leave it on the connection`() async throws {
    let fixture = try ServerFixture()
    let client = try fixture.connect()
    try client.send("GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nGET GET /b HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(try await client.readAnswer().text == "GET /a - GET ")
    #expect(try await client.readAnswer().text == "GET /b - ")
    await fixture.end()
  }
}
