/// Reads one request head from the front of a buffer that grows (RFC 9112 2 to 5).
///
/// It rejects rather than repairs: a bare CR or LF, a folded line, white space where none belongs, a length that two
/// readers could read differently are all errors, so that what is accepted here is accepted everywhere in the same way.
/// The answer does not depend on how the octets were cut. A parser reads one head; the next needs a new one.
public struct RequestHeadParser: Sendable {
  public enum Outcome: Sendable {
    case needMore
    /// The head, and how many octets of the buffer were it; the body follows.
    case complete(RequestHead, consumed: Int)
  }

  private let limits: HTTPLimits
  private var lineStart = 0
  private var scanned = 0
  private var skippedEmptyLine = false
  private var requestLine: RequestLine?
  private var meaning = MessageFields()
  private var entries: [Fields.Entry] = []

  public init(limits: HTTPLimits = .default) { self.limits = limits }

  /// Whether any octet of a head has been seen; until then the connection is idle.
  public var hasBegun: Bool { requestLine != nil || scanned > 0 }

  /// `bytes` is everything from the head's first octet on, again with every call; what was scanned is not scanned again.
  public mutating func parse(_ bytes: RawSpan) throws(HTTPError) -> Outcome {
    try bytes.withUnsafeBytes { (raw: UnsafeRawBufferPointer) throws(HTTPError) in try parse(raw) }
  }

  /// As above.
  public mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(HTTPError) -> Outcome {
    while let end = try endOfLine(bytes) {
      let line = lineStart..<end
      lineStart = end + 2
      scanned = lineStart
      if try take(line, bytes) { return .complete(try finish(bytes), consumed: lineStart) }
    }
    return .needMore
  }

  /// The CR of the current line's end; nil until it is there. Looks no further than the limit, so that an error is the
  /// same however the octets come.
  private mutating func endOfLine(_ bytes: UnsafeRawBufferPointer) throws(HTTPError) -> Int? {
    let limit = requestLine == nil ? lineStart + limits.requestLine + 2 : limits.head
    let window = min(bytes.count, limit)
    if let control = bytes.firstControl(from: scanned, to: window) {
      guard bytes[control] == Octets.carriageReturn else {
        throw bytes[control] == Octets.lineFeed
          ? .malformed("A line ends in LF without CR.") : .malformed("The head has a control character.")
      }
      if control + 1 < window {
        guard bytes[control + 1] == Octets.lineFeed else { throw .malformed("A CR is not followed by LF.") }
        return control
      }
      scanned = control
    } else {
      scanned = window
    }
    guard bytes.count < limit else {
      throw requestLine == nil
        ? HTTPError(.targetTooLong, "The request line is longer than \(limits.requestLine) octets.")
        : HTTPError(.headTooLarge, "The head is larger than \(limits.head) octets.")
    }
    return nil
  }

  /// True at the end of the head.
  private mutating func take(_ line: Range<Int>, _ bytes: UnsafeRawBufferPointer) throws(HTTPError) -> Bool {
    guard requestLine != nil else {
      if line.isEmpty {
        // One empty line, for clients that end a body with one too many (RFC 9112 2.2).
        guard !skippedEmptyLine else { throw .malformed("There is no request line.") }
        skippedEmptyLine = true
        return false
      }
      requestLine = try RequestLine(bytes, line)
      return false
    }
    if line.isEmpty { return true }
    guard entries.count < limits.fields else {
      throw HTTPError(.headTooLarge, "There are more than \(limits.fields) fields.")
    }
    let field = try FieldLine(bytes, line)
    try meaning.note(field, bytes)
    if entries.isEmpty { entries.reserveCapacity(16) }
    entries.append(Fields.Entry(name: field.name, value: field.value))
    return false
  }

  private func finish(_ bytes: UnsafeRawBufferPointer) throws(HTTPError) -> RequestHead {
    guard let line = requestLine else { throw .malformed("There is no request line.") }
    try checkHost(line, bytes)
    let framing = try meaning.framing(bytes, line.version)
    let expectsContinue = try meaning.expectsContinue(bytes, line.version)
    if limits.requiresLength, framing == .none, line.method.takesBody {
      throw HTTPError(.lengthRequired, "The request says nothing about the length of its body.")
    }
    return RequestHead(
      method: line.method,
      version: line.version,
      path: line.target.path,
      query: line.target.query.map { bytes.text($0) },
      fields: Fields(storage: Array(bytes[0..<lineStart]), entries: entries),
      framing: framing,
      isKeepAlive: meaning.isKeepAlive(line.version),
      expectsContinue: expectsContinue && framing != .none,
      coding: meaning.coding,
      rawTarget: line.target.raw)
  }

  private func checkHost(_ line: RequestLine, _ bytes: UnsafeRawBufferPointer) throws(HTTPError) {
    guard let host = meaning.host else {
      guard line.version == .http10 else { throw .malformed("There is no Host field.") }
      return
    }
    guard Host.isValid(bytes, host) else { throw .malformed("The Host field is malformed.") }
    if let authority = line.target.authority, !Host.areEqual(bytes, authority, host) {
      throw .malformed("The target names another host than the Host field.")
    }
  }
}
