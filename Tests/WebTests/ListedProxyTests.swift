import HTTP
import Net
import Support
import Testing
import Web

/// Who is believed, over real sockets: the matrix of listed and unlisted peers and the shapes of what they say.
struct ListedProxyTests {
  static let shapes: [(fields: String, client: String?)] = [
    ("X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"), ("X-Forwarded-For: 6.6.6.6, 203.0.113.7\r\n", "203.0.113.7"),
    ("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 203.0.113.7, 127.0.0.2\r\n", "203.0.113.7"),
    ("Forwarded: for=203.0.113.7\r\n", "203.0.113.7"),
    ("Forwarded: for=6.6.6.6, for=\"203.0.113.7:1\";proto=http\r\n", "203.0.113.7"),
    ("X-Forwarded-For: 6.6.6.6, nonsense\r\n", nil), ("Forwarded: for=\"6.6.6.6\r\n", nil),
    ("Forwarded: for=6.6.6.6\r\nX-Forwarded-For: 203.0.113.7\r\n", nil), ("X-Real-IP: 6.6.6.6\r\n", nil),
    ("True-Client-IP: 6.6.6.6\r\nCF-Connecting-IP: 6.6.6.6\r\nX-Client-IP: 6.6.6.6\r\n", nil),
  ]

  @Test(arguments: shapes.indices)
  func `only a listed proxy names a client, and only the one it was connected from`(shape: Int) async throws {
    let (fields, client) = Self.shapes[shape]
    let fixture = try ServerFixture(proxies: ["127.0.0.2"], handler: WhoAmI())
    for split in [Split.whole, .bytes] {
      let stranger = try fixture.connect(from: 3)
      let proxy = try fixture.connect(from: 2)
      for connection in [stranger, proxy] {
        for piece in split.pieces(of: Array("GET / HTTP/1.1\r\nHost: h\r\n\(fields)\r\n".utf8)) {
          try connection.send(piece)
        }
      }
      #expect(try await stranger.readAnswer().text == "127.0.0.3 - plain")
      let expected = client.map { "\($0) 127.0.0.2 plain" } ?? "127.0.0.2 - plain"
      #expect(try await proxy.readAnswer().text == expected)
    }
    await fixture.end()
  }

  @Test func `each request on a proxy's connection has a client of its own`() async throws {
    let fixture = try ServerFixture(proxies: ["127.0.0.2"], handler: WhoAmI())
    let proxy = try fixture.connect(from: 2)
    let requests = ["203.0.113.1", nil, "203.0.113.2"].map { client in
      "GET / HTTP/1.1\r\nHost: h\r\n" + (client.map { "X-Forwarded-For: \($0)\r\n" } ?? "") + "\r\n"
    }
    try proxy.send(requests.joined())
    #expect(try await proxy.readAnswer().text == "203.0.113.1 127.0.0.2 plain")
    #expect(try await proxy.readAnswer().text == "127.0.0.2 - plain")
    #expect(try await proxy.readAnswer().text == "203.0.113.2 127.0.0.2 plain")
    await fixture.end()
  }

  @Test func `https is what a listed proxy says, and nobody else`() async throws {
    let fixture = try ServerFixture(proxies: ["127.0.0.2"], handler: WhoAmI())
    for (host, expected) in [(UInt32(2), "secure"), (3, "plain")] {
      let client = try fixture.connect(from: host)
      try client.send("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-Proto: https\r\n\r\n")
      #expect(try await client.readAnswer().text == "127.0.0.\(host) - \(expected)")
    }
    await fixture.end()
  }
}
