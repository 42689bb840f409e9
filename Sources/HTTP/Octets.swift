/// The character classes that HTTP/1.1 is made of (RFC 9110 5.6.2, RFC 3986 2), as tests on one octet each.
///
/// Each class is a bitmap of the ASCII half; every octet from 0x80 is outside all of them.
enum Octets {
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20

  /// `tchar`: what method names and field names are made of.
  @inline(__always)
  static func isToken(_ octet: UInt8) -> Bool {
    isMember(octet, low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
  }

  /// What RFC 3986 allows somewhere in a URI, but `#`: a request target has no fragment (RFC 9112 3.2).
  @inline(__always)
  static func isTarget(_ octet: UInt8) -> Bool {
    isMember(octet, low: 0xAFFF_FFF2_0000_0000, high: 0x47FF_FFFE_AFFF_FFFF)
  }

  /// `unreserved` of RFC 3986 2.3.
  @inline(__always)
  static func isUnreserved(_ octet: UInt8) -> Bool {
    isMember(octet, low: 0x03FF_6000_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
  }

  @inline(__always)
  static func isDigit(_ octet: UInt8) -> Bool { octet &- 0x30 < 10 }

  @inline(__always)
  static func isBlank(_ octet: UInt8) -> Bool { octet == space || octet == tab }

  /// What may never stand in a line: every control but HTAB (RFC 9110 5.5).
  @inline(__always)
  static func isControl(_ octet: UInt8) -> Bool { (octet < space && octet != tab) || octet == 0x7F }

  @inline(__always)
  static func hexValue(_ octet: UInt8) -> UInt8? {
    switch octet {
    case 0x30...0x39: octet - 0x30
    case 0x41...0x46: octet - 0x41 + 10
    case 0x61...0x66: octet - 0x61 + 10
    default: nil
    }
  }

  @inline(__always)
  static func lowercase(_ octet: UInt8) -> UInt8 { octet &- 0x41 < 26 ? octet | 0x20 : octet }

  @inline(__always)
  private static func isMember(_ octet: UInt8, low: UInt64, high: UInt64) -> Bool {
    guard octet < 128 else { return false }
    return ((octet < 64 ? low : high) >> UInt64(octet & 63)) & 1 == 1
  }
}

extension UnsafeRawBufferPointer {
  /// The first control octet from `start` to before `end`, eight octets a step.
  func firstControl(from start: Int, to end: Int) -> Int? {
    var index = start
    while index + 8 <= end {
      let word = loadUnaligned(fromByteOffset: index, as: UInt64.self)
      // A high bit is left where an octet is below 0x20, or is 0x7F; a tab is too, so those eight are looked at singly.
      let low = (word &- 0x2020_2020_2020_2020) & ~word
      let deletes = word ^ 0x7F7F_7F7F_7F7F_7F7F
      let del = (deletes &- 0x0101_0101_0101_0101) & ~deletes
      if (low | del) & 0x8080_8080_8080_8080 != 0 {
        for candidate in index..<(index + 8) where Octets.isControl(self[candidate]) { return candidate }
      }
      index += 8
    }
    while index < end {
      if Octets.isControl(self[index]) { return index }
      index += 1
    }
    return nil
  }

  /// Whether these octets are the given lower-case ASCII text, ignoring case.
  @inline(__always)
  func matches(_ range: Range<Int>, _ lowercased: StaticString) -> Bool {
    guard range.count == lowercased.utf8CodeUnitCount else { return false }
    let text = lowercased.utf8Start
    for offset in 0..<range.count where Octets.lowercase(self[range.lowerBound + offset]) != text[offset] {
      return false
    }
    return true
  }

  /// Whether these octets stand here, in their case; so many have to be there.
  @inline(__always)
  func begins(_ start: Int, _ text: StaticString) -> Bool {
    for offset in 0..<text.utf8CodeUnitCount where self[start + offset] != text.utf8Start[offset] { return false }
    return true
  }

  /// Where the token ends with which a range begins; its own beginning where it begins with none.
  @inline(__always)
  func endOfToken(_ range: Range<Int>) -> Int {
    var index = range.lowerBound
    while index < range.upperBound, Octets.isToken(self[index]) { index += 1 }
    return index
  }

  /// The first of these octets in a range.
  @inline(__always)
  func first(_ octet: UInt8, in range: Range<Int>) -> Int? {
    var index = range.lowerBound
    while index < range.upperBound {
      if self[index] == octet { return index }
      index += 1
    }
    return nil
  }

  func text(_ range: Range<Int>) -> String {
    String(decoding: self[range], as: UTF8.self)
  }

  /// The range without the blanks at its ends (`OWS`).
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, Octets.isBlank(self[start]) { start += 1 }
    while end > start, Octets.isBlank(self[end - 1]) { end -= 1 }
    return start..<end
  }
}
