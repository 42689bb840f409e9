import Crypto
import Net
import Posix
import Support
import Synchronization
import Testing

/// What is taken over from one connection to the next, and from one certificate to its successor.
@Suite struct TLSSessionTests {
  static let versions = [TLSHandshakeTests.tls12, TLSHandshakeTests.tls13]

  /// The session of a connection that was served; nil where the server gave nothing to take up.
  private func session(
    _ fixture: TLSFixture, _ version: Int32, _ change: (inout TLSClient.Options) -> Void = { _ in }
  ) async throws -> TLSClient.Session? {
    let client = try await fixture.connect {
      $0.version = version
      change(&$0)
    }
    _ = try await client.get("/")
    return client.session
  }

  @Test(arguments: versions)
  func `a session is taken up by its ticket`(version: Int32) async throws {
    let fixture = try TLSFixture(TLSSettings(try .server()))
    let session = try await session(fixture, version)
    let again = try await fixture.connect {
      $0.version = version
      $0.session = session
    }
    #expect(again.isResumed)
    #expect(try await again.get("/").hasSuffix("secure -"))
    await fixture.end()
    #expect(fixture.tls.counted.resumed == 1)
  }

  @Test(arguments: versions)
  func `a ticket from one name opens nothing at another`(version: Int32) async throws {
    let fixture = try TLSFixture(
      TLSSettings(
        try .server("first", names: ["DNS:a.example"]), names: [try .server("second", names: ["DNS:b.example"])]))
    for (one, other) in [("a.example", "b.example"), ("b.example", "a.example")] {
      let session = try await session(fixture, version) { $0.serverName = one }
      for (name, isResumed) in [(one, true), (other, false)] {
        let again = try await fixture.connect {
          $0.version = version
          $0.serverName = name
          $0.session = session
        }
        #expect(again.isResumed == isResumed, "\(one) at \(name)")
      }
    }
    await fixture.end()
  }

  @Test(arguments: versions)
  func `where client certificates are asked for nothing is taken up`(version: Int32) async throws {
    let authority = try TestCertificate("clients", isAuthority: true)
    let client = try TestCertificate("client", by: authority, uses: "clientAuth")
    let fixture = try TLSFixture(TLSSettings(try .server(), clients: [authority]))
    for certificate in [client, nil] {
      let session = try await session(fixture, version) {
        $0.certificate = certificate?.pem
        $0.key = certificate?.keyPEM
      }
      let again = try await fixture.connect {
        $0.version = version
        $0.session = session
      }
      #expect(!again.isResumed)
      #expect(try await again.get("/").hasSuffix("secure -"))
    }
    await fixture.end()
  }

  @Test(arguments: versions)
  func `a ticket of a listener without client certificates opens none with them`(version: Int32) async throws {
    let authority = try TestCertificate("clients", isAuthority: true)
    let server = try TestCertificate.server()
    let open = try TLSFixture(TLSSettings(server))
    let closed = try TLSFixture(TLSSettings(server, clients: [authority]))
    let session = try await session(open, version)
    let again = try await closed.connect {
      $0.version = version
      $0.session = session
    }
    #expect(!again.isResumed)
    await open.end()
    await closed.end()
  }

  @Test func `ticket keys are new every twelve hours, and forgotten after a day`() async throws {
    let hours = Lock(Int64(0))
    let context = try TLSContext(
      TLSSettings(try .server()), now: Moment.now, clock: { hours.withLock { $0 * 3_600_000_000_000 } })
    let fixture = try TLSFixture(TLSSettings(try .server()))
    fixture.tls.replace(with: context)
    let session = try await session(fixture, TLSHandshakeTests.tls12)
    for (hour, isResumed) in [(11, true), (13, true), (23, true), (24, false), (50, false)] {
      hours.withLock { $0 = Int64(hour) }
      let again = try await fixture.connect {
        $0.version = TLSHandshakeTests.tls12
        $0.session = session
      }
      #expect(again.isResumed == isResumed, "after \(hour) hours")
    }
    await fixture.end()
  }

  @Test func `a new certificate is for new connections, an old connection keeps what it began with`() async throws {
    let fixture = try TLSFixture(TLSSettings(try .server("old")))
    let old = try await fixture.connect()
    fixture.tls.replace(with: try TLSContext(TLSSettings(try .server("new")), now: Moment.now))
    let new = try await fixture.connect()
    #expect(old.serverCommonName == "old")
    #expect(new.serverCommonName == "new")
    #expect(try await old.get("/").hasSuffix("secure -"))
    #expect(try await new.get("/").hasSuffix("secure -"))
    await fixture.end()
  }

  @Test func `fifty new certificates under load cost no handshake`() async throws {
    let fixture = try TLSFixture(TLSSettings(try .server("first")), loops: 2)
    let settings = try (0..<50).map { TLSSettings(try .server("number \($0)")) }
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          var served = 0
          for _ in 0..<50 where try await fixture.refusal() == nil { served += 1 }
          return served
        }
      }
      for one in settings {
        fixture.tls.replace(with: try TLSContext(one, now: Moment.now))
        _ = try await fixture.connect()
      }
      for try await served in group { #expect(served == 50) }
    }
    await fixture.end()
    #expect(fixture.tls.counted.failed == 0)
    #expect(fixture.tls.counted.finished == 250)
  }
}
