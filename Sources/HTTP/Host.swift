/// `uri-host [ ":" port ]` (RFC 9112 3.2), without user information and without the characters that only a confused
/// reader would take for part of a host name.
enum Host {
  static func isValid(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    guard !range.isEmpty else { return false }
    let end =
      bytes[range.lowerBound] == UInt8(ascii: "[")
      ? endOfLiteral(bytes, range)
      : endOfName(bytes, range)
    guard let end, end > range.lowerBound else { return false }
    guard end < range.upperBound else { return true }
    guard bytes[end] == UInt8(ascii: ":") else { return false }
    return isPort(bytes, (end + 1)..<range.upperBound)
  }

  private static func endOfName(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int {
    var index = range.lowerBound
    while index < range.upperBound, Octets.isUnreserved(bytes[index]) { index += 1 }
    return index
  }

  private static func endOfLiteral(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
    guard let close = bytes[range].firstIndex(of: UInt8(ascii: "]")) else { return nil }
    let address = (range.lowerBound + 1)..<close
    let isAddress = bytes[address].allSatisfy {
      Octets.hexValue($0) != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
    }
    guard isAddress, bytes[address].count(where: { $0 == UInt8(ascii: ":") }) >= 2 else { return nil }
    return close + 1
  }

  private static func isPort(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    guard (1...5).contains(range.count) else { return false }
    var port = 0
    for index in range {
      guard Octets.isDigit(bytes[index]) else { return false }
      port = port * 10 + Int(bytes[index] - 0x30)
    }
    return port <= 65_535
  }

  /// Whether two authorities are the same text, ignoring case.
  static func areEqual(_ bytes: UnsafeRawBufferPointer, _ one: Range<Int>, _ other: Range<Int>) -> Bool {
    bytes[one].elementsEqual(bytes[other]) { Octets.lowercase($0) == Octets.lowercase($1) }
  }
}
