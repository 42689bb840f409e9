/// The loops that look at every byte. All of them work on plain memory and know nothing of elements.
enum XMLScan {
  /// Where the first byte stands that begins nothing XML 1.0 allows (UTF-8, section 2.2 Char); nil when all is well.
  static func firstForbidden(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard let base = UnsafeRawPointer(bytes.baseAddress) else { return nil }
    var index = start
    while index < bytes.count {
      if index + 8 <= bytes.count {
        let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        let below = (word &- 0x2020_2020_2020_2020) & ~word
        if (word | below) & 0x8080_8080_8080_8080 == 0 {
          index += 8
          continue
        }
      }
      let length = characterLength(in: bytes, at: index)
      guard length > 0 else { return index }
      index += length
    }
    return nil
  }

  /// Bytes of the character at `index`; 0 when there is none that XML allows.
  private static func characterLength(in bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
    let byte = bytes[index]
    if byte < 0x80 { return byte >= 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D ? 1 : 0 }
    guard let (scalar, length) = scalar(in: bytes, at: index) else { return 0 }
    return scalar == 0xFFFE || scalar == 0xFFFF ? 0 : length
  }

  /// One character of two to four bytes (RFC 3629: no overlong forms, no surrogates).
  static func scalar(in bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> (UInt32, Int)? {
    let first = UInt32(bytes[index])
    let (length, least): (Int, UInt32)
    var value: UInt32
    switch first {
    case 0xC2...0xDF: (length, least, value) = (2, 0x80, first & 0x1F)
    case 0xE0...0xEF: (length, least, value) = (3, 0x800, first & 0x0F)
    case 0xF0...0xF4: (length, least, value) = (4, 0x10000, first & 0x07)
    default: return nil
    }
    guard index + length <= bytes.count else { return nil }
    for next in index + 1..<index + length {
      guard bytes[next] & 0xC0 == 0x80 else { return nil }
      value = value << 6 | UInt32(bytes[next] & 0x3F)
    }
    guard value >= least, value <= 0x10FFFF, !(0xD800...0xDFFF).contains(value) else { return nil }
    return (value, length)
  }

  struct Run {
    var end: Int
    /// Holds no references and no line ends that have to be put right.
    var isPlain = true
    /// Where `]]>` stands, which text may not hold.
    var closesSection: Int?
  }

  /// Text up to the next `<`.
  static func text(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Run {
    var run = Run(end: start)
    while run.end < bytes.count {
      switch bytes[run.end] {
      case UInt8(ascii: "<"): return run
      case UInt8(ascii: "&"), 0x0D: run.isPlain = false
      case UInt8(ascii: ">") where run.end >= start + 2 && bytes[run.end - 1] == UInt8(ascii: "]"):
        if bytes[run.end - 2] == UInt8(ascii: "]") { run.closesSection = run.closesSection ?? run.end - 2 }
      default: break
      }
      run.end += 1
    }
    return run
  }

  /// An attribute's value up to its closing quote; nil without one, or with a `<` before it.
  static func value(in bytes: UnsafeBufferPointer<UInt8>, from start: Int, quote: UInt8) -> Run? {
    var run = Run(end: start)
    while run.end < bytes.count {
      switch bytes[run.end] {
      case quote: return run
      case UInt8(ascii: "<"): return nil
      case UInt8(ascii: "&"), 0x0D, 0x0A, 0x09: run.isPlain = false
      default: break
      }
      run.end += 1
    }
    return nil
  }

  /// Where a name without a colon ends (Namespaces in XML, NCName); `start` itself when none begins here.
  static func name(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      if byte < 0x80 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): break
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
          if index == start { return start }
        default: return index
        }
        index += 1
      } else {
        guard let (scalar, length) = scalar(in: bytes, at: index), isName(scalar, first: index == start) else {
          return index
        }
        index += length
      }
    }
    return index
  }

  /// XML 1.0 (fifth edition) productions 4 and 4a, beyond ASCII.
  private static func isName(_ scalar: UInt32, first: Bool) -> Bool {
    switch scalar {
    case 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2FF, 0x370...0x37D, 0x37F...0x1FFF, 0x200C...0x200D, 0x2070...0x218F,
      0x2C00...0x2FEF, 0x3001...0xD7FF, 0xF900...0xFDCF, 0xFDF0...0xFFFD, 0x10000...0xEFFFF:
      true
    case 0xB7, 0x300...0x36F, 0x203F...0x2040: !first
    default: false
    }
  }

  /// Where a text stands first, at or after `start`.
  static func find(_ text: StaticString, in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    let length = text.utf8CodeUnitCount
    var index = start
    while index + length <= bytes.count {
      if starts(with: text, in: bytes, at: index) { return index }
      index += 1
    }
    return nil
  }

  static func starts(with text: StaticString, in bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
    let length = text.utf8CodeUnitCount
    guard index + length <= bytes.count else { return false }
    for offset in 0..<length where bytes[index + offset] != text.utf8Start[offset] { return false }
    return true
  }
}
