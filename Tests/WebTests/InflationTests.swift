import Crypto
import HTTP
import Support
import Testing

@testable import Web

@Suite struct InflationTests {
  /// 70,000 octets that are all alike, packed into 90, and 3,000 that are not packed.
  static let body: [UInt8] = {
    let head = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF] as [UInt8]
    let alike = Hex.decode(
      "ecc13101000000c2a0baeb9fc0129e4001" + String(repeating: "00", count: 67) + "6f030000ffff")
    let stored = [0x01, 0xB8, 0x0B, 0x47, 0xF4] + (0..<3000).map { UInt8($0 % 251) }
    return head + (alike ?? []) + stored + [0xE5, 0x3D, 0x06, 0x88, 0x28, 0x1D, 0x01, 0x00]
  }()

  static func outcome(_ split: Split, ratio: Int) -> Result<[UInt8], HTTPError> {
    var limits = HTTPLimits()
    limits.inflationRatio = ratio
    return Result { () throws(HTTPError) in
      let inflation = try Inflation(bytes: 1 << 20, limits)
      var come: [UInt8] = []
      for piece in split.pieces(of: body) {
        come += piece
        try inflation.take(come)
      }
      return try inflation.finish()
    }
  }

  /// Found by fuzzing: what had come of it was compared wherever the network had cut it.
  @Test(arguments: Split.all)
  func `whether a body is packed too far does not depend on how it comes`(split: Split) throws {
    let content = [UInt8](repeating: UInt8(ascii: "h"), count: 70_000) + (0..<3000).map { UInt8($0 % 251) }
    #expect(try Self.outcome(split, ratio: 300).get() == content)
    let refused = #expect(throws: HTTPError.self) { try Self.outcome(split, ratio: 100).get() }
    #expect(refused?.status == .contentTooLarge)
  }
}
