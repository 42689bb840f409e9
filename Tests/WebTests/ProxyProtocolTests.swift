import Crypto
import HTTP
import Net
import Support
import Testing
import Web

/// The PROXY protocol on real sockets: what is asked of whom, and who counts as the client.
struct ProxyProtocolTests {
  private let request = "GET / HTTP/1.1\r\nHost: h\r\n"
  private let line = "PROXY TCP4 203.0.113.7 198.51.100.1 4711 443\r\n"

  private static func ranges(_ texts: String...) -> AddressRanges {
    AddressRanges(texts.compactMap { AddressRange($0) })
  }

  private func fixture(
    isManual: Bool = false, limits: HTTPLimits = .default, from ranges: AddressRanges = Self.ranges("127.0.0.1"),
    proxies: [String] = ["127.0.0.1"]
  ) throws -> ServerFixture {
    try ServerFixture(
      limits: limits, isManual: isManual, options: ListenerOptions(proxyProtocol: ranges), proxies: proxies,
      handler: WhoAmI())
  }

  /// 203.0.113.7:4711 to 198.51.100.1:443.
  private func block(command: UInt8 = 0x21, entries: [UInt8] = []) -> [UInt8] {
    let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
    return signature + [
      command, 0x11, 0, UInt8(12 + entries.count), 203, 0, 113, 7, 198, 51, 100, 1, 0x12, 0x67, 1, 0xBB,
    ]
      + entries
  }

  @Test(arguments: Split.all)
  func `a header of version 1 names the client, however it is cut`(split: Split) async throws {
    let fixture = try fixture()
    let client = try fixture.connect()
    for piece in split.pieces(of: Array((line + request + "\r\n").utf8)) { try client.send(piece) }
    #expect(try await client.readAnswer().text == "203.0.113.7 127.0.0.1 plain")
    // It is said once a connection.
    try client.send(request + "\r\n")
    #expect(try await client.readAnswer().text == "203.0.113.7 127.0.0.1 plain")
    await fixture.end()
  }

  @Test(arguments: Split.all)
  func `a header of version 2 names the client and how he came, however it is cut`(split: Split) async throws {
    let fixture = try fixture()
    let client = try fixture.connect()
    let header = block(entries: [0x20, 0, 5, 1, 0, 0, 0, 0])
    for piece in split.pieces(of: header + Array((request + "\r\n").utf8)) { try client.send(piece) }
    #expect(try await client.readAnswer().text == "203.0.113.7 127.0.0.1 secure")
    await fixture.end()
  }

  @Test(arguments: Split.all)
  func `TLS comes behind the header, which need not know of it`(split: Split) async throws {
    let tls = TLSServer(try TLSContext(TLSSettings(try .server()), now: Moment.now))
    let fixture = try ServerFixture(
      isManual: true, options: ListenerOptions(tls: tls, proxyProtocol: Self.ranges("127.0.0.1")),
      proxies: ["127.0.0.1"],
      handler: WhoAmI())
    for header in [Array(line.utf8), block(entries: [0x20, 0, 5, 0, 0, 0, 0, 0])] {
      var options = TLSClient.Options()
      options.split = split
      options.preface = header
      let answer = try await TLSClient(fixture.address, options).get("/")
      #expect(answer.hasSuffix("\r\n\r\n203.0.113.7 127.0.0.1 secure"))
    }
    await fixture.end()
  }

  @Test func `TLS without the header is closed where the header is mandatory`() async throws {
    let tls = TLSServer(try TLSContext(TLSSettings(try .server()), now: Moment.now))
    let fixture = try ServerFixture(options: ListenerOptions(tls: tls, proxyProtocol: Self.ranges("127.0.0.1")))
    await #expect(throws: (any Error).self) { try await TLSClient(fixture.address) }
    await fixture.end()
  }

  @Test func `a proxy's own connection is the proxy's, and what it carries names nobody`() async throws {
    let fixture = try fixture()
    for header in [block(command: 0x20), Array("PROXY UNKNOWN\r\n".utf8)] {
      let client = try fixture.connect()
      try client.send(header + Array((request + "X-Forwarded-For: 203.0.113.9\r\n\r\n").utf8))
      #expect(try await client.readAnswer().text == "127.0.0.1 127.0.0.1 plain")
    }
    await fixture.end()
  }

