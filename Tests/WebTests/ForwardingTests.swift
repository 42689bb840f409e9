import Crypto
import HTTP
import Net
import Testing

@testable import Web

/// The matrix of who says what: only listed proxies are believed, and of what they pass on only what they added.
struct ForwardingTests {
  private let forwarding = Forwarding(
    proxies: AddressRanges(["10.0.0.0/8", "2001:db8:a::/48", "127.0.0.1"].compactMap { AddressRange($0) }))
  private let speaker = Peer(address: .v4(0x0A00_0001, port: 9))

  private func fields(_ fields: [(String, String)]) -> Fields {
    var all = Fields()
    for (name, value) in fields { all.append(name, value) }
    return all
  }

  private func peer(_ fields: (String, String)...) -> Peer {
    forwarding.client(of: self.fields(fields), through: speaker)
  }

  private func certificate() throws -> Certificate {
    try Certificate(pem: PrivateKey.generateP256().selfSignedCertificate(commonName: "client", days: 1))
  }

  @Test(arguments: [
    ("203.0.113.7", "203.0.113.7"), ("6.6.6.6, 203.0.113.7", "203.0.113.7"), ("203.0.113.7, 10.1.1.1", "203.0.113.7"),
    ("6.6.6.6,203.0.113.7,10.1.1.1,10.2.2.2", "203.0.113.7"), ("203.0.113.7:4711", "203.0.113.7"),
    ("10.9.9.9, 203.0.113.7 , 10.1.1.1", "203.0.113.7"), ("2001:db8::7", "2001:db8::7"),
    ("[2001:db8::7]", "2001:db8::7"), ("[2001:db8::7]:80, 2001:db8:a::1", "2001:db8::7"),
    ("::ffff:203.0.113.7", "203.0.113.7"), ("203.0.113.7, ::ffff:10.0.0.1", "203.0.113.7"),
    // What the client wrote himself, to the left, may be anything.
    ("<script>, 203.0.113.7", "203.0.113.7"), (", 203.0.113.7", "203.0.113.7"), ("unknown, 203.0.113.7", "203.0.113.7"),
  ])
  func `the rightmost address that is no listed proxy is the client`(value: String, client: String) {
    let peer = peer(("X-Forwarded-For", value))
    #expect(peer.address.host == client)
    #expect(peer.proxy == speaker.address)
  }

  @Test(arguments: [
    "", ",", "unknown", "_hidden", "203.0.113.7,", "203.0.113.7, unknown", "203.0.113.7, unknown, 10.1.1.1", "10.1.1.1",
    "10.1.1.1, 10.2.2.2", "203.0.113.256", "203.0.113.7:", "203.0.113.7:port", "203.0.113.7:123456",
    "203.0.113.7 10.1.1.1",
    "[203.0.113.7]", "[2001:db8::7", "2001:db8::7]", "[2001:db8::7]x", "[2001:db8::7]80", "2001:db8::7::",
    "0313.0.113.7",
    "203.0.113.07", "203.0.113", "203.0.113.7/32", "host.example", "fe80::1%eth0", "\"203.0.113.7\"", "for=203.0.113.7",
    "203.0.113.7;10.1.1.1", "unix:/x",
  ])
  func `where the client cannot be told, the proxy counts and nobody made up`(value: String) {
    let peer = peer(("X-Forwarded-For", value))
    #expect(peer.address == speaker.address)
    #expect(peer.proxy == nil)
  }

  @Test(arguments: [
    ("for=203.0.113.7", "203.0.113.7"), ("for=\"203.0.113.7:4711\"", "203.0.113.7"),
    ("For=203.0.113.7;proto=https;by=10.0.0.1", "203.0.113.7"),
    ("by=_x;FOR=\"[2001:db8::7]:4711\";host=\"a, b; c\"", "2001:db8::7"), ("for=\"[2001:db8::7]\"", "2001:db8::7"),
    ("for=6.6.6.6, for=203.0.113.7, for=10.1.1.1", "203.0.113.7"), ("for=6.6.6.6 ,\tfor=203.0.113.7", "203.0.113.7"),
    ("for=unknown, for=203.0.113.7", "203.0.113.7"), ("for=_hidden, for=\"203.0.113.7:_p\"", "203.0.113.7"),
    ("for=\"203.0.11\\3.7\"", "203.0.113.7"), ("for=203.0.113.7;;proto=http;", "203.0.113.7"),
    ("host=\"for=6.6.6.6\\\", for=6.6.6.6\", for=203.0.113.7", "203.0.113.7"),
  ])
  func `Forwarded is read as RFC 7239 writes it`(value: String, client: String) {
    let peer = peer(("Forwarded", value))
    #expect(peer.address.host == client)
    #expect(peer.proxy == speaker.address)
  }

