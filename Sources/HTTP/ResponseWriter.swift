/// Turns responses into octets (RFC 9112 4, 6). What it writes reads back as the same message: a response with an
/// invalid field, a line break in a value say, goes out as 500 instead.
public enum ResponseWriter {
  /// What is left to do once the serialized octets are written.
  public enum Rest: Sendable {
    /// Nothing; then close or go on.
    case finished(close: Bool)
    /// Run the stream: each write through `chunk` and at the end `lastChunk` where chunked, else as it is and then close.
    case stream(@Sendable (any BodyWriter) async throws -> Void, chunked: Bool, close: Bool)
  }

  /// `100 Continue`, whole.
  public static let `continue` = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
  public static let lastChunk = Array("0\r\n\r\n".utf8)

  /// Appends the head, and the body where it is known. `head` is the request answered, nil where it could not be read.
  /// `date` is `HTTPDate.format`'s; `standing` are further fields as they stand in a head, each with its line end.
  public static func serialize(
    _ response: Response, to head: RequestHead?, date: [UInt8], standing: [UInt8] = [], close: Bool,
    into out: inout [UInt8]
  ) -> Rest {
    guard response.fields.isValid else {
      return serialize(
        .problem(.internalServerError), to: head, date: date, standing: standing, close: close, into: &out)
    }
    let isChunked = head?.version == .http11
    var closes = close || head?.isKeepAlive != true
    if case .stream = response.body, response.status.mayHaveBody, !isChunked { closes = true }
    appendHead(response, date: date, into: &out)
    out.append(contentsOf: standing)
    appendConnection(closes: closes, version: head?.version, into: &out)
    let isHeadRequest = head?.method == .head
    guard response.status.mayHaveBody else {
      append("\r\n", into: &out)
      return .finished(close: closes)
    }
    switch response.body {
    case .none:
      appendLength(0, into: &out)
    case .bytes(let bytes):
      appendLength(bytes.count, into: &out)
      if !isHeadRequest { out.append(contentsOf: bytes) }
    case .stream(let stream):
      if isChunked { append("Transfer-Encoding: chunked\r\n", into: &out) }
      append("\r\n", into: &out)
      if !isHeadRequest { return .stream(stream, chunked: isChunked, close: closes) }
    }
    return .finished(close: closes)
  }

  /// Appends one chunk; nothing for no octets, since an empty chunk would end the body.
  public static func chunk(_ bytes: [UInt8], into out: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    out.append(contentsOf: String(bytes.count, radix: 16).utf8)
    append("\r\n", into: &out)
    out.append(contentsOf: bytes)
    append("\r\n", into: &out)
  }

  private static func appendHead(_ response: Response, date: [UInt8], into out: inout [UInt8]) {
    append("HTTP/1.1 ", into: &out)
    appendNumber(Int(response.status.rawValue), into: &out)
    out.append(Octets.space)
    append(response.status.phrase, into: &out)
    append("\r\nDate: ", into: &out)
    out.append(contentsOf: date)
    append("\r\n", into: &out)
    let fields = response.fields
    fields.storage.withUnsafeBytes { storage in
      for entry in fields.entries where !isOurs(fields, entry) {
        out.append(contentsOf: UnsafeRawBufferPointer(rebasing: storage[entry.name]))
        append(": ", into: &out)
        out.append(contentsOf: UnsafeRawBufferPointer(rebasing: storage[entry.value]))
        append("\r\n", into: &out)
      }
    }
  }

  private static func isOurs(_ fields: Fields, _ entry: Fields.Entry) -> Bool {
    switch entry.nameEnd - entry.nameStart {
    case 4: fields.isNamed(entry, "date")
    case 10: fields.isNamed(entry, "connection")
    case 14: fields.isNamed(entry, "content-length")
    case 17: fields.isNamed(entry, "transfer-encoding")
    default: false
    }
  }

  private static func appendConnection(closes: Bool, version: Version?, into out: inout [UInt8]) {
    if closes {
      append("Connection: close\r\n", into: &out)
    } else if version == .http10 {
      append("Connection: keep-alive\r\n", into: &out)
    }
  }

  /// Content-Length and the end of the head.
  private static func appendLength(_ length: Int, into out: inout [UInt8]) {
    append("Content-Length: ", into: &out)
    appendNumber(length, into: &out)
    append("\r\n\r\n", into: &out)
  }

  private static func appendNumber(_ number: Int, into out: inout [UInt8]) {
    if number >= 10 { appendNumber(number / 10, into: &out) }
    out.append(UInt8(ascii: "0") + UInt8(number % 10))
  }

  private static func append(_ text: StaticString, into out: inout [UInt8]) {
    out.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
