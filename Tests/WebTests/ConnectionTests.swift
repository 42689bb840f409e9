import HTTP
import Net
import Support
import Testing
import Web

struct ConnectionTests {
  @Test(arguments: Split.all)
  func `pipelined requests are answered in order however they are cut`(split: Split) async throws {
    let fixture = try ServerFixture()
    let client = try fixture.connect()
    let requests =
      "GET /a?x=1 HTTP/1.1\r\nHost: h\r\n\r\n"
      + "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
      + "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n"
      + "PUT /d HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
      + "HEAD /e HTTP/1.1\r\nHost: h\r\n\r\n"
      + "GET /f HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    for piece in split.pieces(of: Array(requests.utf8)) { try client.send(piece) }
    for expected in ["GET /a x=1 ", "POST /b - hello", "POST /c - abcde", "PUT /d - "] {
      let answer = try await client.readAnswer()
      #expect(answer.status == 200)
      #expect(answer.text == expected)
      #expect(answer.field("Connection") == nil)
    }
    let head = try await client.readAnswer(bodyless: true)
    #expect(head.field("Content-Length") == "10")
    let last = try await client.readAnswer()
    #expect(last.text == "GET /f - ")
    #expect(last.field("Connection") == "close")
    #expect(await client.isClosedByServer())
    await fixture.end()
  }

  @Test func `many pipelined requests come back whole and in order`() async throws {
    let fixture = try ServerFixture()
    let client = try fixture.connect()
    let count = 900
    try client.send((0..<count).map { "GET /\($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined())
    for index in 0..<count { #expect(try await client.readAnswer().text == "GET /\(index) - ") }
    await fixture.end()
  }

  @Test func `HTTP 1.0 closes unless it asks to keep the connection`() async throws {
    let fixture = try ServerFixture()
    let kept = try fixture.connect()
    try kept.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    #expect(try await kept.readAnswer().field("Connection") == "keep-alive")
    try kept.send("GET /b HTTP/1.0\r\n\r\n")
    #expect(try await kept.readAnswer().text == "GET /b - ")
    #expect(await kept.isClosedByServer())
    await fixture.end()
  }

  @Test func `a connection ends after its last allowed request`() async throws {
    var limits = HTTPLimits()
    limits.requestsPerConnection = 3
    let fixture = try ServerFixture(limits: limits)
    let client = try fixture.connect()
    var closing: [String?] = []
    for _ in 0..<3 {
      try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
      closing.append(try await client.readAnswer().field("Connection"))
    }
    #expect(closing == [nil, nil, "close"])
    #expect(await client.isClosedByServer())
    await fixture.end()
  }

  @Test func `a client that has sent its last still gets its answers`() async throws {
    let fixture = try ServerFixture()
    let client = try fixture.connect()
    try client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
    client.endSending()
    #expect(try await client.readAnswer().text == "GET /a - ")
    #expect(try await client.readAnswer().text == "GET /b - ")
    #expect(await client.isClosedByServer())
    await fixture.end()
  }

  @Test func `half a request and the end is closed without an answer`() async throws {
    let fixture = try ServerFixture()
    for text in ["G", "GET / HTTP/1.1\r\nHost: h\r\n", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab"] {
      let client = try fixture.connect()
      try client.send(text)
      client.endSending()
      #expect(await client.isClosedByServer(), "\(text)")
    }
    await fixture.end()
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\nHost: h\n\n", 400), ("BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501),
    ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505), ("GET /\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\n", 414),
    ("GET / HTTP/1.1\r\nHost: h\r\nA: \(String(repeating: "a", count: 40_000))\r\n\r\n", 431),
    ("POST / HTTP/1.1\r\nHost: h\r\n\r\n", 411),
    ("POST / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n", 417),
    ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: br\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
  ])
  func `what cannot be served is answered once and closed`(text: String, status: Int) async throws {
    let fixture = try ServerFixture()
    let client = try fixture.connect()
    try client.send(text)
    let answer = try await client.readAnswer()
    #expect(answer.status == status)
    #expect(answer.field("Connection") == "close")
    #expect(answer.field("Content-Type") == "application/problem+json")
    #expect(answer.field("Date")?.hasSuffix(" GMT") == true)
    client.endSending()
    #expect(await client.isClosedByServer())
    await fixture.end()
  }

  @Test func `requests and connections are counted`() async throws {
    var router = Router()
    router.on(.get, "/") { _, _ in .text("") }
    let fixture = try ServerFixture(loops: 2, handler: router)
    let client = try fixture.connect()
    for path in ["/", "/no", "/"] {
      try client.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
      _ = try await client.readAnswer()
    }
    let counters = fixture.server.counters
    #expect(counters.connectionsOpen == 1)
    #expect(counters.connectionsAccepted == 1)
    #expect(counters.requests == 3)
    #expect(counters.responses == [0, 0, 2, 0, 1, 0])
    await fixture.end()
    #expect(fixture.server.counters.connectionsOpen == 0)
  }

  @Test func `too many connections are told so`() async throws {
    var limits = HTTPLimits()
    limits.connections = 1
    let fixture = try ServerFixture(limits: limits)
    let first = try fixture.connect()
    try first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(try await first.readAnswer().status == 200)
    let second = try fixture.connect()
    #expect(try await second.readAnswer().status == 503)
    #expect(await second.isClosedByServer())
    #expect(fixture.server.counters.connectionsRefused == 1)
    await fixture.end()
  }
}
