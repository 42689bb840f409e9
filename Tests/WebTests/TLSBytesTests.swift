import Crypto
import HTTP
import Net
import Posix
import Support
import Testing
import Web

/// What goes through a connection once its hands are shaken.
@Suite struct TLSBytesTests {
  /// Answers with so many bytes as the path says, or with the body's length.
  struct Big: Handler {
    func respond(to request: Request) async -> Response {
      guard let count = Int(request.path.dropFirst()) else { return .text("\(request.body.count)") }
      return .text(String(repeating: "x", count: count))
    }

    func admit(_ head: RequestHead, from peer: Peer) -> Admission { .take(BodyLimits(bytes: 1 << 24)) }
  }

  @Test(arguments: [TLSHandshakeTests.tls12, TLSHandshakeTests.tls13])
  func `a large answer arrives at a slow reader, a large body at the server`(version: Int32) async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()), handler: Big())
    let client = try await fixture.connect { $0.version = version }
    client.raw.shrinkReceiveBuffer(to: 65_536)
    #expect(try await client.get("/3000000").utf8.count > 3_000_000)
    let sender = try await fixture.connect { $0.version = version }
    let body = String(repeating: "y", count: 1_500_000)
    try await sender.send("POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 1500000\r\nConnection: close\r\n\r\n\(body)")
    #expect(try await sender.readToEnd().hasSuffix("\r\n\r\n1500000"))
    await fixture.end()
  }

  @Test(arguments: [TLSHandshakeTests.tls12, TLSHandshakeTests.tls13])
  func `a connection is used again, also after it was idle`(version: Int32) async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()))
    let client = try await fixture.connect { $0.version = version }
    for _ in 0..<3 {
      try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      var answer = ""
      while !answer.hasSuffix("secure -") { answer += String(decoding: try await client.readSome(), as: UTF8.self) }
      await fixture.server.advance(seconds: 3)
    }
    await fixture.server.advance(seconds: 70)
    #expect(try await client.readToEnd() == "")
    await fixture.end()
  }

  @Test(arguments: [TLSHandshakeTests.tls12, TLSHandshakeTests.tls13])
  func `a client that has sent its end still gets its answer`(version: Int32) async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()))
    let client = try await fixture.connect { $0.version = version }
    try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    try await client.endSending()
    client.raw.endSending()
    #expect(try await client.readToEnd().hasSuffix("secure -"))
    await fixture.end()
  }

  @Test func `half a request followed by the end of the connection is never served`() async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()))
    let client = try await fixture.connect()
    try await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
    client.raw.endSending()
    #expect(try await client.readToEnd() == "")
    await fixture.end()
  }

  @Test(arguments: [TLSHandshakeTests.tls12, TLSHandshakeTests.tls13])
  func `an answer that was sent before TLS fails is not lost, and the alert follows it`(version: Int32) async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()), handler: Big())
    for split in Split.all {
      let client = try await fixture.connect { $0.version = version }
      try await client.send("GET /20000 HTTP/1.1\r\nHost: x\r\n\r\n")
      // A record that nobody sealed, and a lot behind it that nobody will read.
      for piece in split.pieces(of: [0x17, 3, 3, 0, 32] + [UInt8](repeating: 7, count: 800)) {
        try client.raw.send(piece)
      }
      var answer = ""
      let reason = await #expect(throws: TLSClient.Refused.self) {
        while true { answer += String(decoding: try await client.readSome(), as: UTF8.self) }
      }
      #expect(answer.hasSuffix(String(repeating: "x", count: 20_000)))
      #expect(reason?.reason.hasSuffix("alert bad record mac") == true, "\(split)")
    }
    await fixture.end()
  }

  @Test func `a drain serves the request whose handshake had begun`() async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()), isManual: false)
    let client = try await fixture.connect()
    let draining = Task { await fixture.server.server.drain() }
    while !fixture.server.server.isDraining { await Task.yield() }
    let answer = try? await client.get("/")
    // Closed while it was idle, or served; never cut.
    #expect(answer == nil || answer == "" || answer?.hasSuffix("secure -") == true)
    await draining.value
    #expect(fixture.server.server.counters.connectionsOpen == 0)
    await fixture.end()
  }
}
