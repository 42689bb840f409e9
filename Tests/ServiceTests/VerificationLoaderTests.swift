import Flows
import Foundation
import Inbound
import Testing

@testable import Service

/// Every key of `verify`, wrong: what is said begins with the line.
@Suite struct VerificationLoaderTests {
  private func problems(_ entry: String, _ more: String = "") throws -> [String] {
    let lines = entry.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n        ")
    return try Folder([
      "causeway.yaml": "endpoints:\n  x:\n    kind: json\n    id: body.id\n    verify:\n      - \(lines)\n\(more)"
    ]).load().problems
  }

  @Test(
    arguments: [
      ("hmac:\n  header: s\n  secrets: [ env:A ]", nil),
      ("hmac:\n  secrets: [ env:A ]", "causeway.yaml:7: `header` is missing"),
      ("hmac:\n  header: s\n  secrets: []", "causeway.yaml:7: `secrets` names no secret"),
      ("hmac:\n  header: s\n  secrets: [ hunter2 ]", "causeway.yaml:8: expected where the secret is"),
      (
        "hmac:\n  header: s\n  secrets: [ env:A ]\n  secret: env:A",
        "causeway.yaml:9: unknown key `secret`; did you mean"
      ),
      ("hmac:\n  header: s\n  secrets: [ env:A ]\n  algorithm: md5", "causeway.yaml:9: `md5` is none of"),
      ("hmac:\n  header: s\n  secrets: [ env:A ]\n  encoding: base32", "causeway.yaml:9: `base32` is none of"),
      (
        "hmac:\n  header: s\n  secrets: [ env:A ]\n  signed: \"{ts}.{body}\"",
        "causeway.yaml:9: endpoint `x`: verify: hmac: signed holds {ts}"
      ),
      ("hmac:\n  header: s\n  secrets: [ env:A ]\n  timestamp: t\n  unit: min", "causeway.yaml:10: `min` is none of"),
      (
        "hmac:\n  header: s\n  secrets: [ env:A ]\n  timestamp: t\n  max-age: 8d",
        "causeway.yaml:10: endpoint `x`: verify: hmac: max-age"
      ),
      (
        "hmac:\n  header: s\n  secrets: [ env:A ]\n  separator: \"::\"",
        "causeway.yaml:9: endpoint `x`: verify: hmac: separator"
      ),
      (
        "hmac:\n  header: s\n  secrets: [ env:A ]\n  timestamp-element: t=",
        "causeway.yaml:9: endpoint `x`: verify: hmac: timestamp-element"
      ),
      ("signature:\n  header: s\n  public-keys: [ file:a.pem ]", "causeway.yaml:7: `algorithm` is missing"),
      (
        "signature:\n  header: s\n  public-keys: [ file:a.pem ]\n  algorithm: rsa-sha1",
        "causeway.yaml:9: `rsa-sha1` is none of"
      ),
      (
        "standard-webhooks:\n  secrets: [ env:A ]\n  max-age: 0s",
        "causeway.yaml:8: endpoint `x`: verify: standard-webhooks: max-age"
      ),
      ("jwt:\n  keys: [ file:a.pem ]", "causeway.yaml:7: `audience` is missing"),
      ("jwt:\n  keys: []\n  audience: a", "causeway.yaml:7: `keys` names no key"),
      ("jwt:\n  audience: a\n  keys: [ { key: file:a.pem, kid: k } ]", "causeway.yaml:8: unknown key `kid`"),
      ("jwt:\n  audience: a\n  keys: [ { key: file:a.pem, algorithm: HS256 } ]", "causeway.yaml:8: `HS256` is none of"),
      (
        "jwt:\n  keys: [ file:a.pem ]\n  audience: a\n  max-lifetime: 2d",
        "causeway.yaml:9: endpoint `x`: verify: jwt: max-lifetime"
      ),
      (
        "jwt:\n  keys: [ file:a.pem ]\n  audience: a\n  leeway: 6m",
        "causeway.yaml:9: endpoint `x`: verify: jwt: leeway"
      ),
      (
        "jwt:\n  keys: [ file:a.pem ]\n  audience: a\n  body-hash: { encoding: hex }",
        "causeway.yaml:9: `claim` is missing"
      ),
      (
        "jwt:\n  keys: [ file:a.pem ]\n  audience: a\n  body-hash: { claim: b, algorithm: sha1 }",
        "causeway.yaml:9: `sha1` is none of"
      ),
      ("bearer:\n  secrets: [ env:A ]\n  header: \"a b\"", "causeway.yaml:8: endpoint `x`: verify: bearer: header"),
      ("basic:\n  user: a", "causeway.yaml:7: unknown key `user`"),
      ("addresses: {}", "causeway.yaml:6: endpoint `x`: verify: addresses: say from where"),
      (
        "addresses:\n  allow: [ 10.0.0.0/8, 10.1.2.3/8 ]",
        "causeway.yaml:7: endpoint `x`: verify: addresses: allow holds `10.1.2.3/8`"
      ),
      ("addresses:\n  salesforce: ip-ranges.json", "causeway.yaml:7: expected where the secret is"),
      ("hmca:\n  header: s", "causeway.yaml:6: unknown way of proving the sender `hmca`; did you mean `hmac`?"),
      ("hmac", "causeway.yaml:6: expected a map"),
    ] as [(String, String?)])
  func `what is wrong is told by its line`(entry: String, expected: String?) throws {
    let found = try problems(entry)
    if let expected {
      #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
    } else {
      #expect(found == [])
    }
  }

