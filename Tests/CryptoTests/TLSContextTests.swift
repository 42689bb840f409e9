import Support
import Testing

@testable import Crypto

/// What a listener's certificates have to be, and what is said where they are not.
@Suite struct TLSContextTests {
  /// What is wrong with a chain and a key; nil where nothing is.
  private func problem(_ chain: [TestCertificate], key: TestCertificate? = nil) -> String? {
    problem(certificate: chain.flatMap(\.pem), key: (key ?? chain[0]).keyPEM)
  }

  private func problem(certificate: [UInt8], key: [UInt8]) -> String? {
    problem(
      TLSSettings(
        pair: .init(
          certificate: .init(name: "file:server.pem", bytes: certificate),
          key: .init(name: "file:server.key", bytes: key))))
  }

  private func problem(_ settings: TLSSettings) -> String? {
    do throws(TLSProblem) {
      _ = try TLSContext(settings, now: Moment.now)
      return nil
    } catch {
      return error.description
    }
  }

  private static func text(_ pem: [UInt8]) -> String { String(decoding: pem, as: UTF8.self) }

  @Test func `a chain in order with its key is taken, of either kind`() throws {
    let root = try TestCertificate("root", isAuthority: true)
    let middle = try TestCertificate("middle", by: root, isAuthority: true)
    for kind in [TestCertificate.Kind.p256, .rsa] {
      let leaf = try TestCertificate("leaf", by: middle, kind: kind, uses: "serverAuth", names: ["DNS:localhost"])
      #expect(problem([leaf]) == nil)
      #expect(problem([leaf, middle]) == nil)
      #expect(problem([leaf, middle, root]) == nil)
    }
    #expect(problem([try TestCertificate("alone")]) == nil)
  }

  @Test func `every other one is refused with a sentence that says what would be right`() throws {
    let root = try TestCertificate("root", isAuthority: true)
    let middle = try TestCertificate("middle", by: root, isAuthority: true)
    let leaf = try TestCertificate("leaf", by: middle)
    let other = try TestCertificate("other", isAuthority: true)
    let namesake = try TestCertificate("middle", by: root, isAuthority: true)
    let cases: [(String?, String)] = [
      (
        problem([leaf, middle], key: other),
        "file:server.key: is not the key of file:server.pem: certificate 1 (CN=leaf)"
      ),
      (
        problem([middle, leaf], key: leaf),
        "file:server.key: is the key of certificate 2 (CN=leaf) in file:server.pem, which has to stand first there"
      ),
      (problem([leaf, root]), "file:server.pem: certificate 2 (CN=root) did not sign certificate 1 (CN=leaf)"),
      (problem([leaf, root, middle]), "file:server.pem: certificate 2 (CN=root) did not sign certificate 1 (CN=leaf)"),
      (problem([leaf, namesake]), "file:server.pem: certificate 2 (CN=middle) did not sign certificate 1 (CN=leaf)"),
      (
        problem([try TestCertificate("old", from: -7_200, to: -60)]),
        "file:server.pem: certificate 1 (CN=old) ended on 20"
      ),
      (
        problem([leaf, try TestCertificate("middle", from: -7_200, to: -60)]),
        "file:server.pem: certificate 2 (CN=middle) did not sign"
      ),
      (
        problem([try TestCertificate("new", from: 3_600)]), "file:server.pem: certificate 1 (CN=new) is valid only from"
      ),
      (
        problem([try TestCertificate("client", uses: "clientAuth")]),
        "file:server.pem: certificate 1 (CN=client) is not for servers"
      ),
      (problem(certificate: [], key: leaf.keyPEM), "file:server.pem: holds no certificate"),
      (problem(certificate: leaf.keyPEM, key: leaf.keyPEM), "file:server.pem: holds no certificate"),
      (problem(certificate: leaf.pem, key: leaf.pem), "file:server.key: holds no private key that can be read"),
      (problem(certificate: leaf.pem, key: Array(KeyTests.encrypted.utf8)), "file:server.key: holds no private key"),
    ]
    for (found, expected) in cases { #expect(found?.hasPrefix(expected) == true, "\(found ?? "taken")") }
  }

  @Test func `a certificate that is cut short is refused`() throws {
    let leaf = try TestCertificate("leaf")
    let cut = Array(Self.text(leaf.pem).replacing("\n", with: "", maxReplacements: 3).utf8)
    #expect(
      problem(certificate: leaf.pem + leaf.pem.dropLast(40), key: leaf.keyPEM)
        == "file:server.pem: certificate 2 cannot be read")
    #expect(problem(certificate: cut, key: leaf.keyPEM) != nil)
  }

