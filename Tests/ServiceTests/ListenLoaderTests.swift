import Flows
import Net
import Testing

@testable import Service

@Suite struct ListenLoaderTests {
  func load(_ text: String, tls: Bool = false, proxies: Bool = false) throws -> ([PublicListener]?, [String]) {
    let problems = Problems()
    let node = try ConfigNode.parse(text, file: "causeway.yaml")["listen"]
    let listeners = ListenLoader(problems: problems, hasTLS: tls, hasProxies: proxies).listeners(node)
    return (listeners?.publicListeners, problems.list.map(\.description))
  }

  @Test func `one address, or none, is one listener`() throws {
    for (text, address) in [
      ("listen: { public: \"[::1]:8443\" }", "[::1]:8443"), ("listen: {}", "127.0.0.1:8080"), ("{}", "127.0.0.1:8080"),
    ] {
      let (listeners, problems) = try load(text)
      #expect(listeners?.map(\.description) == [address])
      #expect(problems == [])
    }
  }

  @Test func `a list has addresses of every form, with what is expected there`() throws {
    let (listeners, problems) = try load(
      """
      listen:
        public:
          - 127.0.0.1:8080
          - { address: "[::]:8443", tls: true, proxy-protocol: true }
          - { address: unix:/run/causeway/public.sock, mode: "0660" }
          - systemd:public
      """, tls: true, proxies: true)
    #expect(problems == [])
    let found = try #require(listeners)
    #expect(
      found.map(\.description) == ["127.0.0.1:8080", "[::]:8443", "unix:/run/causeway/public.sock", "systemd:public"])
    #expect(found.map(\.tls) == [nil, true, nil, nil])
    #expect(found.map(\.proxyProtocol) == [false, true, false, false])
    #expect(found.map(\.mode) == [nil, nil, 0o660, nil])
    #expect(found.map(\.source.line) == [3, 4, 5, 6])
  }

  @Test func `TCP speaks TLS where there is a certificate, a Unix socket where it is told to`() throws {
    var listener = try #require(try load("{}").0?.first)
    #expect(!listener.isTLS(isUnix: false, hasCertificate: false))
    #expect(listener.isTLS(isUnix: false, hasCertificate: true))
    #expect(!listener.isTLS(isUnix: true, hasCertificate: true))
    listener.tls = false
    #expect(!listener.isTLS(isUnix: false, hasCertificate: true))
    listener.tls = true
    #expect(listener.isTLS(isUnix: true, hasCertificate: true))
  }

  @Test(arguments: [
    ("public: localhost:8080", "expected an address such as"),
    ("public: 127.0.0.1:+80", "expected an address such as"),
    ("public: 127.0.0.1:65536", "expected an address such as"),
    ("public: []", "expected at least one address"),
    ("public: [127.0.0.1:1, 127.0.0.1:1]", "`127.0.0.1:1` stands twice"),
    ("public: [systemd:a, systemd:a]", "`systemd:a` stands twice"),
    ("public: \"systemd:\"", "FileDescriptorName="),
    ("public: \"systemd:a b\"", "FileDescriptorName="),
    ("public: { tls: true }", "`address` is missing"),
    ("public: { address: 127.0.0.1:1, tls: yes }", "expected `true` or `false`"),
    ("public: { address: 127.0.0.1:1, tls: true }", "there is no `tls:` with a certificate"),
    ("public: { address: 127.0.0.1:1, proxy-protocol: true }", "`proxies:` does not say from whom"),
    ("public: { address: 127.0.0.1:1, proxy-protocoll: true }", "did you mean `proxy-protocol`?"),
    ("public: { address: 127.0.0.1:1, mode: \"0660\" }", "only a Unix socket"),
    ("public: { address: unix:/x, mode: \"0999\" }", "expected a file mode"),
    ("public: { address: unix:/x, mode: \"0066\" }", "expected a file mode"),
    ("console: systemd:console", "expected an address such as"),
    ("console: 0.0.0.0:8081", "loopback"),
  ])
  func `what cannot be meant is refused where it stands`(text: String, message: String) throws {
    let (_, problems) = try load("listen:\n  \(text)\n")
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix("causeway.yaml:2: ") == true, "\(problems)")
    #expect(problems.first?.contains(message) == true, "\(problems)")
  }

  @Test func `two ports that the kernel chooses are two`() throws {
    #expect(try load("listen: { public: [127.0.0.1:0, 127.0.0.1:0] }").0?.count == 2)
  }

  @Test func `proxies are addresses and ranges`() throws {
    let problems = Problems()
    let node = try ConfigNode.parse("[10.0.0.0/8, \"::1\", 10.1.2.3/8, example.com]", file: "causeway.yaml")
    let proxies = ProxiesLoader(problems: problems).proxies(node)
    #expect(proxies.contains(.v4(0x0A01_0203, port: 1)))
    #expect(proxies.contains(.v6(0, 1, scope: 0, port: 1)))
    #expect(!proxies.contains(.loopback()))
    // The two that are none, in one line each; they stand in the same line of the file.
    #expect(problems.list.count == 1)
  }
}
