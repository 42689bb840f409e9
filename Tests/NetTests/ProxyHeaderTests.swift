import CLinux
import Net
import Support
import Testing

/// Bytes of version 2, built piece by piece so that each piece can be wrong.
struct ProxyBytes {
  static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

  var command: UInt8 = 0x21
  var family: UInt8 = 0x11
  /// 192.0.2.1:56324 to 198.51.100.1:443.
  var addresses: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 1, 0xDC, 0x04, 0x01, 0xBB]
  var entries: [UInt8] = []
  /// Instead of the true one.
  var length: Int?

  static let v6Addresses: [UInt8] =
    [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1]
    + [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [2] + [0xDC, 0x04, 0x01, 0xBB]

  static func entry(_ type: UInt8, _ value: [UInt8]) -> [UInt8] {
    [type, UInt8(value.count >> 8), UInt8(value.count & 255)] + value
  }

  var bytes: [UInt8] {
    let length = length ?? addresses.count + entries.count
    return Self.signature + [command, family, UInt8(length >> 8), UInt8(length & 255)] + addresses + entries
  }

  /// With a checksum as its last entry.
  var checked: [UInt8] {
    var whole = self
    whole.entries += Self.entry(0x03, [0, 0, 0, 0])
    var bytes = whole.bytes
    let crc = cdisk_crc32c_portable(0, bytes, bytes.count)
    for index in 0..<4 { bytes[bytes.count - 4 + index] = UInt8(truncatingIfNeeded: crc >> UInt32(24 - index * 8)) }
    return bytes
  }
}

struct ProxyHeaderTests {
  private func parse(_ bytes: some Sequence<UInt8>) -> ProxyHeader.Outcome {
    Array(bytes).withUnsafeBytes { ProxyHeader.parse($0) }
  }

  /// Whatever the cuts, the bytes come to the same, and what follows is left alone.
  private func expect(_ bytes: [UInt8], _ expected: ProxyHeader.Outcome) {
    #expect(parse(bytes + Array("GET / HTTP/1.1\r\n".utf8)) == expected)
    for split in Split.all {
      var seen: [UInt8] = []
      var outcome = ProxyHeader.Outcome.needMore
      for piece in split.pieces(of: bytes) where outcome == .needMore {
        seen += piece
        outcome = parse(seen)
      }
      #expect(outcome == expected, "\(split)")
    }
  }

  private let client = SocketAddress.v4(0xC000_0201, port: 56_324)
  private let server = SocketAddress.v4(0xC633_6401, port: 443)