  @Test func `no sentence holds anything of a key`() throws {
    let leaf = try TestCertificate("leaf")
    let key = Self.text(leaf.keyPEM)
    let pieces = key.split(separator: "\n").filter { !$0.hasPrefix("-") }
    for cut in stride(from: 0, to: leaf.keyPEM.count, by: 7) {
      let found = problem(certificate: leaf.pem, key: Array(leaf.keyPEM[..<cut])) ?? ""
      for piece in pieces { #expect(!found.contains(piece.prefix(8))) }
    }
  }

  @Test func `authorities and their lists are checked`() throws {
    let root = try TestCertificate("root", isAuthority: true)
    let middle = try TestCertificate("middle", by: root, isAuthority: true)
    let other = try TestCertificate("other", isAuthority: true)
    let leaf = try TestCertificate("leaf")
    func problem(_ authorities: [UInt8], _ lists: [UInt8]?) -> String? {
      self.problem(
        TLSSettings(
          pair: .init(
            certificate: .init(name: "file:server.pem", bytes: leaf.pem),
            key: .init(name: "file:server.key", bytes: leaf.keyPEM)),
          clientAuthorities: .init(name: "file:ca.pem", bytes: authorities),
          clientRevocations: lists.map { .init(name: "file:ca.crl", bytes: $0) }))
    }
    let lists = try root.revocations() + middle.revocations()
    #expect(problem(root.pem + middle.pem, lists) == nil)
    #expect(problem(middle.pem, nil) == nil)
    let cases: [(String?, String)] = [
      (problem([], nil), "file:ca.pem: holds no certificate"),
      (problem(root.pem, []), "file:ca.crl: holds no list of revocations"),
      (problem(root.pem, root.pem), "file:ca.crl: holds no list of revocations"),
      (problem(root.pem, lists), "file:ca.crl: the list of CN=middle is by none of the authorities in file:ca.pem"),
      (problem(root.pem + middle.pem, try root.revocations()), "file:ca.crl: there is no list by CN=middle"),
      (problem(middle.pem, try middle.revocations()), "file:ca.pem: the issuer of CN=middle is not there"),
      (problem(root.pem + other.pem, try root.revocations()), "file:ca.crl: there is no list by CN=other"),
    ]
    for (found, expected) in cases { #expect(found?.hasPrefix(expected) == true, "\(found ?? "taken")") }
  }

  @Test func `the last two weeks of a certificate, the last day of a list, and both ends are told`() throws {
    let day: Int64 = 86_400
    let root = try TestCertificate("root", isAuthority: true, to: Int(100 * day))
    let leaf = try TestCertificate("leaf", to: Int(30 * day))
    let context = try TLSContext(
      TLSSettings(
        pair: .init(
          certificate: .init(name: "file:server.pem", bytes: leaf.pem),
          key: .init(name: "file:server.key", bytes: leaf.keyPEM)),
        clientAuthorities: .init(name: "file:ca.pem", bytes: root.pem),
        clientRevocations: .init(name: "file:ca.crl", bytes: try root.revocations(to: Int(7 * day) - 3_600))),
      now: Moment.now)
    func told(after days: Int64) -> [Bool] { context.concerns(at: Moment.now + days * day).map(\.isAlarm) }
    #expect(told(after: 1) == [])
    #expect(told(after: 6) == [false])
    #expect(told(after: 8) == [true])
    #expect(told(after: 17) == [false, true])
    #expect(told(after: 31) == [true, true])
    #expect(told(after: 87) == [true, false, true])
  }

  @Test func `a name finds its certificate: exact before wildcard, whole labels only`() {
    let table = NameTable([["a.example"], ["*.example", "B.Example"], ["c.example", "*.example"]])
    let expected: [String: Int?] = [
      "a.example": 0, "A.EXAMPLE": 0, "b.example": 1, "c.example": 2, "x.example": 1, "example": nil, ".example": nil,
      "x.y.example": nil, "*.example": 1, "": nil, "a.example.": nil, "a.example\0": nil, "ä.example": nil,
      String(repeating: "a", count: 250) + ".example": nil,
    ]
    for (name, index) in expected { #expect(table.index(of: name) == index, "\(name)") }
  }

  @Test func `the extension's host name is read whole or not at all`() {
    func read(_ bytes: [UInt8]) -> String? { bytes.withUnsafeBufferPointer { ServerName.read($0) } }
    let good: [UInt8] = [0, 6, 0, 0, 3] + Array("a.b".utf8)
    #expect(read(good) == "a.b")
    for count in 0..<good.count { #expect(read(Array(good[..<count])) == nil) }
    #expect(read(good + [0]) == nil)
    #expect(read([0, 6, 1, 0, 3] + Array("a.b".utf8)) == nil)
    #expect(read([0, 6, 0, 0, 2] + Array("a.b".utf8)) == nil)
    #expect(read([0, 3, 0, 0, 0]) == nil)
  }

  @Test func `a certificate says whom it is for`() throws {
    let certificate = try Certificate(
      pem: TestCertificate("proxy, \"x\"", names: ["DNS:a.example", "email:x@a.example", "URI:https://a.example/"]).pem)
    #expect(certificate.subject == #"CN=proxy\, \"x\""#)
    #expect(certificate.issuer == certificate.subject)
    #expect(certificate.commonName == #"proxy, "x""#)
    #expect(
      certificate.subjectAlternativeNames == ["DNS:a.example", "email:x@a.example", "URI:https://a.example/"])
    #expect(certificate.notAfter - certificate.notBefore == 30 * 86_400 + 3_600)
    #expect(certificate.spkiFingerprint == Digest.sha256.hash(try certificate.publicKey().der))
    #expect(certificate.spkiFingerprint != certificate.fingerprint)
    #expect(try Certificate(der: certificate.der) == certificate)
  }
}
