/// Takes a chunked body apart (RFC 9112 7.1), however its octets come, without keeping any but the current line's.
///
/// Strict: sizes are 1*HEXDIG with at most 16 digits, nothing stands around them but a well-formed extension, every
/// line ends in CR LF. Extensions and trailers are checked and thrown away.
public struct ChunkedReader: Sendable {
  private enum State: Sendable { case size, data, dataEnd, dataEndLineFeed, trailer, done }

  private let limits: HTTPLimits
  private let bodyLimit: Int
  private var state = State.size
  private var remaining = 0
  private var line: [UInt8] = []
  private var sawCarriageReturn = false
  private var length = 0
  private var overhead = 0
  private var extensions = 0
  private var trailers = 0

  /// `bodyLimit`: octets of content; more is 413.
  public init(bodyLimit: Int, limits: HTTPLimits = .default) {
    self.bodyLimit = bodyLimit
    self.limits = limits
  }

  public var isDone: Bool { state == .done }

  /// Appends the content found in `bytes` to `body`; returns how many octets belonged to the body: all of them, or fewer
  /// once `isDone`.
  public mutating func read(_ bytes: UnsafeRawBufferPointer, into body: inout [UInt8]) throws(HTTPError) -> Int {
    var index = 0
    while index < bytes.count, state != .done {
      if state == .data {
        let count = min(remaining, bytes.count - index)
        body.append(contentsOf: bytes[index..<(index + count)])
        remaining -= count
        index += count
        if remaining == 0 { state = .dataEnd }
      } else {
        try take(bytes[index])
        index += 1
      }
    }
    return index
  }

  /// As above.
  public mutating func read(_ bytes: RawSpan, into body: inout [UInt8]) throws(HTTPError) -> Int {
    try bytes.withUnsafeBytes { (raw: UnsafeRawBufferPointer) throws(HTTPError) in try read(raw, into: &body) }
  }

  private mutating func take(_ octet: UInt8) throws(HTTPError) {
    overhead += 1
    guard overhead <= limits.chunkOverhead + limits.chunkOverheadRatio * length else {
      throw .malformed("The body is mostly framing.")
    }
    switch state {
    case .dataEnd:
      guard octet == Octets.carriageReturn else { throw .malformed("A chunk is longer than it says.") }
      state = .dataEndLineFeed
    case .dataEndLineFeed:
      guard octet == Octets.lineFeed else { throw .malformed("A chunk does not end in CR LF.") }
      state = .size
    default:
      try takeLineOctet(octet)
    }
  }

  private mutating func takeLineOctet(_ octet: UInt8) throws(HTTPError) {
    if sawCarriageReturn {
      guard octet == Octets.lineFeed else { throw .malformed("A CR is not followed by LF.") }
      sawCarriageReturn = false
      try endLine()
      line.removeAll(keepingCapacity: true)
      return
    }
    if octet == Octets.carriageReturn {
      sawCarriageReturn = true
      return
    }
    guard !Octets.isControl(octet) else { throw .malformed("A line of the body's framing has a control character.") }
    line.append(octet)
    if state == .size {
      try ChunkLine.checkUnfinished(line, limits)
    } else {
      trailers += 1
      guard trailers <= limits.trailers else { throw HTTPError(.headTooLarge, "The trailers are too large.") }
    }
  }

  private mutating func endLine() throws(HTTPError) {
    if state == .trailer {
      if line.isEmpty { state = .done } else { try Self.checkTrailer(line.span.bytes) }
      return
    }
    let chunk = try ChunkLine(line)
    extensions += chunk.extensionLength
    guard extensions <= limits.chunkExtensions else { throw .malformed("The body's chunk extensions are too long.") }
    guard chunk.size > 0 else {
      state = .trailer
      return
    }
    guard chunk.size <= UInt64(max(0, bodyLimit - length)) else {
      throw HTTPError(.contentTooLarge, "The body may have \(bodyLimit) octets.")
    }
    remaining = Int(chunk.size)
    length += remaining
    state = .data
  }

  /// Fields that frame, route, authenticate or say how to read the body have no business behind it (RFC 9110 6.5.1).
  private static let forbidden: [StaticString] = [
    "content-length", "transfer-encoding", "host", "authorization", "proxy-authorization", "connection", "expect",
    "upgrade", "te", "trailer", "content-encoding", "content-range", "cookie",
  ]

  private static func checkTrailer(_ line: RawSpan) throws(HTTPError) {
    try line.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(HTTPError) in
      let field = try FieldLine(bytes, 0..<bytes.count)
      guard !forbidden.contains(where: { bytes.matches(field.name, $0) }) else {
        throw .malformed("A field is not allowed among the trailers.")
      }
    }
  }
}
