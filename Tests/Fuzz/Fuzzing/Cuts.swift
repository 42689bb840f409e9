/// Where a stream is cut, as its own octets say: the same input is always cut in the same way.
///
/// One in four streams comes octet by octet, if it is short; the others come in a few pieces.
public struct Cuts {
  private var state: UInt64
  private let longest: Int

  @inline(__always)
  public init(_ bytes: UnsafeRawBufferPointer) {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
    var index = 0
    while index + 8 <= bytes.count {
      state = (state ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0x0000_0100_0000_01B3
      state ^= state >> 29
      index += 8
    }
    while index < bytes.count {
      state = (state ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01B3
      index += 1
    }
    self.state = state | 1
    longest = state >> 40 & 3 == 0 && bytes.count < 256 ? 1 : max(1, bytes.count / 2)
  }

  /// The length of the next piece, at least one.
  @inline(__always)
  public mutating func next() -> Int {
    // xorshift64: enough to choose lengths.
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return 1 + Int((state >> 11) % UInt64(longest))
  }
}
