import Testing

@testable import Queue

@Suite struct ChecksumTests {
  /// RFC 3720 B.4, and the check value of the polynomial's catalogue entry.
  @Test func `The published values come out`() {
    let published: [([UInt8], UInt32)] = [
      ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 255, count: 32), 0x62A8_AB43),
      ([UInt8](0..<32), 0x46DD_794E), ([UInt8](0..<32).reversed(), 0x113F_DB5C), (Array("123456789".utf8), 0xE306_9283),
    ]
    for (bytes, expected) in published { #expect(bytes.withUnsafeBytes { crc32c($0) } == expected) }
  }

  @Test func `Every length comes out as bit by bit, whole and continued`() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) }
    bytes.withUnsafeBytes { all in
      for count in 0...300 {
        let half = UnsafeRawBufferPointer(rebasing: all[..<(count / 2)])
        let rest = UnsafeRawBufferPointer(rebasing: all[(count / 2)..<count])
        let slow = bitByBit(all[..<count])
        #expect(crc32c(UnsafeRawBufferPointer(rebasing: all[..<count])) == slow)
        #expect(crc32c(rest, from: crc32c(half)) == slow)
      }
    }
  }

  private func bitByBit(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0x82F6_3B78 : sum >> 1 }
    }
    return ~sum
  }
}