  @Test(arguments: [
    ("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", "192.0.2.1:56324", "198.51.100.1:443"),
    ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535", "255.255.255.255:65535"),
    ("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", "0.0.0.0:0", "0.0.0.0:0"),
    ("PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n", "[2001:db8::1]:1", "[2001:db8::2]:2"),
    ("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", "192.0.2.1:1", "[::1]:2"),
    (
      "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
      "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"
    ),
  ])
  func `a line of version 1 names the client`(line: String, from: String, to: String) throws {
    let header = ProxyHeader.client(
      try #require(SocketAddress(from)), to: try #require(SocketAddress(to)), isSecure: nil)
    expect(Array(line.utf8), .complete(header, consumed: line.utf8.count))
  }

  @Test(arguments: [
    "PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", "PROXY UNKNOWN what ever\r\n",
  ])
  func `an UNKNOWN line is the proxy's own connection`(line: String) {
    expect(Array(line.utf8), .complete(.ownConnection, consumed: line.utf8.count))
  }

  @Test(arguments: [
    "PROXY \r\n", "PROXY TCP4\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 1\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.1 1 2 \r\n",
    "PROXY  TCP4 192.0.2.1 198.51.100.1 1 2\r\n", "PROXY TCP4 192.0.2.1  198.51.100.1 1 2\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.1 1 2\n", "PROXY TCP4 192.0.2.1 198.51.100.1 1 2\r\r",
    "PROXY TCP4\t192.0.2.1 198.51.100.1 1 2\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.1 01 2\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 +1 2\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.1 1 65536\r\n", "PROXY TCP4 192.0.2.256 198.51.100.1 1 2\r\n",
    "PROXY TCP4 192.0.2.01 198.51.100.1 1 2\r\n", "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
    "PROXY TCP6 192.0.2.1 198.51.100.1 1 2\r\n", "PROXY TCP6 2001:db8::1 192.0.2.1 1 2\r\n",
    "PROXY tcp4 192.0.2.1 198.51.100.1 1 2\r\n",
    "PROXY TCP5 192.0.2.1 198.51.100.1 1 2\r\n", "PROXY UNKNOWNX\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.1 1 \u{661}\r\n",
    "PROXY UNKNOWN \0\r\n",
  ])
  func `a line that is not as the protocol writes it is refused`(line: String) {
    expect(Array(line.utf8), .invalid(.line))
  }

  @Test func `a line has 107 bytes at most`() {
    let longest = "PROXY UNKNOWN " + String(repeating: "x", count: 91)
    #expect(longest.utf8.count == 105)
    expect(Array((longest + "\r\n").utf8), .complete(.ownConnection, consumed: 107))
    expect(Array((longest + "x\r\n").utf8), .invalid(.line))
    expect([UInt8]("PROXY UNKNOWN ".utf8) + [UInt8](repeating: 120, count: 10_000), .invalid(.line))
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "PROXYTCP4 ", "proxy TCP4", "\u{16}\u{3}\u{1}", "\r\n\r\nGET",
    " PROXY ",
  ])
  func `bytes that begin like neither version are refused at once`(text: String) {
    expect(Array(text.utf8), .invalid(.signature))
  }

  @Test func `version 2 names the client`() {
    var header = ProxyBytes()
    expect(header.bytes, .complete(.client(client, to: server, isSecure: nil), consumed: 28))
    header.entries =
      ProxyBytes.entry(0x02, Array("example.org".utf8)) + ProxyBytes.entry(0x04, []) + ProxyBytes.entry(0xEE, [1, 2])
    expect(header.bytes, .complete(.client(client, to: server, isSecure: nil), consumed: header.bytes.count))
    header = ProxyBytes(family: 0x21, addresses: ProxyBytes.v6Addresses)
    let from = SocketAddress.v6(0x2001_0DB8_0000_0000, 1, scope: 0, port: 56_324)
    let to = SocketAddress.v6(0x2001_0DB8_0000_0000, 2, scope: 0, port: 443)
    expect(header.bytes, .complete(.client(from, to: to, isSecure: nil), consumed: 52))
  }

  @Test(arguments: [(0x00, false), (0x01, true), (0x07, true), (0x06, false)] as [(UInt8, Bool)])
  func `version 2 says whether the client came over TLS`(flags: UInt8, isSecure: Bool) {
    let inner = ProxyBytes.entry(0x21, Array("TLSv1.3".utf8)) + ProxyBytes.entry(0x22, Array("client".utf8))
    let header = ProxyBytes(entries: ProxyBytes.entry(0x20, [flags, 0, 0, 0, 0] + inner))
    expect(header.bytes, .complete(.client(client, to: server, isSecure: isSecure), consumed: header.bytes.count))
  }

  @Test func `LOCAL, UNSPEC and a Unix socket are the proxy's own connection, whatever they carry`() {
    for header in [
      ProxyBytes(command: 0x20, family: 0x00, addresses: []), ProxyBytes(command: 0x20),
      ProxyBytes(command: 0x20, addresses: [1, 2, 3]), ProxyBytes(family: 0x00, addresses: []),
      ProxyBytes(family: 0x00, addresses: [9, 9, 9, 9, 9]),
      ProxyBytes(family: 0x31, addresses: [UInt8](repeating: 47, count: 216)),
    ] {
      expect(header.bytes, .complete(.ownConnection, consumed: header.bytes.count))
    }
  }

