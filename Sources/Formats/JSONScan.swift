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
  /// character, or one beyond ASCII; the end of the bytes where there is none.
  @inline(__always)
  static func special(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    ByteScan.first(in: bytes, from: start) { word in
      word | ByteScan.control(word) | ByteScan.equal(word, UInt8(ascii: "\""))
        | ByteScan.equal(word, UInt8(ascii: "\\"))
    }
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
