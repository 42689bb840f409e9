import Client
import Testing

@Suite struct AddressPolicyTests {
  @Test(
    arguments: [
      [8, 8, 8, 8], [1, 1, 1, 1], [100, 63, 0, 1], [100, 128, 0, 1], [172, 15, 0, 1], [172, 32, 0, 1], [198, 17, 0, 1],
      [223, 255, 255, 255],
      [0x20, 0x01, 0x48, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x88, 0x88],
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 8, 8, 8, 8],
    ] as [[UInt8]])
  func `a public address is allowed`(_ address: [UInt8]) {
    #expect(AddressPolicy.publicOnly.allows(address))
  }

  @Test(
    arguments: [
      [0, 0, 0, 0], [10, 1, 2, 3], [100, 64, 0, 1], [100, 127, 255, 255], [169, 254, 169, 254], [172, 16, 0, 1],
      [172, 31, 255, 255], [192, 168, 1, 1], [192, 0, 0, 1], [192, 0, 2, 1], [198, 18, 0, 1], [198, 51, 100, 1],
      [203, 0, 113, 1], [224, 0, 0, 1], [240, 0, 0, 1], [255, 255, 255, 255], [], [1, 2, 3],
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 1],
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 169, 254, 169, 254],
      [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1],
      [0x20, 0x02, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      [0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      [0xFC, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      [0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    ] as [[UInt8]])
  func `an address inside is never allowed`(_ address: [UInt8]) {
    #expect(!AddressPolicy.publicOnly.allows(address))
    #expect(!AddressPolicy.publicAndLoopback.allows(address))
  }

  @Test(
    arguments: [
      [127, 0, 0, 1], [127, 9, 9, 9], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1],
    ] as [[UInt8]])
  func `loopback is allowed only where it was said`(_ address: [UInt8]) {
    #expect(!AddressPolicy.publicOnly.allows(address))
    #expect(AddressPolicy.publicAndLoopback.allows(address))
  }
}