  @Test func `a checksum is compared where it is there`() {
    let header = ProxyBytes(entries: ProxyBytes.entry(0x04, [0, 0, 0]))
    let good = header.checked
    expect(good, .complete(.client(client, to: server, isSecure: nil), consumed: good.count))
    // Every byte that may change without breaking the form: addresses, and the checksum itself.
    for index in Array(16..<28) + Array((good.count - 4)..<good.count) {
      var bad = good
      bad[index] ^= 0x10
      expect(bad, .invalid(.checksum))
    }
    var entries = header
    entries.entries += ProxyBytes.entry(0x03, [0, 0, 0])
    expect(entries.bytes, .invalid(.entry))
    entries = header
    entries.entries += Array(header.checked.suffix(7))
    expect(entries.checked, .invalid(.checksum))
  }

  @Test func `what version 2 does not define is refused`() {
    for command in [0x00, 0x01, 0x11, 0x22, 0x2F, 0x31, 0xFF] as [UInt8] {
      expect(ProxyBytes(command: command).bytes, .invalid(.kind))
    }
    for family in [0x01, 0x02, 0x10, 0x12, 0x13, 0x20, 0x22, 0x30, 0x32, 0x41, 0xFF] as [UInt8] {
      expect(ProxyBytes(family: family).bytes, .invalid(.kind))
    }
  }

  @Test func `a header is as long as it says, and no longer than is taken`() {
    for length in 0..<12 { expect(ProxyBytes(length: length).bytes, .invalid(.length)) }
    for length in 0..<36 {
      expect(ProxyBytes(family: 0x21, addresses: ProxyBytes.v6Addresses, length: length).bytes, .invalid(.length))
    }
    expect(ProxyBytes(family: 0x31, length: 215).bytes, .invalid(.length))
    for length in [4_081, 65_535] { expect(ProxyBytes(length: length).bytes, .invalid(.length)) }
    let padding = ProxyBytes.entry(0x04, [UInt8](repeating: 0, count: 4_080 - 12 - 3))
    let longest = ProxyBytes(entries: padding).bytes
    #expect(longest.count == ProxyHeader.longest)
    expect(longest, .complete(.client(client, to: server, isSecure: nil), consumed: longest.count))
    #expect(parse(ProxyBytes(length: 100).bytes) == .needMore)
  }

  @Test func `an entry lies within its header, and an entry of an entry within that`() {
    for entries in [
      [0x04], [0x04, 0], [0x04, 0, 1], [0x04, 0xFF, 0xFF], ProxyBytes.entry(0x04, [1]) + [0x04, 0, 2, 9],
      ProxyBytes.entry(0x20, [1, 0, 0, 0]), ProxyBytes.entry(0x20, [1, 0, 0, 0, 0, 0x21]),
      ProxyBytes.entry(0x20, [1, 0, 0, 0, 0, 0x21, 0, 4, 1, 2, 3]),
      ProxyBytes.entry(0x20, [1, 0, 0, 0, 0]) + ProxyBytes.entry(0x20, [0, 0, 0, 0, 0]),
    ] as [[UInt8]] {
      expect(ProxyBytes(entries: entries).bytes, .invalid(.entry))
    }
  }

  @Test func `what is mutated is a header, is none, or is not finished: nothing else happens`() {
    var random = SeededRandom(seed: 17)
    let seeds = [
      ProxyBytes(entries: ProxyBytes.entry(0x20, [1, 0, 0, 0, 0, 0x21, 0, 1, 65])).checked,
      ProxyBytes(family: 0x21, addresses: ProxyBytes.v6Addresses).checked,
      Array("PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n".utf8), Array("PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n".utf8),
    ]
    var outcomes: Set<String> = []
    for _ in 0..<50_000 {
      var bytes = seeds[Int.random(in: 0..<seeds.count, using: &random)]
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
      switch parse(bytes) {
      case .needMore: outcomes.insert("more")
      case .complete(_, let consumed):
        #expect(consumed <= bytes.count)
        outcomes.insert("complete")
      case .invalid(let problem): outcomes.insert("\(problem)")
      }
    }
    #expect(outcomes.count == 8)
  }
}
