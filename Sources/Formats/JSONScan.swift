/// Where a string of a JSON text stands, without its quotes.
struct JSONStringPlace {
  var start: Int
  var end: Int
  var hasEscapes = false
  var isASCII = true

  @inline(__always)
  func bytes(in all: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    guard let base = all.baseAddress else { return all }
    return UnsafeBufferPointer(start: base + start, count: end - start)
  }
}

/// The loops that look at every byte of a JSON text.
enum JSONScan {
  /// The first byte of a string, at or after `start`, that is no plain ASCII character: a quote, a backslash, a control
  /// character, or one beyond ASCII; the end of the bytes where there is none. Eight bytes a step.
  static func special(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    guard let base = UnsafeRawPointer(bytes.baseAddress) else { return start }
    var index = start
    while index + 8 <= bytes.count {
      let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      let quotes = word ^ 0x2222_2222_2222_2222
      let slashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
      // The lowest high bit that is left is that of the first such byte; above it there may be others.
      let found =
        (word | (word &- 0x2020_2020_2020_2020) | (quotes &- 0x0101_0101_0101_0101)
          | (slashes &- 0x0101_0101_0101_0101)) & 0x8080_8080_8080_8080
      if found != 0 { return index + found.trailingZeroBitCount / 8 }
      index += 8
    }
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0..<0x20, 0x80...: return index
      default: index += 1
      }
    }
    return index
  }

  /// Behind the space that begins at `start`.
  @inline(__always)
  static func space(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var index = start
    while index < bytes.count {
      switch bytes[index] {
      case 0x20, 0x09, 0x0A, 0x0D: index += 1
      default: return index
      }
    }
    return index
  }

  /// Four hexadecimal digits.
  static func hex(in bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    var code: UInt32 = 0
    for place in start..<start + 4 {
      guard let digit = Digits.hex(bytes[place]) else { return nil }
      code = code << 4 | UInt32(digit)
    }
    return code
  }
}
