/// One line of a header or trailer section, without its CR LF (RFC 9112 5). Offsets are those of the buffer.
struct FieldLine {
  let name: Range<Int>
  /// Without the blanks around it; may be empty.
  let value: Range<Int>

  /// Reads a line that is known to hold no control octet but HTAB.
  init(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(HTTPError) {
    let index = bytes.endOfToken(line)
    // Proxies and CGI-like layers take "_" and "-" for one another, so a name with "_" can pose as another field.
    guard bytes.first(UInt8(ascii: "_"), in: line.lowerBound..<index) == nil else {
      throw .malformed("A field name has an underscore.")
    }
    guard index < line.upperBound, bytes[index] == UInt8(ascii: ":") else { throw Self.reason(bytes, line, index) }
    guard index > line.lowerBound else { throw .malformed("A field has no name.") }
    name = line.lowerBound..<index
    value = bytes.trimmed((index + 1)..<line.upperBound)
  }

  private static func reason(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, _ index: Int) -> HTTPError {
    guard index < line.upperBound else { return .malformed("A field line has no colon.") }
    guard Octets.isBlank(bytes[index]) else { return .malformed("A field name has a character that is not allowed.") }
    return index == line.lowerBound
      ? .malformed("A field line begins with white space.")
      : .malformed("A field name is followed by white space.")
  }
}
