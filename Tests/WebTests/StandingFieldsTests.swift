import Crypto
import HTTP
import Net
import Support
import Testing
import Web

/// What every answer says, whoever makes it.
@Suite struct StandingFieldsTests {
  private static let standing = StandingFields(
    ["X-Content-Type-Options": "nosniff"], overTLS: ["Strict-Transport-Security": "max-age=63072000"])
  private static let nosniff = "X-Content-Type-Options: nosniff"
  private static let transport = "Strict-Transport-Security: max-age=63072000"

  /// Answers in each way that a handler has.
  struct Ways: Handler {
    func admit(_ head: RequestHead, from peer: Peer) -> Admission {
      head.path == "/refused" ? .refuse(.problem(.forbidden)) : .take(BodyLimits(bytes: 16))
    }

    func respond(to request: Request) async -> Response {
      switch request.path {
      case "/stream": Response(.ok, body: .stream { try await $0.write([0x78]) })
      case "/none": Response(.noContent)
      case "/invalid": Response(.ok, fields: ["X": "a\r\nb"])
      default: .text("it")
      }
    }
  }

  private func times(_ text: String, in answer: String) -> Int {
    answer.split(separator: "\r\n").count { $0 == text }
  }

  private static let close = "Host: h\r\nConnection: close\r\n\r\n"

  @Test(arguments: [
    ("GET / HTTP/1.1\r\n\(close)", 200), ("HEAD / HTTP/1.1\r\n\(close)", 200), ("GET / HTTP/1.0\r\n\r\n", 200),
    ("GET /stream HTTP/1.1\r\n\(close)", 200), ("GET /none HTTP/1.1\r\n\(close)", 204),
    ("GET /invalid HTTP/1.1\r\n\(close)", 500), ("OPTIONS * HTTP/1.1\r\n\(close)", 204),
    ("POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", 403),
    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 17\r\n\r\n", 413), ("POST / HTTP/1.1\r\nHost: h\r\n\r\n", 411),
    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Encoding: br\r\n\r\n", 415),
    ("GET / HTTP/1.1\r\n\r\n", 400), ("GET /\r\n\r\n", 400), ("BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501),
    ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505),
    ("GET /\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\nHost: h\r\n\r\n", 414),
    ("GET / HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "a", count: 40_000))\r\n\r\n", 431),
  ])
  func `each answer over TLS has them once, whoever makes it`(request: String, status: Int) async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()), handler: Ways(), standing: Self.standing)
    let client = try await fixture.connect()
    try await client.send(request)
    let answer = try await client.readToEnd()
    #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    #expect(times(Self.nosniff, in: answer) == 1 && times(Self.transport, in: answer) == 1, "\(answer)")
    await fixture.end()
  }

  @Test func `answers to requests that came together have them each`() async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()), handler: Ways(), standing: Self.standing)
    let client = try await fixture.connect()
    try await client.send(
      "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\n\(Self.close)")
    let answer = try await client.readToEnd()
    #expect(times(Self.nosniff, in: answer) == 3 && times(Self.transport, in: answer) == 3)
    await fixture.end()
  }

  @Test func `so has the answer to half a head, and the one where there is no room for a body`() async throws {
    var limits = HTTPLimits.default
    limits.memory = 1
    let fixture = try TLSFixture(
      TLSSettings(try .server()), handler: Ways(), limits: limits, standing: Self.standing)
    let slow = try await fixture.connect()
    try await slow.send("GET / HT")
    await fixture.server.reach(1, .head)
    await fixture.server.advance(seconds: 10.5)
    // A request that is alone always has room.
    let other = try await fixture.connect()
    try await other.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc")
    await fixture.server.reach(1, .body)
    let busy = try await fixture.connect()
    try await busy.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n")
    for (client, status) in [(slow, 408), (busy, 503)] {
      // Each is one write; that the connection lingers is the clock's.
      let answer = String(decoding: try await client.readSome(), as: UTF8.self)
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
      #expect(times(Self.nosniff, in: answer) == 1 && times(Self.transport, in: answer) == 1, "\(answer)")
    }
    await fixture.end()
  }

  /// RFC 6797 7.2.
  @Test func `nothing is said of TLS without it`() async throws {
    let fixture = try ServerFixture(isManual: true, standing: Self.standing, handler: Ways())
    let (quick, slow) = (try fixture.connect(), try fixture.connect())
    try quick.send("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-Proto: https\r\n\r\n")
    try slow.send("GET / HT")
    await fixture.reach(1, .head)
    await fixture.advance(seconds: 10.5)
    for client in [quick, slow] {
      let answer = try await client.readAnswer()
      #expect(answer.field("X-Content-Type-Options") == "nosniff")
      #expect(answer.field("Strict-Transport-Security") == nil)
    }
    await fixture.end()
  }

  @Test func `behind a listed HTTP proxy the host is the proxy's, over TLS too`() async throws {
    let fixture = try TLSFixture(
      TLSSettings(try .server()), handler: Ways(), proxies: ["127.0.0.1"], standing: Self.standing)
    let client = try await fixture.connect()
    try await client.send("GET / HTTP/1.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.1\r\n\(Self.close)")
    let answer = try await client.readToEnd()
    #expect(times(Self.nosniff, in: answer) == 1 && times(Self.transport, in: answer) == 0)
    await fixture.end()
  }

  @Test func `a proxy that hands bytes on says whether they came over TLS`() async throws {
    let proxies = AddressRanges([AddressRange("127.0.0.1")].compactMap(\.self))
    let fixture = try ServerFixture(
      options: ListenerOptions(proxyProtocol: proxies), proxies: ["127.0.0.1"], standing: Self.standing,
      handler: Ways())
    let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
    let addresses: [UInt8] = [203, 0, 113, 7, 198, 51, 100, 1, 0x12, 0x67, 1, 0xBB]
    // PP2_TYPE_SSL: the client used it, and showed no certificate.
    for (entries, expected) in [([0x20, 0, 5, 1, 0, 0, 0, 0], "max-age=63072000"), ([UInt8](), nil)] {
      let client = try fixture.connect()
      try client.send(signature + [0x21, 0x11, 0, UInt8(12 + entries.count)] + addresses + entries)
      try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
      let answer = try await client.readAnswer()
      #expect(answer.field("X-Content-Type-Options") == "nosniff")
      #expect(answer.field("Strict-Transport-Security") == expected)
    }
    await fixture.end()
  }
}
