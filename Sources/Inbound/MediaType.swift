import HTTP

/// What the Content-Type of a request may be (RFC 9110 8.3.1). A missing one is taken: the body has to prove itself
/// anyway. A charset that is named has to be UTF-8.
enum MediaType {
  static func isJSON(_ fields: Fields) -> Bool {
    matches(fields) { type in
      equal(type, "application/json")
        || type.count > 17 && equal(part(type, 0, 12), "application/") && equal(part(type, type.count - 5, 5), "+json")
    }
  }

  static func isXML(_ fields: Fields) -> Bool {
    matches(fields) { equal($0, "text/xml") || equal($0, "application/xml") }
  }

  private static func matches(_ fields: Fields, _ isExpected: (UnsafeRawBufferPointer) -> Bool) -> Bool {
    fields.withOnly("content-type") { value in
      var start = 0
      guard isExpected(next(value, &start)) else { return false }
      while start < value.count {
        let parameter = next(value, &start)
        guard parameter.count >= 8, equal(part(parameter, 0, 8), "charset=") else { continue }
        let charset = part(parameter, 8, parameter.count - 8)
        guard equal(charset, "utf-8") || equal(charset, "\"utf-8\"") else { return false }
      }
      return true
    } ?? !fields.contains("content-type")
  }

  /// What stands before the next semicolon, without the blanks around it; `start` is behind it then.
  private static func next(_ value: UnsafeRawBufferPointer, _ start: inout Int) -> UnsafeRawBufferPointer {
    var (first, end) = (start, start)
    while end < value.count, value[end] != UInt8(ascii: ";") { end += 1 }
    start = end + 1
    while first < end, isBlank(value[first]) { first += 1 }
    while end > first, isBlank(value[end - 1]) { end -= 1 }
    return part(value, first, end - first)
  }

  private static func part(_ octets: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: octets[start..<start + count])
  }

  private static func isBlank(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }

  /// Ignoring case.
  private static func equal(_ octets: UnsafeRawBufferPointer, _ lowercased: StaticString) -> Bool {
    guard octets.count == lowercased.utf8CodeUnitCount else { return false }
    for place in 0..<octets.count {
      let octet = octets[place]
      guard (octet &- 0x41 < 26 ? octet | 0x20 : octet) == lowercased.utf8Start[place] else { return false }
    }
    return true
  }
}
