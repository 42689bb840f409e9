import Crypto
import Net
import Support
import Testing

/// What a client and the server agree on, and what they do not.
@Suite struct TLSHandshakeTests {
  static let tls12: Int32 = 0x0303
  static let tls13: Int32 = 0x0304

  @Test(arguments: [TestCertificate.Kind.p256, .rsa], [tls12, tls13])
  func `a request is answered, in whatever pieces the handshake comes`(
    kind: TestCertificate.Kind, version: Int32
  ) async throws {
    let fixture = try TLSFixture(TLSSettings(try .server(kind: kind)))
    for split in Split.all {
      let client = try await fixture.connect {
        $0.version = version
        $0.split = split
      }
      #expect(client.version == (version == Self.tls13 ? "TLSv1.3" : "TLSv1.2"))
      #expect(try await client.get("/").hasSuffix("\r\n\r\nsecure -"), "\(split)")
    }
    await fixture.end()
    #expect(fixture.tls.counted.finished == Split.all.count)
  }

  @Test(arguments: [Int32(0x0301), 0x0302])
  func `TLS 1_0 and 1_1 are refused`(version: Int32) async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()))
    #expect(try await fixture.refusal { $0.version = version } == "tlsv1 alert protocol version")
    await fixture.end()
    #expect(fixture.tls.counted.failed == 1)
  }

  @Test(arguments: [
    "ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES128-SHA", "AES128-GCM-SHA256",
    "DHE-RSA-AES128-GCM-SHA256", "AES256-SHA",
  ])
  func `a suite outside the profile is refused`(suite: String) async throws {
    let fixture = try TLSFixture(TLSSettings(try .server(kind: .rsa)))
    let refusal = try await fixture.refusal {
      $0.version = Self.tls12
      $0.suites = suite
    }
    #expect(refusal == "sslv3 alert handshake failure")
    await fixture.end()
  }

  @Test(arguments: [
    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305",
  ])
  func `each suite of the profile is served`(suite: String) async throws {
    let fixture = try TLSFixture(TLSSettings(try .server(kind: .rsa)))
    let client = try await fixture.connect {
      $0.version = Self.tls12
      $0.suites = suite
    }
    #expect(client.suite == suite)
    await fixture.end()
  }

  @Test(arguments: [
    ("ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
    ("ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305"),
  ])
  func `the server's order counts, unless the client puts ChaCha20 first`(offered: String, taken: String) async throws {
    let fixture = try TLSFixture(TLSSettings(try .server(kind: .rsa)))
    let client = try await fixture.connect {
      $0.version = Self.tls12
      $0.suites = offered
    }
    #expect(client.suite == taken)
    await fixture.end()
  }

  @Test func `HTTP 1_1 is agreed on where it is offered; a client that offers others only is refused`() async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()))
    #expect(try await fixture.connect().agreedProtocol == "")
    #expect(try await fixture.connect { $0.protocols = ["h2", "http/1.1"] }.agreedProtocol == "http/1.1")
    #expect(try await fixture.refusal { $0.protocols = ["h2"] } == "tlsv1 alert no application protocol")
    #expect(
      try await fixture.refusal { $0.protocols = ["http/1.0", "http/1.11"] } == "tlsv1 alert no application protocol")
    await fixture.end()
  }

  @Test func `the certificate is chosen by name; the first is served for none and for an unknown one`() async throws {
    let first = try TestCertificate.server("first", names: ["DNS:a.example"])
    let second = try TestCertificate.server("second", names: ["DNS:b.example", "DNS:*.c.example"])
    let third = try TestCertificate.server("third", names: ["DNS:exact.c.example"])
    let fixture = try TLSFixture(TLSSettings(first, names: [second, third]))
    let expected: [String?: String] = [
      nil: "first", "a.example": "first", "B.Example": "second", "x.c.example": "second",
      "exact.c.example": "third", "c.example": "first", "x.y.c.example": "first", "unknown.example": "first",
    ]
    for (name, certificate) in expected {
      for version in [Self.tls12, Self.tls13] {
        let client = try await fixture.connect {
          $0.serverName = name
          $0.version = version
        }
        #expect(client.serverCommonName == certificate, "\(name ?? "none")")
      }
    }
    await fixture.end()
  }

  @Test func `where client certificates are asked for, an unknown name is refused, and none is served`() async throws {
    let authority = try TestCertificate("clients", isAuthority: true)
    let fixture = try TLSFixture(
      TLSSettings(
        try .server(names: ["DNS:a.example"]), names: [try .server("second", names: ["DNS:b.example"])],
        clients: [authority]))
    #expect(try await fixture.refusal() == nil)
    #expect(try await fixture.refusal { $0.serverName = "a.example" } == nil)
    #expect(try await fixture.refusal { $0.serverName = "b.example" } == nil)
    #expect(try await fixture.refusal { $0.serverName = "c.example" } == "tlsv1 unrecognized name")
    await fixture.end()
  }

  @Test func `the chain is sent as it stands in the file`() async throws {
    let root = try TestCertificate("root", isAuthority: true)
    let middle = try TestCertificate("middle", by: root, isAuthority: true)
    let leaf = try TestCertificate("leaf", by: middle, names: ["DNS:localhost"])
    // An authority of clients is none of the server's chain, even where it made it.
    for settings in [TLSSettings(leaf, middle), TLSSettings(leaf, middle, clients: [root])] {
      let fixture = try TLSFixture(settings)
      #expect(try await fixture.connect().serverChainLength == 2)
      await fixture.end()
    }
    let alone = try TLSFixture(TLSSettings(leaf, clients: [middle, root]))
    #expect(try await alone.connect().serverChainLength == 1)
    await alone.end()
  }

  @Test func `renegotiation is refused, new keys are not`() async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()))
    let old = try await fixture.connect { $0.version = Self.tls12 }
    await #expect(throws: TLSClient.Refused(reason: "no renegotiation")) { try await old.renegotiate() }
    let new = try await fixture.connect { $0.version = Self.tls13 }
    for _ in 0..<3 { try await new.updateKeys() }
    #expect(try await new.get("/").hasSuffix("secure -"))
    await fixture.end()
  }

  @Test func `plain HTTP is told that this is not its port`() async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()))
    let client = try RawClient(fixture.address)
    try client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    let answer = try await client.readAnswer()
    #expect(answer.status == 400)
    #expect(answer.text == "This port speaks HTTPS only.\n")
    #expect(await client.isClosedByServer())
    await fixture.end()
  }

  @Test func `what is no TLS at all gets an alert or nothing, and the server goes on`() async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()))
    let garbage: [[UInt8]] = [
      [0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0], [0x16, 3, 1, 0xFF, 0xFF], [0x80, 0x2E, 1, 0, 2],
      [UInt8](repeating: 0, count: 600),
      [0x15, 3, 3, 0, 2, 2, 40], Array("SSH-2.0-x\r\n".utf8), [0x17, 3, 3, 0, 1, 0],
    ]
    for bytes in garbage {
      for split in Split.all {
        let client = try RawClient(fixture.address)
        for piece in split.pieces(of: bytes) { try? client.send(piece) }
        client.endSending()
        _ = try? await client.readToEnd()
      }
    }
    #expect(try await fixture.refusal() == nil)
    await fixture.end()
  }

  @Test func `a handshake has five seconds from when the connection was accepted`() async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()))
    let silent = try RawClient(fixture.address)
    let begun = try RawClient(fixture.address)
    try begun.send([0x16, 3, 1, 1, 0, 1, 0])
    while fixture.server.server.counters.connectionsOpen < 2 { await fixture.server.advance(seconds: 0) }
    await fixture.server.advance(seconds: 4.8)
    #expect(fixture.server.server.counters.connectionsOpen == 2)
    await fixture.server.advance(seconds: 0.4)
    #expect(await silent.isClosedByServer())
    #expect(await begun.isClosedByServer())
    #expect(fixture.server.server.counters.connectionsOpen == 0)
    await fixture.end()
  }
}