  @Test(
    arguments: [
      ("sha256: [ \(pin) ]", nil), ("sha256: \(pin)\n  subject: \"DNS:crm.example.com\"", nil),
      ("spki-sha256: [ \"\(pin)\" ]\n  subject: [ \"CN:crm\", \"CN=crm,O=Example\" ]", nil),
      ("sha256: []", "causeway.yaml:7: `sha256` names nobody"),
      ("subject: []\n  sha256: \(pin)", "causeway.yaml:7: `subject` names nobody"),
      ("sha1: [ ab ]", "causeway.yaml:7: unknown key `sha1`"),
      (
        "sha256:\n    - \(pin)\n    - ab:cd",
        "causeway.yaml:9: endpoint `x`: verify: client-certificate: `ab:cd` has 2 octets, and SHA-256 has 32"
      ),
      (
        "subject: [ CN=crm ]",
        "causeway.yaml:7: endpoint `x`: verify: client-certificate: `CN=crm` may mean the common name"
      ),
    ] as [(String, String?)])
  func `what is wrong with client certificates is told by its line`(keys: String, expected: String?) throws {
    let found = try problems("client-certificate:\n  \(keys)", "proxies: [ 192.0.2.0/24 ]\n")
    if let expected {
      #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
    } else {
      #expect(found == [])
    }
  }

  private static let pin = String(repeating: "0a", count: 32)

  @Test func `a client certificate that nobody can present is refused by its line`() throws {
    let entry = "client-certificate:\n  sha256: [ \(Self.pin) ]"
    let pair = "certificate: file:server.pem, key: file:server.key"
    let asks = "tls: { \(pair), client-ca: file:clients.pem }\n"
    for more in [asks, "tls: { \(pair) }\nproxies: [ 10.0.0.1 ]\n", "proxies: [ 10.0.0.1 ]\n"] {
      #expect(try problems(entry, more) == [], "\(more)")
    }
    let nobodyAsks =
      "causeway.yaml:6: endpoint `x`: verify: client-certificate: nobody is asked for a certificate: say "
    for more in ["", "tls: { \(pair) }\n", "proxies: []\n"] {
      let found = try problems(entry, more)
      #expect(found.count == 1 && found[0].hasPrefix(nobodyAsks), "\(found)")
    }
    let plain = asks + "listen: { public: [ { address: 127.0.0.1:8080, tls: false }, \"unix:/run/x.sock\" ] }\n"
    let found = try problems(entry, plain)
    #expect(
      found.count == 1 && found[0].hasPrefix("causeway.yaml:6: endpoint `x`: verify: client-certificate: nobody can"))
    // What is wrong with `tls` is said once.
    #expect(try problems(entry, "tls: { certificate: file:server.pem }\n") == ["causeway.yaml:8: `key` is missing"])
  }

  @Test func `keys that cannot be used are told when they are opened, by line and without their text`() throws {
    let folder = try Folder([
      "causeway.yaml": """
      endpoints:
        x:
          kind: json
          id: body.id
          verify:
            - token: { secrets: [ env:TOKEN ] }
            - signature: { header: s, algorithm: ed25519, public-keys: [ file:sender.pem ] }
      """, "sender.pem": "hunter2",
    ])
    let endpoint = try #require(folder.load().loaded?.settings.endpoints.first)
    do throws(SettingsProblem) {
      _ = try SourceCatalogue.open(endpoint.source(["TOKEN": "alpha"]))
      Issue.record("it was opened")
    } catch {
      #expect(endpoint.place(of: error).line == 7)
      #expect(error.description.contains("file:sender.pem"))
      #expect(!error.description.contains("hunter2"))
    }
  }
}
