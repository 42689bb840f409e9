import Crypto
import Formats
import HTTP
import Inbound
import Support
import Testing
import Web

/// Whose certificate an endpoint takes, once TLS has verified it.
@Suite struct ClientCertificateCheckTests {
  private static let day = 86_400
  private let now = Instant(secondsSince1970: Moment.now)
  private let good: TestCertificate
  /// The same key and subject, in another certificate, as a renewal makes it.
  private let renewed: TestCertificate
  private let other: TestCertificate

  init() throws {
    func made(_ key: TestCertificate? = nil) throws -> TestCertificate {
      try TestCertificate(
        "proxy.salesforce.com", under: [("C", "US"), ("O", "Salesforce, Inc.")], key: key,
        names: ["DNS:Proxy.salesforce.com", "URI:spiffe://example.com/crm", "email:crm@example.com"])
    }
    good = try made()
    renewed = try made(good)
    other = try TestCertificate(
      "other", under: [("C", "US"), ("O", "Salesforce, Inc.")], names: ["DNS:*.salesforce.com"])
  }

  private func certificate(_ one: TestCertificate) throws -> Certificate { try Certificate(pem: one.pem) }

  private func pin(_ one: TestCertificate) throws -> String { Hex.encode(try certificate(one).fingerprint) }

  private func keyPin(_ one: TestCertificate) throws -> String { Hex.encode(try certificate(one).spkiFingerprint) }

  private func verdict(
    _ settings: ClientCertificateSettings, _ shown: TestCertificate?, after seconds: Int = 0
  ) throws -> String {
    let peer = Peer(address: .loopback(), certificate: try shown.map(certificate))
    let request = Request(method: .post, path: "/hooks/endpoint", body: Proving.body, peer: peer)
    return try Proving(.clientCertificate(settings)).verdict(request, at: now.adding(seconds: Int64(seconds)))
  }

  @Test func `a pin holds for its certificate, however it is written, and for no other`() throws {
    let digits = try pin(good)
    let spaced = stride(from: 0, to: 64, by: 2).map { String(Array(digits)[$0..<($0 + 2)]) }.joined(separator: ":")
    for written in [digits, digits.uppercased(), spaced, spaced.uppercased()] {
      let settings = ClientCertificateSettings(certificates: [try pin(other), written])
      #expect(try verdict(settings, good) == "client-certificate sha256:\(digits)")
      #expect(try verdict(settings, renewed) == "401 certificate-wrong")
      #expect(try verdict(settings, nil) == "401 certificate-missing")
    }
  }

  @Test func `a pin of a key holds for every certificate of the key`() throws {
    let settings = ClientCertificateSettings(keys: [try keyPin(good)])
    for one in [good, renewed] {
      #expect(try verdict(settings, one) == "client-certificate spki-sha256:\(try keyPin(good))")
    }
    #expect(try verdict(settings, other) == "401 certificate-wrong")
    // A pin of one kind is none of the other.
    #expect(try verdict(ClientCertificateSettings(certificates: [try keyPin(good)]), good) == "401 certificate-wrong")
    #expect(try verdict(ClientCertificateSettings(keys: [try pin(good)]), good) == "401 certificate-wrong")
  }

  @Test func `pins of both kinds are alternatives`() throws {
    let settings = ClientCertificateSettings(certificates: [try pin(other)], keys: [try keyPin(good)])
    #expect(try verdict(settings, other) == "client-certificate sha256:\(try pin(other))")
    #expect(try verdict(settings, renewed) == "client-certificate spki-sha256:\(try keyPin(good))")
    #expect(try verdict(settings, try TestCertificate("third")) == "401 certificate-wrong")
  }

  @Test(arguments: [
    "DNS:proxy.salesforce.com", "DNS:PROXY.Salesforce.com", "URI:spiffe://example.com/crm", "email:crm@example.com",
    "CN:proxy.salesforce.com", #"CN=proxy.salesforce.com,O=Salesforce\, Inc.,C=US"#,
    #"CN=proxy.salesforce.com,O=Salesforce\2C Inc.,C=US"#,
  ])
  func `a name holds where it is the certificate's`(name: String) throws {
    let settings = ClientCertificateSettings(subjects: ["CN:nobody", name])
    #expect(try verdict(settings, good) == "client-certificate \(name)")
    #expect(try verdict(settings, other) == "401 certificate-wrong")
    #expect(try verdict(settings, nil) == "401 certificate-missing")
  }

  @Test(arguments: [
    "DNS:salesforce.com", "DNS:a.salesforce.com", "DNS:other", "URI:proxy.salesforce.com", "CN:Proxy.salesforce.com",
    "CN:salesforce.com", "CN:US", "O=Salesforce\\, Inc.,C=US", #"CN=proxy.salesforce.com,O=Salesforce\, Inc."#,
    #"C=US,O=Salesforce\, Inc.,CN=proxy.salesforce.com"#,
  ])
  func `a name that is near is not enough`(name: String) throws {
    #expect(try verdict(ClientCertificateSettings(subjects: [name]), good) == "401 certificate-wrong")
  }

