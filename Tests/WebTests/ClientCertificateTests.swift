import Crypto
import Net
import Support
import Testing

/// Whose client certificate is good: every way in which one may be wrong, under both versions of TLS.
@Suite struct ClientCertificateTests {
  static let versions = [TLSHandshakeTests.tls12, TLSHandshakeTests.tls13]

  /// A root, an authority under it, and who is under that.
  struct Family {
    let root: TestCertificate
    let middle: TestCertificate
    let client: TestCertificate

    init(_ name: String = "") throws {
      root = try TestCertificate(name + "root", isAuthority: true)
      middle = try TestCertificate(name + "middle", by: root, isAuthority: true)
      client = try TestCertificate("client", by: middle, uses: "clientAuth")
    }
  }

  private func refusal(
    _ fixture: TLSFixture, _ version: Int32, _ chain: [TestCertificate], key: TestCertificate? = nil
  ) async throws -> String? {
    try await fixture.refusal {
      $0.version = version
      $0.certificate = chain.flatMap(\.pem)
      $0.key = (key ?? chain.first)?.keyPEM
    }
  }

  @Test(arguments: versions)
  func `a good certificate is known to the handler, and none is no obstacle`(version: Int32) async throws {
    let family = try Family()
    let fixture = try TLSFixture(TLSSettings(try .server(), clients: [family.root]))
    let client = try await fixture.connect {
      $0.version = version
      $0.certificate = family.client.pem + family.middle.pem
      $0.key = family.client.keyPEM
    }
    #expect(try await client.get("/").hasSuffix("secure CN=client"))
    #expect(try await fixture.connect { $0.version = version }.get("/").hasSuffix("secure -"))
    await fixture.end()
  }

  @Test(arguments: versions)
  func `every other certificate is refused`(version: Int32) async throws {
    let family = try Family()
    let other = try Family("other ")
    let namesake = try Family()
    let short = try TestCertificate("short", by: family.root, isAuthority: true, pathLength: 0)
    let tooDeep = try TestCertificate("too deep", by: short, isAuthority: true)
    let noAuthority = try TestCertificate("no authority", by: family.root)
    var deep = [family.root]
    for level in 0..<20 { deep.insert(try TestCertificate("level \(level)", by: deep[0], isAuthority: true), at: 0) }
    let fixture = try TLSFixture(TLSSettings(try .server(), clients: [family.root]))
    let middle = family.middle
    let wrong: [(String, [TestCertificate], String)] = [
      ("another authority", [other.client, other.middle], "tlsv1 alert unknown ca"),
      ("another authority with its root", [other.client, other.middle, other.root], "tlsv1 alert unknown ca"),
      ("an authority of the same name", [namesake.client, namesake.middle], "tlsv1 alert decrypt error"),
      ("signed by itself", [try TestCertificate("self")], "tlsv1 alert unknown ca"),
      ("the authority between is missing", [family.client], "tlsv1 alert unknown ca"),
      (
        "expired", [try TestCertificate("x", by: middle, from: -7_200, to: -60), middle],
        "sslv3 alert certificate expired"
      ),
      ("not yet valid", [try TestCertificate("x", by: middle, from: 3_600), middle], "sslv3 alert bad certificate"),
      (
        "a server's", [try TestCertificate("x", by: middle, uses: "serverAuth"), middle],
        "sslv3 alert unsupported certificate"
      ),
      ("signed by who may not", [try TestCertificate("x", by: noAuthority), noAuthority], "tlsv1 alert unknown ca"),
      ("beyond the path length", [try TestCertificate("x", by: tooDeep), tooDeep, short], "tlsv1 alert unknown ca"),
      ("twenty deep", [try TestCertificate("x", by: deep[0])] + deep.dropLast(), "tlsv1 alert unknown ca"),
    ]
    for (what, chain, alert) in wrong {
      let refusal = try await refusal(fixture, version, chain)
      #expect(refusal == alert, "\(what)")
    }
    #expect(try await refusal(fixture, version, [family.client, middle]) == nil)
    await fixture.end()
    #expect(fixture.tls.counted.certificatesRefused == wrong.count)
  }

  @Test(arguments: versions)
  func `what was taken back is refused, wherever in the chain`(version: Int32) async throws {
    let family = try Family()
    let otherMiddle = try TestCertificate("other middle", by: family.root, isAuthority: true)
    let revokedClient = try TestCertificate("revoked", by: family.middle)
    let good = [family.client, family.middle]
    let lists = [
      try family.root.revocations(of: [otherMiddle]), try family.middle.revocations(of: [revokedClient]),
      try otherMiddle.revocations(),
    ]
    let fixture = try TLSFixture(
      TLSSettings(try .server(), clients: [family.root, family.middle, otherMiddle], revocations: lists))
    #expect(try await refusal(fixture, version, good) == nil)
    #expect(try await refusal(fixture, version, [revokedClient, family.middle]) == "sslv3 alert certificate revoked")
    let under = try TestCertificate("under", by: otherMiddle)
    #expect(try await refusal(fixture, version, [under, otherMiddle]) == "sslv3 alert certificate revoked")
    await fixture.end()
  }

  @Test(arguments: versions)
  func `a list that is missing or out of date lets nobody in, but those without a certificate`(
    version: Int32
  ) async throws {
    let family = try Family()
    let good = [family.client, family.middle]
    // The authority in the middle is the client's to send, so only the handshake can tell that its list is missing.
    let missing = try TLSFixture(
      TLSSettings(try .server(), clients: [family.root], revocations: [try family.root.revocations()]))
    #expect(try await refusal(missing, version, good) != nil)
    #expect(try await missing.refusal { $0.version = version } == nil)
    await missing.end()
    let old = try TLSFixture(
      TLSSettings(
        try .server(), clients: [family.root, family.middle],
        revocations: [try family.root.revocations(), try family.middle.revocations(to: -60)]))
    #expect(try await refusal(old, version, good) != nil)
    #expect(try await old.refusal { $0.version = version } == nil)
    #expect(old.tls.current.concerns(at: Moment.now).contains { $0.isAlarm })
    await old.end()
  }

  @Test(arguments: versions)
  func `an authority may be one below the root, or a certificate that signed itself`(version: Int32) async throws {
    let family = try Family()
    let single = try TestCertificate("single")
    let fixture = try TLSFixture(TLSSettings(try .server(), clients: [family.middle, single]))
    #expect(try await refusal(fixture, version, [family.client]) == nil)
    #expect(try await refusal(fixture, version, [single]) == nil)
    let beside = try TestCertificate("beside", by: family.root)
    #expect(try await refusal(fixture, version, [beside]) == "tlsv1 alert unknown ca")
    await fixture.end()
  }

  @Test(arguments: versions)
  func `a certificates message of a megabyte is refused before it is held`(version: Int32) async throws {
    let family = try Family()
    let fixture = try TLSFixture(TLSSettings(try .server(), clients: [family.root]))
    let names = (0..<20_000).map { "DNS:name-number-\($0).a-rather-long-domain.example" }
    let huge = try TestCertificate("huge", by: family.middle, names: names)
    let refusal = try await refusal(fixture, version, [huge, family.middle])
    #expect(refusal != nil)
    #expect(try await self.refusal(fixture, version, [family.client, family.middle]) == nil)
    await fixture.end()
  }
}
