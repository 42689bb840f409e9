/// Percent-encoding (RFC 3986 2.1), strict: every `%` is followed by two hexadecimal digits.
public enum PercentCoding {
  /// nil where an escape is incomplete or the result is not UTF-8.
  public static func decode(_ text: some StringProtocol) -> String? {
    guard let decoded = octets(text.utf8) else { return nil }
    return String(validating: decoded, as: UTF8.self)
  }

  /// Everything but the unreserved characters is escaped: safe as a path segment and in a query.
  public static func encode(_ text: some StringProtocol) -> String {
    var encoded: [UInt8] = []
    let digits = Array("0123456789ABCDEF".utf8)
    for octet in text.utf8 {
      if Octets.isUnreserved(octet) {
        encoded.append(octet)
      } else {
        encoded += [UInt8(ascii: "%"), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  static func octets(_ text: some Sequence<UInt8>, plusIsSpace: Bool = false) -> [UInt8]? {
    var decoded: [UInt8] = []
    var iterator = text.makeIterator()
    while let octet = iterator.next() {
      switch octet {
      case UInt8(ascii: "%"):
        guard let high = iterator.next().flatMap(Octets.hexValue), let low = iterator.next().flatMap(Octets.hexValue)
        else { return nil }
        decoded.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: decoded.append(Octets.space)
      default: decoded.append(octet)
      }
    }
    return decoded
  }
}