  @Test(arguments: [
    "", "for=", "for", "for=\"203.0.113.7", "for=203.0.113.7;for=6.6.6.6", "for = 203.0.113.7",
    "for=203.0.113.7; proto=https",
    "for=\"x, for=203.0.113.7", "203.0.113.7", "for=2001:db8::7", "for=unknown", "for=_hidden", "proto=https",
    "for=203.0.113.7, for=unknown", "for=203.0.113.7, proto=https", "for=203.0.113.7,", "for=203.0.113.7 x",
    "for=\"203.0.113.7\\", "for=10.0.0.1", "for=\"2001:db8::7\\\"\"", "for=\"\"",
  ])
  func `a Forwarded that cannot be followed leaves the proxy`(value: String) {
    let peer = peer(("Forwarded", value))
    #expect(peer.address == speaker.address)
    #expect(peer.proxy == nil)
  }

  @Test func `a quote that is left open reaches no further than its line`() {
    #expect(peer(("Forwarded", "for=\"6.6.6.6"), ("Forwarded", "for=203.0.113.7")).address.host == "203.0.113.7")
    #expect(peer(("Forwarded", "for=203.0.113.7"), ("Forwarded", "for=\"")).address == speaker.address)
  }

  @Test func `several lines are one list`() {
    #expect(peer(("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-For", "10.1.1.1")).address.host == "203.0.113.7")
    #expect(peer(("X-Forwarded-For", "6.6.6.6"), ("x-forwarded-for", "203.0.113.7")).address.host == "203.0.113.7")
    #expect(peer(("Forwarded", "for=203.0.113.7"), ("Forwarded", "for=10.1.1.1")).address.host == "203.0.113.7")
  }

  @Test func `where both fields are there and differ, one was passed on from the client, so neither counts`() {
    #expect(peer(("Forwarded", "for=6.6.6.6"), ("X-Forwarded-For", "203.0.113.7")).address == speaker.address)
    #expect(peer(("Forwarded", "for=unknown"), ("X-Forwarded-For", "203.0.113.7")).address == speaker.address)
    let peer = peer(("Forwarded", "for=\"203.0.113.7:1\""), ("X-Forwarded-For", "6.6.6.6, 203.0.113.7"))
    #expect(peer.address.host == "203.0.113.7")
  }

  @Test func `a client over TLS is one of whom all say so`() {
    #expect(!peer().isSecure)
    #expect(peer(("X-Forwarded-Proto", "https")).isSecure)
    #expect(peer(("X-Forwarded-Proto", "HTTPS, https")).isSecure)
    #expect(!peer(("X-Forwarded-Proto", "https, http")).isSecure)
    #expect(!peer(("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http")).isSecure)
    #expect(!peer(("X-Forwarded-Proto", "httpsx")).isSecure)
    #expect(!peer(("X-Forwarded-Proto", "")).isSecure)
    #expect(peer(("Forwarded", "for=203.0.113.7;proto=https")).isSecure)
    #expect(!peer(("Forwarded", "for=203.0.113.7;proto=http")).isSecure)
    #expect(!peer(("Forwarded", "for=203.0.113.7;proto=https"), ("X-Forwarded-Proto", "http")).isSecure)
    // What the client says to the left of himself is not the proxy's word.
    #expect(!peer(("Forwarded", "for=6.6.6.6;proto=https, for=203.0.113.7")).isSecure)
    let secure = Peer(address: speaker.address, isSecure: true)
    #expect(forwarding.client(of: fields([]), through: secure).isSecure)
    #expect(!forwarding.client(of: fields([("X-Forwarded-Proto", "http")]), through: secure).isSecure)
  }

  @Test func `a certificate is what the proxy names, in one byte sequence`() throws {
    let pair = try certificate()
    let text = ":" + Base64.encode(pair.der) + ":"
    #expect(peer(("Client-Cert", text)).certificate?.der == pair.der)
    #expect(peer(("Client-Cert", text), ("Client-Cert-Chain", "\(text), \(text)")).certificate?.der == pair.der)
    for bad in [
      "", ":", "::", String(text.dropFirst()), String(text.dropLast()), text + ";a=1", "\(text), \(text)", ":AAAA:",
      text.replacing("=", with: ""), Base64.encode(pair.der),
    ] {
      if bad != text { #expect(peer(("Client-Cert", bad)).certificate == nil, "\(bad.prefix(20))") }
    }
    #expect(peer(("Client-Cert", text), ("Client-Cert", text)).certificate == nil)
  }

  @Test func `the proxy's own certificate is not its client's`() throws {
    let pair = try certificate()
    let proxy = Peer(address: speaker.address, isSecure: true, certificate: pair)
    #expect(forwarding.client(of: fields([]), through: proxy).certificate == pair)
    #expect(forwarding.client(of: fields([("X-Forwarded-For", "203.0.113.7")]), through: proxy).certificate == nil)
  }
}
