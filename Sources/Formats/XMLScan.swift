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

  /// The first byte at or after `start` that is one of four; the end where there is none. Eight bytes a step.
  @inline(__always)
  private static func first(
    of one: UInt8, _ two: UInt8, _ three: UInt8, _ four: UInt8, in bytes: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Int {
    guard let base = UnsafeRawPointer(bytes.baseAddress) else { return start }
    var index = start
    while index + 8 <= bytes.count {
      let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      let marks = (equal(word, one) | equal(word, two) | equal(word, three) | equal(word, four)) & 0x8080_8080_8080_8080
      if marks != 0 { return index + marks.trailingZeroBitCount / 8 }
      index += 8
    }
    while index < bytes.count {
      let byte = bytes[index]
      if byte == one || byte == two || byte == three || byte == four { return index }
      index += 1
    }
    return index
  }

  /// The high bit of the lowest byte of the word that equals `byte`; of higher ones too, and beyond the lowest perhaps
  /// of others.
  @inline(__always)
  private static func equal(_ word: UInt64, _ byte: UInt8) -> UInt64 {
    let rest = word ^ (0x0101_0101_0101_0101 &* UInt64(byte))
    return (rest &- 0x0101_0101_0101_0101) & ~rest
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
    while true {
      run.end = first(
        of: UInt8(ascii: "<"), UInt8(ascii: "&"), 0x0D, UInt8(ascii: ">"), in: bytes, from: run.end)
      guard run.end < bytes.count else { return run }
      switch bytes[run.end] {
      case UInt8(ascii: "<"): return run
      case UInt8(ascii: ">"):
        if run.end >= start + 2, bytes[run.end - 1] == UInt8(ascii: "]"), bytes[run.end - 2] == UInt8(ascii: "]") {
          run.closesSection = run.closesSection ?? run.end - 2
        }
      default: run.isPlain = false
      }
      run.end += 1
    }
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

  struct QualifiedName {
    var start: Int
    /// Empty where there is none.
    var prefix: Range<Int>
    var local: Range<Int>

    var length: Int { local.upperBound - start }
  }

  /// A name with or without a prefix; nil where none begins here, or where it ends with its colon.
  static func qualifiedName(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> QualifiedName? {
    let first = name(in: bytes, from: start)
    guard first > start else { return nil }
    guard first < bytes.count, bytes[first] == UInt8(ascii: ":") else {
      return QualifiedName(start: start, prefix: start..<start, local: start..<first)
    }
    let end = name(in: bytes, from: first + 1)
    guard end > first + 1 else { return nil }
    return QualifiedName(start: start, prefix: start..<first, local: first + 1..<end)
  }

  /// Where a name without a colon ends (Namespaces in XML, NCName); `start` itself when none begins here.
  static func name(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      if byte < 0x80 {
        // Letters and `_` are in the upper half of ASCII; what may not be first, digits, `-` and `.`, in the lower.
        let half: UInt64 = byte < 64 ? 0x03FF_6000_0000_0000 : 0x07FF_FFFE_87FF_FFFE
        guard half >> UInt64(byte & 63) & 1 == 1, byte >= 64 || index > start else { return index }
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
    guard let base = bytes.baseAddress, index + length <= bytes.count else { return false }
    return same(base + index, text.utf8Start, length)
  }

  static func same(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard one.count == other.count else { return false }
    guard let left = one.baseAddress, let right = other.baseAddress else { return one.isEmpty }
    return same(left, right, one.count)
  }

  @inline(__always)
  private static func same(_ one: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var offset = 0
    while offset + 8 <= count {
      let left = UnsafeRawPointer(one).loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let right = UnsafeRawPointer(other).loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if left != right { return false }
      offset += 8
    }
    while offset < count {
      if one[offset] != other[offset] { return false }
      offset += 1
    }
    return true
  }
}