  @Test func `who is named by the header is believed only where he is listed himself`() async throws {
    for (proxies, expected) in [
      (["127.0.0.1"], "203.0.113.7 127.0.0.1 plain"), (["127.0.0.1", "203.0.113.0/24"], "192.0.2.9 127.0.0.1 secure"),
    ] {
      let fixture = try fixture(proxies: proxies)
      let client = try fixture.connect()
      try client.send(line + request + "X-Forwarded-For: 192.0.2.9\r\nX-Forwarded-Proto: https\r\n\r\n")
      #expect(try await client.readAnswer().text == expected)
      await fixture.end()
    }
  }

  @Test func `who is not listed is closed before he has said a word`() async throws {
    let fixture = try fixture()
    let stranger = try fixture.connect(from: 2)
    #expect(await stranger.isClosedByServer())
    let proxy = try fixture.connect()
    try proxy.send(line + request + "\r\n")
    #expect(try await proxy.readAnswer().status == 200)
    await fixture.end()
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "PROXY TCP4 203.0.113.7\r\n", "\r\n\r\n\0\r\nQUIT\n!", "\u{16}\u{3}\u{1}",
  ])
  func `the header is mandatory where it is switched on`(bytes: String) async throws {
    let fixture = try fixture()
    let client = try fixture.connect()
    try client.send(bytes)
    #expect(await client.isClosedByServer())
    #expect(fixture.server.counters.requests == 0)
    await fixture.end()
  }

  @Test func `where it is not switched on, the header is a bad request`() async throws {
    let fixture = try ServerFixture(proxies: ["127.0.0.1"], handler: WhoAmI())
    let client = try fixture.connect()
    try client.send(line + request + "\r\n")
    #expect(try await client.readAnswer().status == 400)
    await fixture.end()
  }

  @Test(arguments: ["", "PROXY TCP4 203.0.113.7 ", "\r\n\r\n\0\r\nQUIT\n!\u{11}"])
  func `the header has five seconds, however much of it has come`(beginning: String) async throws {
    let fixture = try fixture(isManual: true)
    let client = try fixture.connect()
    let other = try fixture.connect()
    try client.send(beginning)
    try other.send(line + request + "\r\n")
    #expect(try await other.readAnswer().status == 200)
    await fixture.advance(seconds: 4.9)
    #expect(fixture.server.counters.connectionsOpen == 2)
    await fixture.advance(seconds: 0.3)
    #expect(await client.isClosedByServer())
    #expect(fixture.server.counters.connectionsOpen == 1)
    await fixture.end()
  }

  @Test func `an end in the middle of the header closes`() async throws {
    let fixture = try fixture(isManual: true)
    let client = try fixture.connect()
    try client.send("PROXY TCP4 203")
    client.endSending()
    #expect(await client.isClosedByServer())
    await fixture.end()
  }

  @Test func `connections are counted for the client, not for the proxy`() async throws {
    var limits = HTTPLimits.default
    limits.connectionsPerPeer = 2
    let fixture = try fixture(limits: limits, from: Self.ranges("127.0.0.2"), proxies: ["127.0.0.2"])
    var clients: [RawClient] = []
    for index in 0..<6 {
      let client = try fixture.connect(from: 2)
      try client.send("PROXY TCP4 203.0.113.\(index / 2) 198.51.100.1 4711 443\r\n" + request + "\r\n")
      #expect(try await client.readAnswer().status == 200)
      clients.append(client)
    }
    let third = try fixture.connect(from: 2)
    try third.send(line.replacing("203.0.113.7", with: "203.0.113.1"))
    #expect(try await third.readAnswer().status == 503)
    #expect(fixture.server.counters.connectionsRefused == 1)
    await fixture.end()
  }

  @Test func `a Unix socket's peer speaks for others where it has to`() async throws {
    let path = "/tmp/causeway-proxy-\(UInt32.random(in: 0...UInt32.max))"
    let fixture = try ServerFixture(handler: WhoAmI())
    let address = try fixture.server.listen(
      on: .unix(path: path), options: ListenerOptions(proxyProtocol: Self.ranges("192.0.2.1")))
    let client = try RawClient(address)
    try client.send(line + request + "\r\n")
    #expect(try await client.readAnswer().text == "203.0.113.7  plain")
    await fixture.end()
  }
}
