/// The loops that look at every byte. All of them work on plain memory and know nothing of elements.
enum XMLScan {
  /// Where the first byte stands that begins nothing XML 1.0 allows (UTF-8, section 2.2 Char); nil when all is well.
  static func firstForbidden(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var index = start
    while true {
      index = ByteScan.first(in: bytes, from: index) { word in
        // Where there is no control character, which is easily said, nothing else has to be looked at.
        let rare = word | ByteScan.control(word)
        if rare & ByteScan.repeated(0x80) == 0 { return 0 }
        return word
          | ~(word &+ ByteScan.repeated(0x80 - 0x20)) & ByteScan.unequal(word, 0x0A) & ByteScan.unequal(word, 0x0D)
          & ByteScan.unequal(word, 0x09)
      }
      guard index < bytes.count else { return nil }
      let length = characterLength(in: bytes, at: index)
      guard length > 0 else { return index }
      index += length
    }
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
      run.end = ByteScan.first(in: bytes, from: run.end) { word in
        // `<` and `>` differ in one bit.
        ByteScan.equal(word | ByteScan.repeated(0x02), UInt8(ascii: ">")) | ByteScan.equal(word, UInt8(ascii: "&"))
          | ByteScan.equal(word, 0x0D)
      }
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
    while true {
      run.end = ByteScan.first(in: bytes, from: run.end) { word in
        ByteScan.equal(word, quote) | ByteScan.equal(word, UInt8(ascii: "<")) | ByteScan.equal(word, UInt8(ascii: "&"))
          | ByteScan.control(word)
      }
      guard run.end < bytes.count, bytes[run.end] != UInt8(ascii: "<") else { return nil }
      if bytes[run.end] == quote { return run }
      run.isPlain = false
      run.end += 1
    }
  }

  /// A name, with a prefix or without.
  struct QualifiedName {
    var start: Int
    /// Behind the colon; `start` itself where there is none.
    var localStart: Int
    var end: Int

    /// Empty where there is none.
    @inline(__always)
    var prefix: Range<Int> { Range(uncheckedBounds: (start, max(start, localStart - 1))) }
    @inline(__always)
    var local: Range<Int> { Range(uncheckedBounds: (localStart, end)) }
    @inline(__always)
    var whole: Range<Int> { Range(uncheckedBounds: (start, end)) }
    @inline(__always)
    var length: Int { end - start }
  }

  /// A name with or without a prefix; nil where none begins here, or where it ends with its colon.
  static func qualifiedName(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> QualifiedName? {
    var localStart = start
    while true {
      let end = name(in: bytes, from: localStart)
      guard end > localStart else { return nil }
      guard localStart == start, end < bytes.count, bytes[end] == UInt8(ascii: ":") else {
        return QualifiedName(start: start, localStart: localStart, end: end)
      }
      localStart = end + 1
    }
  }

  /// Where a name without a colon ends (Namespaces in XML, NCName); `start` itself when none begins here.
  static func name(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var index = start
    while true {
      index = ByteScan.first(in: bytes, from: index, ByteScan.otherThanLetter)
      guard index < bytes.count else { return index }
      switch names.utf8Start[Int(bytes[index])] {
      case UInt8(ascii: "N"): index += 1
      case UInt8(ascii: "L") where index > start: index += 1
      case UInt8(ascii: "?"):
        guard let length = nameCharacter(in: bytes, at: index, isFirst: index == start) else { return index }
        index += length
      default: return index
      }
    }
  }

  /// What each byte is in a name: `N` belongs there, `L` later than at the beginning, `?` is not ASCII.
  @inline(__always)
  private static var names: StaticString {
    """
    --------------------------------\
    -------------LL-LLLLLLLLLL------\
    -NNNNNNNNNNNNNNNNNNNNNNNNNN----N\
    -NNNNNNNNNNNNNNNNNNNNNNNNNN-----\
    ????????????????????????????????\
    ????????????????????????????????\
    ????????????????????????????????\
    ????????????????????????????????
    """
  }

  /// The length of a character of a name, beyond ASCII.
  @inline(never)
  private static func nameCharacter(in bytes: UnsafeBufferPointer<UInt8>, at index: Int, isFirst: Bool) -> Int? {
    guard let (scalar, length) = scalar(in: bytes, at: index), isName(scalar, first: isFirst) else { return nil }
    return length
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

  @inline(__always)
  static func starts(with text: StaticString, in bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
    let length = text.utf8CodeUnitCount
    guard let base = bytes.baseAddress, index + length <= bytes.count else { return false }
    return same(base + index, text.utf8Start, length)
  }

  @inline(__always)
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