  @Test func `a name that stands in two common names counts for neither`() throws {
    let two = try TestCertificate("proxy.salesforce.com", under: [("CN", "other")])
    #expect(
      try verdict(ClientCertificateSettings(subjects: ["CN:proxy.salesforce.com"]), two) == "401 certificate-wrong")
  }

  @Test func `where a pin and a name are given, both have to hold`() throws {
    let settings = ClientCertificateSettings(
      certificates: [try pin(good), try pin(other)], subjects: ["CN:proxy.salesforce.com"])
    #expect(try verdict(settings, good) == "client-certificate sha256:\(try pin(good))")
    #expect(try verdict(settings, renewed) == "401 certificate-wrong")
    #expect(try verdict(settings, other) == "401 certificate-wrong")
  }

  @Test func `a certificate counts in its time only, to the second`() throws {
    let short = try TestCertificate("short", from: -100, to: 100)
    let settings = ClientCertificateSettings(certificates: [try pin(short)])
    let holds = "client-certificate sha256:\(try pin(short))"
    let certificate = try certificate(short)
    func verdict(at seconds: Int64) throws -> String {
      try self.verdict(settings, short, after: Int(seconds - now.secondsSince1970))
    }
    #expect(try verdict(at: certificate.notBefore - 1) == "401 certificate-not-yet-valid")
    #expect(try verdict(at: certificate.notBefore) == holds)
    #expect(try verdict(at: certificate.notAfter) == holds)
    #expect(try verdict(at: certificate.notAfter + 1) == "401 certificate-expired")
    // Whose it is comes first: a stranger's is not said to be expired.
    #expect(
      try self.verdict(ClientCertificateSettings(subjects: ["CN:x"]), short, after: 200) == "401 certificate-wrong")
  }

  @Test func `wrong settings are told by their place`() throws {
    func problems(_ settings: ClientCertificateSettings) -> [String] {
      SourceCatalogue.problems(
        with: Messages.settings("json", id: "body.id", verify: .all([.clientCertificate(settings)]))
      ).map { "\($0.path.dropFirst(3).joined(separator: ".")): \($0.message)" }
    }
    #expect(problems(ClientCertificateSettings(certificates: [try pin(good)], subjects: ["DNS:a.example"])) == [])
    let wrong: [(ClientCertificateSettings, String)] = [
      (ClientCertificateSettings(), ": client-certificate: say whose certificate"),
      (
        ClientCertificateSettings(certificates: [try pin(good), "ab"]),
        "sha256.1: client-certificate: `ab` has 1 octets"
      ),
      (ClientCertificateSettings(certificates: ["xy"]), "sha256.0: client-certificate: `xy` is not hexadecimal"),
      (ClientCertificateSettings(certificates: ["a:bc"]), "sha256.0: client-certificate: `a:bc` is not hexadecimal"),
      (
        ClientCertificateSettings(keys: [String(repeating: "ab", count: 20)]),
        "spki-sha256.0: client-certificate: `\(String(repeating: "ab", count: 20))` has 20 octets, and SHA-256 has 32: "
          + "this is SHA-1"
      ),
      (
        ClientCertificateSettings(subjects: ["CN=proxy.salesforce.com"]),
        "subject.0: client-certificate: `CN=proxy.salesforce.com` may mean the common name"
      ),
      (
        ClientCertificateSettings(subjects: ["2.5.4.3=proxy.salesforce.com"]),
        "subject.0: client-certificate: `2.5.4.3=proxy.salesforce.com` may mean the common name"
      ),
      (
        ClientCertificateSettings(subjects: ["proxy.salesforce.com"]),
        "subject.0: client-certificate: `proxy.salesforce.com`: each part is TYPE=VALUE; expected `DNS:`"
      ),
      (
        ClientCertificateSettings(subjects: ["CN:a", "CN=a, O=b"]),
        "subject.1: client-certificate: `CN=a, O=b`: a type follows its comma without a space"
      ),
      (
        ClientCertificateSettings(subjects: ["DNS:*.example.com"]), "subject.0: client-certificate: `DNS:*.example.com`"
      ),
      (ClientCertificateSettings(subjects: ["DNS:a b"]), "subject.0: client-certificate: `DNS:a b` has characters"),
      (ClientCertificateSettings(subjects: ["DNS:"]), "subject.0: client-certificate: `DNS:`: each part"),
      (ClientCertificateSettings(subjects: [""]), "subject.0: client-certificate: an empty name"),
    ]
    for (settings, expected) in wrong {
      #expect(problems(settings).contains { $0.hasPrefix(expected) }, "\(problems(settings))")
      #expect(throws: SettingsProblem.self) { try Proving(.clientCertificate(settings)) }
    }
  }
}
