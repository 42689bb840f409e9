/// A request target (RFC 9112 3.2): origin form, absolute form reduced to its path, or `*` of OPTIONS.
struct Target {
  let raw: Range<Int>
  let path: String
  let query: Range<Int>?
  /// Only of the absolute form.
  let authority: Range<Int>?

  /// `raw` holds target characters only.
  init(_ bytes: UnsafeRawBufferPointer, _ raw: Range<Int>, _ method: Method) throws(HTTPError) {
    self.raw = raw
    if bytes[raw.lowerBound] == UInt8(ascii: "*") {
      guard raw.count == 1, method == .options else { throw .malformed("The target * belongs to OPTIONS.") }
      (path, query, authority) = ("*", nil, nil)
      return
    }
    var start = raw.lowerBound
    var authority: Range<Int>?
    if bytes[start] != UInt8(ascii: "/") {
      let found = try Self.authority(bytes, raw)
      authority = found
      start = found.upperBound
    }
    let mark = bytes.first(UInt8(ascii: "?"), in: start..<raw.upperBound)
    path = try Self.path(bytes, start..<(mark ?? raw.upperBound))
    query = mark.map { ($0 + 1)..<raw.upperBound }
    self.authority = authority
    if let query { try Self.checkEscapes(bytes, query) }
  }

  /// `http://host[:port]` before the path; the scheme is compared ignoring case.
  private static func authority(_ bytes: UnsafeRawBufferPointer, _ raw: Range<Int>) throws(HTTPError) -> Range<Int> {
    let scheme =
      [7, 8].first { length in
        raw.count > length
          && bytes.matches(raw.lowerBound..<(raw.lowerBound + length), length == 7 ? "http://" : "https://")
      }
    guard let scheme else { throw .malformed("The target is neither a path nor an http URL.") }
    let start = raw.lowerBound + scheme
    let end = bytes[start..<raw.upperBound].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
    let authority = start..<(end ?? raw.upperBound)
    guard Host.isValid(bytes, authority) else { throw .malformed("The target's host is malformed.") }
    return authority
  }

  /// Escapes are whole, and none is a control: those are only ever sent to get past somebody.
  private static func checkEscapes(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(HTTPError) {
    for index in range where bytes[index] == UInt8(ascii: "%") {
      guard index + 2 < range.upperBound, let high = Octets.hexValue(bytes[index + 1]),
        let low = Octets.hexValue(bytes[index + 2])
      else { throw .malformed("The target has an incomplete percent escape.") }
      let octet = high << 4 | low
      guard octet >= Octets.space, octet != 0x7F else {
        throw .malformed("The target has an escaped control character.")
      }
    }
  }

  private static func path(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(HTTPError) -> String {
    if range.isEmpty { return "/" }
    guard bytes.first(UInt8(ascii: "%"), in: range) != nil else {
      try checkSegments(UnsafeRawBufferPointer(rebasing: bytes[range]))
      return bytes.text(range)
    }
    try checkEscapes(bytes, range)
    guard let decoded = PercentCoding.octets(bytes[range]) else {
      throw .malformed("The target has an incomplete percent escape.")
    }
    // An escaped slash or backslash is a separator to some readers and not to others.
    let hidden = decoded.count(where: { $0 == UInt8(ascii: "/") }) != bytes[range].count(where: { $0 == 0x2F })
    guard !hidden, !decoded.contains(UInt8(ascii: "\\")) else { throw .malformed("The path has an escaped separator.") }
    try decoded.span.withUnsafeBytes { (path) throws(HTTPError) in try checkSegments(path) }
    guard let path = String(validating: decoded, as: UTF8.self) else { throw .malformed("The path is not UTF-8.") }
    return path
  }

  /// No `.` and no `..` segment, escaped or not.
  private static func checkSegments(_ path: UnsafeRawBufferPointer) throws(HTTPError) {
    var index = 0
    while let slash = path.first(UInt8(ascii: "/"), in: index..<path.count) {
      index = slash + 1
      var end = index
      while end < path.count, end < index + 2, path[end] == UInt8(ascii: ".") { end += 1 }
      guard end == index || end < path.count && path[end] != UInt8(ascii: "/") else {
        throw .malformed("The path has a . or .. segment.")
      }
    }
  }
}
