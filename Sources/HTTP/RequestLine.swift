/// `method SP request-target SP HTTP-version` (RFC 9112 3), with exactly one space each.
struct RequestLine {
  let method: Method
  let version: Version
  let target: Target

  /// Reads a line that is known to hold no control octet but HTAB. Grammar comes first (400), then the version (505),
  /// then the method (501).
  init(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(HTTPError) {
    var index = bytes.endOfToken(line)
    let name = line.lowerBound..<index
    guard !name.isEmpty, index < line.upperBound, bytes[index] == Octets.space else {
      throw .malformed("The request line does not begin with a method and a space.")
    }
    let start = index + 1
    index = start
    while index < line.upperBound, Octets.isTarget(bytes[index]) { index += 1 }
    let raw = start..<index
    guard !raw.isEmpty, index < line.upperBound, bytes[index] == Octets.space else {
      throw .malformed("The request target is malformed, or no version follows it.")
    }
    version = try Self.version(bytes, (index + 1)..<line.upperBound)
    guard let known = Method.known(bytes, name) else { throw HTTPError(.notImplemented, "The method is not known.") }
    method = known
    target = try Target(bytes, raw, known)
  }

  private static func version(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(HTTPError) -> Version {
    let at = range.lowerBound
    // Case matters (RFC 9112 2.3), so "http/" is looked for as it is.
    guard range.count == 8, bytes.begins(at, "HTTP/"), Octets.isDigit(bytes[at + 5]),
      bytes[at + 6] == UInt8(ascii: "."), Octets.isDigit(bytes[at + 7])
    else { throw .malformed("The HTTP version is malformed.") }
    switch (bytes[at + 5], bytes[at + 7]) {
    case (UInt8(ascii: "1"), UInt8(ascii: "1")): return .http11
    case (UInt8(ascii: "1"), UInt8(ascii: "0")): return .http10
    case (UInt8(ascii: "0"), _): throw .malformed("HTTP/0.9 is not spoken.")
    default: throw HTTPError(.versionNotSupported, "HTTP/1.1 and HTTP/1.0 are spoken.")
    }
  }
}
