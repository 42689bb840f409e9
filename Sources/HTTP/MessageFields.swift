/// What the fields of a request mean for the message itself: its host, its framing, whether the connection stays.
///
/// Duplicates and disagreement are refused, not resolved (RFC 9112 6.1, 6.3): two readers that resolve them
/// differently are what request smuggling is made of.
struct MessageFields {
  var host: Range<Int>?
  private var contentLength: Int?
  private var transferEncoding: Range<Int>?
  private var expectation: Range<Int>?
  private(set) var coding = ContentCoding.identity
  private var saysClose = false
  private var saysKeepAlive = false

  mutating func note(_ line: FieldLine, _ bytes: UnsafeRawBufferPointer) throws(HTTPError) {
    switch line.name.count {
    case 4 where bytes.matches(line.name, "host"):
      guard host == nil else { throw .malformed("There is more than one Host field.") }
      host = line.value
    case 6 where bytes.matches(line.name, "expect"):
      guard expectation == nil else { throw HTTPError(.expectationFailed, "There is more than one Expect field.") }
      expectation = line.value
    case 10 where bytes.matches(line.name, "connection"):
      try noteConnection(bytes, line.value)
    case 14 where bytes.matches(line.name, "content-length"):
      guard contentLength == nil else { throw .malformed("There is more than one Content-Length field.") }
      contentLength = try Self.length(bytes, line.value)
    case 16 where bytes.matches(line.name, "content-encoding"):
      coding = coding == .identity ? ContentCoding(bytes, line.value) : .unknown
    case 17 where bytes.matches(line.name, "transfer-encoding"):
      guard transferEncoding == nil else { throw .malformed("There is more than one Transfer-Encoding field.") }
      guard !Self.hasTab(bytes, behind: line.value) else { throw .malformed("The Transfer-Encoding ends in a tab.") }
      transferEncoding = line.value
    default: break
    }
  }

  /// White space as good as any (RFC 9110 5.6.3), but there are readers to whom `chunked` and a tab is another coding,
  /// and beside an Upgrade that means no body: what follows is then a request to one of two readers.
  private static func hasTab(_ bytes: UnsafeRawBufferPointer, behind value: Range<Int>) -> Bool {
    bytes[value.upperBound...].prefix(while: Octets.isBlank).contains(Octets.tab)
  }

  /// 1*DIGIT without leading zeros, at most 19 digits (RFC 9110 8.6; the rest is stricter than it asks).
  private static func length(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(HTTPError) -> Int {
    let malformed = HTTPError.malformed("The Content-Length is not a plain number.")
    guard (1...19).contains(range.count) else { throw malformed }
    if range.count > 1, bytes[range.lowerBound] == UInt8(ascii: "0") { throw malformed }
    var length = 0
    for index in range {
      guard Octets.isDigit(bytes[index]) else { throw malformed }
      let (scaled, overflowed) = length.multipliedReportingOverflow(by: 10)
      let (sum, overflowedAgain) = scaled.addingReportingOverflow(Int(bytes[index] - 0x30))
      guard !overflowed, !overflowedAgain else { throw malformed }
      length = sum
    }
    return length
  }

  private mutating func noteConnection(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(HTTPError) {
    var start = range.lowerBound
    while start <= range.upperBound {
      let end = bytes[start..<range.upperBound].firstIndex(of: UInt8(ascii: ",")) ?? range.upperBound
      let option = bytes.trimmed(start..<end)
      guard bytes[option].allSatisfy(Octets.isToken) else { throw .malformed("The Connection field is malformed.") }
      if bytes.matches(option, "close") { saysClose = true }
      if bytes.matches(option, "keep-alive") { saysKeepAlive = true }
      start = end + 1
    }
  }

  func isKeepAlive(_ version: Version) -> Bool {
    switch version {
    case .http11: !saysClose
    case .http10: saysKeepAlive && !saysClose
    }
  }

  /// RFC 9110 10.1.1: nothing but `100-continue` is understood; a 1.0 client is not asked to go on.
  func expectsContinue(_ bytes: UnsafeRawBufferPointer, _ version: Version) throws(HTTPError) -> Bool {
    guard let expectation else { return false }
    guard bytes.matches(expectation, "100-continue") else {
      throw HTTPError(.expectationFailed, "The expectation is not 100-continue.")
    }
    return version == .http11
  }

  func framing(_ bytes: UnsafeRawBufferPointer, _ version: Version) throws(HTTPError) -> Framing {
    guard let transferEncoding else { return contentLength.map { .length($0) } ?? .none }
    guard contentLength == nil else { throw .malformed("There are both Content-Length and Transfer-Encoding.") }
    guard version == .http11 else { throw .malformed("HTTP/1.0 has no Transfer-Encoding.") }
    if bytes.matches(transferEncoding, "chunked") { return .chunked }
    throw Self.codingError(bytes, transferEncoding)
  }

  /// 501 where a well-formed list names a coding that is not known here, else 400; also where chunked is not the last,
  /// since then nobody knows the body's end (RFC 9112 6.3).
  private static func codingError(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> HTTPError {
    let malformed = HTTPError.malformed("The Transfer-Encoding is not exactly chunked.")
    var isUnknown = false
    var start = range.lowerBound
    while start <= range.upperBound {
      let end = bytes[start..<range.upperBound].firstIndex(of: UInt8(ascii: ",")) ?? range.upperBound
      let coding = bytes.trimmed(start..<end)
      guard !coding.isEmpty, bytes[coding].allSatisfy(Octets.isToken) else { return malformed }
      let isChunked = bytes.matches(coding, "chunked")
      guard !isChunked || end == range.upperBound else { return malformed }
      if !isChunked { isUnknown = true }
      start = end + 1
    }
    return isUnknown ? HTTPError(.notImplemented, "The transfer coding is not known.") : malformed
  }
}
