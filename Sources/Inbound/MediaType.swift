import HTTP

/// What the Content-Type of a request may be (RFC 9110 8.3.1). A missing one is taken: the body has to prove itself
/// anyway. A charset that is named has to be UTF-8.
enum MediaType {
  static func isJSON(_ fields: Fields) -> Bool {
    matches(fields) { type in
      equal(type, "application/json")
        || type.count > 17 && equal(type.prefix(12), "application/") && equal(type.suffix(5), "+json")
    }
  }

  static func isXML(_ fields: Fields) -> Bool {
    matches(fields) { equal($0, "text/xml") || equal($0, "application/xml") }
  }

  private static func matches(_ fields: Fields, _ isExpected: (ArraySlice<UInt8>) -> Bool) -> Bool {
    guard let value = fields.bytes("content-type") else { return true }
    guard fields.count(of: "content-type") == 1 else { return false }
    var rest = value
    guard isExpected(next(&rest)) else { return false }
    while !rest.isEmpty {
      let parameter = next(&rest)
      guard equal(parameter.prefix(8), "charset=") else { continue }
      let charset = parameter.dropFirst(8)
      guard equal(charset, "utf-8") || equal(charset, "\"utf-8\"") else { return false }
    }
    return true
  }

  /// Takes what stands before the next semicolon, without the blanks around it.
  private static func next(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let part = rest.prefix { $0 != UInt8(ascii: ";") }
    rest = rest.dropFirst(part.count + 1)
    var trimmed = part.drop(while: isBlank)
    while let last = trimmed.last, isBlank(last) { trimmed.removeLast() }
    return trimmed
  }

  private static func isBlank(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }

  /// Ignoring case.
  private static func equal(_ octets: ArraySlice<UInt8>, _ lowercased: StaticString) -> Bool {
    guard octets.count == lowercased.utf8CodeUnitCount else { return false }
    return zip(octets, 0...).allSatisfy { octet, place in
      (octet &- 0x41 < 26 ? octet | 0x20 : octet) == lowercased.utf8Start[place]
    }
  }
}
