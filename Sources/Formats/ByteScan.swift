/// Looks for bytes in plain memory, eight bytes a step.
enum ByteScan {
  /// The first byte at or after `start` that is looked for; the end where there is none. `marks` sets the high bit of the
  /// lowest byte of a word that is one; above it, it may set others.
  @inline(__always)
  static func first(
    in bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ marks: (UInt64) -> UInt64
  ) -> Int {
    guard let base = UnsafeRawPointer(bytes.baseAddress) else { return start }
    var index = start
    while index + 8 <= bytes.count {
      let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      let found = marks(word) & 0x8080_8080_8080_8080
      if found != 0 { return index + found.trailingZeroBitCount / 8 }
      index += 8
    }
    guard index < bytes.count else { return index }
    var word: UInt64 = 0
    for place in stride(from: bytes.count - 1, through: index, by: -1) { word = word << 8 | UInt64(bytes[place]) }
    let found = marks(word) & 0x8080_8080_8080_8080
    return min(bytes.count, index + found.trailingZeroBitCount / 8)
  }

  /// Marks those that equal `byte`.
  @inline(__always)
  static func equal(_ word: UInt64, _ byte: UInt8) -> UInt64 {
    let rest = word ^ repeated(byte)
    return (rest &- repeated(0x01)) & ~rest
  }

  /// Marks each that is another, up to the first that is not ASCII.
  @inline(__always)
  static func unequal(_ word: UInt64, _ byte: UInt8) -> UInt64 { (word ^ repeated(byte)) &+ repeated(0x7F) }

  /// Marks the control characters of ASCII but DEL.
  @inline(__always)
  static func control(_ word: UInt64) -> UInt64 { (word &- repeated(0x20)) & ~word }

  /// Marks what is no letter of ASCII.
  @inline(__always)
  static func otherThanLetter(_ word: UInt64) -> UInt64 {
    let lowercased = word | repeated(0x20)
    return word | (lowercased &+ repeated(0x7F - 0x7A)) | ~(lowercased &+ repeated(0x80 - 0x61))
  }

  @inline(__always)
  static func repeated(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }
}
