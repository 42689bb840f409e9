import Net
import Support
import Testing

struct AddressRangeTests {
  private func address(_ host: String) throws -> SocketAddress {
    try #require(Array(host.utf8).withUnsafeBytes { SocketAddress(host: $0, port: 7) }, "\(host)")
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
    ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.0", "192.0.2.2"),
    ("192.0.2.128/25", "192.0.2.128", "192.0.2.255", "192.0.2.127", "192.0.3.0"),
    ("2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff::", "2001:db9::"),
    ("2001:db8::1", "2001:db8::1", "2001:db8:0::1", "2001:db8::", "2001:db8::2"),
    ("2001:db8::/65", "2001:db8::", "2001:db8::7fff:ffff:ffff:ffff", "2001:db7::", "2001:db8::8000:0:0:0"),
    ("::ffff:10.0.0.0/104", "10.0.0.0", "::ffff:10.255.255.255", "9.255.255.255", "::ffff:11.0.0.0"),
    ("0.0.0.0/0", "0.0.0.0", "255.255.255.255", "::", "2001:db8::"),
    ("::/0", "::", "ffff::", "0.0.0.0", "::ffff:127.0.0.1"),
  ])
  func `a range holds its first and its last address and neither neighbour`(
    range: String, first: String, last: String, before: String, after: String
  ) throws {
    let range = try #require(AddressRange(range))
    for ranges in [AddressRanges([range]), AddressRanges([range, try #require(AddressRange("203.0.113.9"))])] {
      for inside in [first, last] {
        #expect(range.contains(try address(inside)), "\(inside)")
        #expect(ranges.contains(try address(inside)), "\(inside)")
      }
      for outside in [before, after] {
        #expect(!range.contains(try address(outside)), "\(outside)")
        #expect(!ranges.contains(try address(outside)), "\(outside)")
      }
    }
    #expect(!range.contains(.unix(path: "/x")))
  }

  @Test(arguments: [
    "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/8 ", " 10.0.0.0/8", "10.0.0.1/8",
    "10.0.0/8", "10/8", "010.0.0.0/8", "10.0.0.256", "10.0.0.0.0", "10..0.0", "1.2.3.4.", ".1.2.3.4", "0x0a.0.0.0",
    "1.2.3.4\0", "host", "2001:db8::/129", "2001:db8::1/32", "2001:db8::1::", ":::", ":", "1:2:3:4:5:6:7", "::1:",
    ":1::", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "::g", "::1%eth0", "[::1]", "::1.2.3", "1.2.3.4::",
    "1:2:3:4:5:6:7:1.2.3.4", "::ffff:10.0.0.1/104", "10.0.0.0/8/8", "10.0.0.0/-1",
  ])
  func `what is no range is refused`(text: String) {
    #expect(AddressRange(text) == nil)
  }

  @Test(
    arguments: [
      ("::", 0, 0), ("::1", 0, 1), ("1::", 1 << 48, 0),
      ("1:2:3:4:5:6:7:8", 0x0001_0002_0003_0004, 0x0005_0006_0007_0008),
      ("1:2:3:4:5:6:7::", 0x0001_0002_0003_0004, 0x0005_0006_0007_0000),
      ("::2:3:4:5:6:7:8", 0x2_0003_0004, 0x0005_0006_0007_0008),
      ("ABCD::ef", 0xABCD << 48, 0xEF), ("1::5:6", 1 << 48, 0x5_0006), ("::192.0.2.1", 0, 0xC000_0201),
      ("1:2:3:4:5:6:1.2.3.4", 0x0001_0002_0003_0004, 0x0005_0006_0102_0304),
    ] as [(String, UInt64, UInt64)])
  func `an IPv6 address is read as it is meant`(text: String, high: UInt64, low: UInt64) throws {
    #expect(try address(text) == .v6(high, low, scope: 0, port: 7))
  }

  @Test func `what is written is read again as the same`() throws {
    for text in ["10.0.0.0/8", "0.0.0.0/0", "192.0.2.1/32", "2001:db8::/32", "::/0", "2001:db8::1/128"] {
      #expect(try #require(AddressRange(text)).description == text)
    }
    #expect(AddressRange("::ffff:10.0.0.0/104") == AddressRange("10.0.0.0/8"))
  }

  @Test func `an address is a range of one`() throws {
    let range = try #require(AddressRange(.v6(0, 0xFFFF_0A00_0001, scope: 0, port: 80)))
    #expect(range == AddressRange("10.0.0.1"))
    #expect(AddressRange(.unix(path: "/x")) == nil)
  }

  @Test func `thousands of ranges answer as each of them would`() throws {
    var random = SeededRandom(seed: 11)
    var ranges: [AddressRange] = []
    for _ in 0..<4_000 {
      let prefix = Int.random(in: 12...32, using: &random)
      let address =
        UInt32.random(in: 0 ... .max, using: &random) & ~UInt32(truncatingIfNeeded: UInt64.max >> UInt64(32 + prefix))
      ranges.append(try #require(AddressRange("\(SocketAddress.v4(address, port: 0).host)/\(prefix)")))
    }
    let all = AddressRanges(ranges)
    var held = 0
    for _ in 0..<2_000 {
      let one = SocketAddress.v4(UInt32.random(in: 0 ... .max, using: &random), port: 1)
      let expected = ranges.contains { $0.contains(one) }
      #expect(all.contains(one) == expected, "\(one)")
      if expected { held += 1 }
    }
    #expect(held > 20 && held < 1_980)
    #expect(AddressRanges.none.isEmpty && !all.isEmpty)
    #expect(!AddressRanges.none.contains(.loopback()))
  }

  @Test func `random text is refused or is what it says`() {
    var random = SeededRandom(seed: 5)
    let alphabet = Array("0123456789abcdef:./".utf8)
    for _ in 0..<20_000 {
      let text = String(
        decoding: (0..<Int.random(in: 0...20, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 },
        as: UTF8.self)
      if let range = AddressRange(text) { #expect(AddressRange(range.description) == range, "\(text)") }
    }
  }
}
