import HTTP
import Testing

@Suite struct ResponseTests {
  static let date = HTTPDate.format(secondsSince1970: 784_111_777)
  static let dateLine = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

  @Test func `a response is its head, its length and its body`() {
    let written = write(.text("hi"), to: request())
    #expect(
      written.text == "HTTP/1.1 200 OK\r\n\(Self.dateLine)Content-Type: text/plain; charset=utf-8\r\n"
        + "Content-Length: 2\r\n\r\nhi")
    #expect(!written.closes)
  }

  @Test func `HEAD gets the head that GET gets, and no body`() {
    let get = write(.text("hi"), to: request()).text
    #expect(write(.text("hi"), to: request("HEAD")).text == String(get.dropLast(2)))
  }

  @Test func `204 and 304 have neither body nor length`() {
    for status in [Status.noContent, .notModified] {
      let written = write(Response(status, body: .bytes([1, 2])), to: request())
      #expect(written.text.hasSuffix(Self.dateLine + "\r\n"))
    }
    #expect(write(Response(.accepted), to: request()).text.hasSuffix("Content-Length: 0\r\n\r\n"))
  }

  @Test func `a connection closes where asked, where the request says so and where it could not be read`() {
    let close = "Connection: close\r\n"
    #expect(write(.text(""), to: request(), close: true).text.contains(close))
    #expect(write(.text(""), to: request(fields: close)).text.contains(close))
    #expect(write(.text(""), to: nil).text.contains(close))
    #expect(write(.text(""), to: nil).closes)
    #expect(write(.text(""), to: request(version: "1.0")).closes)
    let kept = write(.text(""), to: request(version: "1.0", fields: "Connection: keep-alive\r\n"))
    #expect(kept.text.contains("Connection: keep-alive\r\n"))
    #expect(!kept.closes)
  }

  @Test func `framing and date are the writer's own`() {
    let response = Response(
      .ok, fields: ["content-length": "7", "Transfer-Encoding": "chunked", "DATE": "x", "Connection": "y", "X": "z"])
    #expect(
      write(response, to: request()).text == "HTTP/1.1 200 OK\r\n\(Self.dateLine)X: z\r\nContent-Length: 0\r\n\r\n")
  }

  @Test(arguments: [
    ("X", "a\r\nSet-Cookie: b"), ("X", "a\nb"), ("X", "a\rb"), ("X", "a\0"), ("X", " a"), ("X", "a "), ("X Y", "a"),
    ("X:", "a"), ("", "a"), ("X\r\nY", "a"), ("É", "a"),
  ])
  func `a field that would not read back as itself never goes out`(name: String, value: String) {
    #expect(!Fields.isValid(name: name, value: value))
    let written = write(Response(.ok, fields: [name: value]), to: request())
    #expect(written.text.hasPrefix("HTTP/1.1 500 Internal Server Error\r\n\(Self.dateLine)Content-Type: application/"))
    #expect(!written.text.contains("Set-Cookie"))
  }

  @Test func `a stream is chunked for HTTP 1_1 and ends with the connection for HTTP 1_0`() {
    let response = Response(.ok, body: .stream { _ in })
    let chunked = write(response, to: request())
    #expect(chunked.text.hasSuffix("Transfer-Encoding: chunked\r\n\r\n"))
    #expect(chunked.streams == true)
    #expect(!chunked.closes)
    let old = write(response, to: request(version: "1.0", fields: "Connection: keep-alive\r\n"))
    #expect(old.text.hasSuffix("Connection: close\r\n\r\n"))
    #expect(old.streams == false)
    #expect(old.closes)
    #expect(write(response, to: request("HEAD")).streams == nil)
  }

  @Test func `chunks that are written are chunks that are read`() throws {
    var raw: [UInt8] = []
    let content = (0..<40).map { [UInt8](repeating: UInt8($0), count: $0) }
    for bytes in content { ResponseWriter.chunk(bytes, into: &raw) }
    raw += ResponseWriter.lastChunk
    var body: [UInt8] = []
    var reader = ChunkedReader(bodyLimit: 10_000)
    #expect(try reader.read((raw + [1]).span.bytes, into: &body) == raw.count)
    #expect(reader.isDone)
    #expect(body == content.flatMap { $0 })
  }

  @Test func `a problem is JSON whatever its words are`() {
    guard case .bytes(let bytes) = Response.problem(.badRequest, title: "a\"\\\n\u{1}é", detail: "b").body else {
      Issue.record("no body")
      return
    }
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == #"{"type":"about:blank","title":"a\"\\\u000a\u0001é","status":400,"detail":"b"}"#)
  }

  @Test(arguments: [
    (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
    (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
    (1_795_478_400, "Tue, 24 Nov 2026 00:00:00 GMT"), (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
  ])
  func `dates are written as RFC 9110 wants them`(seconds: Int64, expected: String) {
    #expect(String(decoding: HTTPDate.format(secondsSince1970: seconds), as: UTF8.self) == expected)
  }

  private func request(_ method: String = "GET", version: String = "1.1", fields: String = "") -> RequestHead? {
    var parser = RequestHeadParser()
    let raw = Array("\(method) / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n".utf8)
    guard case .complete(let head, _) = try? parser.parse(raw.span.bytes) else { return nil }
    return head
  }

  /// `streams`: whether chunked; nil where there is no stream to run.
  private func write(_ response: Response, to head: RequestHead?, close: Bool = false)
    -> (text: String, closes: Bool, streams: Bool?)
  {
    var out: [UInt8] = []
    let rest = ResponseWriter.serialize(response, to: head, date: Self.date, close: close, into: &out)
    let text = String(decoding: out, as: UTF8.self)
    switch rest {
    case .finished(let close): return (text, close, nil)
    case .stream(_, let chunked, let close): return (text, close, chunked)
    }
  }
}
