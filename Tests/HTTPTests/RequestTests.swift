import HTTP
import Support
import Testing

@Suite struct RequestTests {
  @Test(arguments: try RequestCorpus.all().filter { !$0.isOfServer })
  func `every request of the corpus is read as it says, however it is cut`(sample: RequestCase) {
    let whole = Connection.read([sample.raw])
    #expect(whole.status.map(Int.init) == sample.answers.map(\.status).first { $0 >= 300 })
    #expect(whole.messages.count == sample.answers.count { $0.status < 300 })
    if sample.isAccepted, sample.end != .cut { #expect(whole.isBetweenMessages) }
    for pieces in Cuts.all(sample.raw) { #expect(Connection.read(pieces) == whole) }
  }

  /// Nothing of a head may be taken for the whole of it, and no cut may be an error before its cause has come.
  @Test func `a request that breaks off anywhere is incomplete, not wrong`() throws {
    for sample in try small() {
      let whole = Connection.read([sample.raw])
      for count in 1..<sample.raw.count {
        let reading = Connection.read([Array(sample.raw.prefix(count))])
        #expect(reading.status == nil, "\(sample.title), \(count) octets")
        #expect(whole.messages.starts(with: reading.messages), "\(sample.title), \(count) octets")
        #expect(whole.messages.count > 1 || reading.messages.isEmpty, "\(sample.title), \(count) octets")
      }
    }
  }

  @Test func `a control anywhere in a long line is noticed`() {
    let head = "GET / HTTP/1.1\r\nHost: a\r\nX: "
    for control in (0...31).filter({ $0 != 9 }) + [127] {
      for place in 0..<40 {
        var value = [UInt8](repeating: 0xE9, count: 40)
        value[place] = UInt8(control)
        let raw = Array(head.utf8) + value + Array("b\r\n\r\n".utf8)
        #expect(Connection.read([raw]).status == 400, "\(control) at \(place)")
      }
    }
  }

  @Test func `requests one behind the other are read in their order`() throws {
    let raw = try small().flatMap(\.raw)
    let count = try small().reduce(0) { $0 + $1.answers.count }
    for pieces in Cuts.all(raw) {
      let reading = Connection.read(pieces)
      #expect(reading.status == nil)
      #expect(reading.messages.count == count)
      #expect(reading.isBetweenMessages)
    }
  }

  /// What is accepted, keeps its connection and is not there for its length.
  private func small() throws -> [RequestCase] {
    try RequestCorpus.all().filter { $0.isAccepted && $0.end == .open && !$0.isOfServer && $0.raw.count < 1_000 }
  }

  @Test func `a head says what came`() throws {
    let head = try #require(
      read(
        "PATCH /a%20b/%C3%A9?x=%31&y HTTP/1.1\r\nHost: Example.org:8080\r\nX-A:  one \r\nx-a: two\r\n"
          + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\nabc"))
    #expect(head.method == .patch)
    #expect(head.version == .http11)
    #expect(head.target == "/a%20b/%C3%A9?x=%31&y")
    #expect(head.path == "/a b/é")
    #expect(head.query == "x=%31&y")
    #expect(head.framing == .length(3))
    #expect(head.contentLength == 3)
    #expect(head.isKeepAlive)
    #expect(head.expectsContinue)
    #expect(head.fields["HOST"] == "Example.org:8080")
    #expect(head.fields.values("X-a") == ["one", "two"])
    #expect(head.fields["x-b"] == nil)
    #expect(head.fields.map(\.name) == ["Host", "X-A", "x-a", "Content-Length", "Expect"])
  }

  @Test func `the absolute form is reduced to its path`() {
    #expect(read("GET http://a:80/b?c HTTP/1.1\r\nHost: A:80\r\n\r\n")?.path == "/b")
    #expect(read("GET https://a HTTP/1.1\r\nHost: a\r\n\r\n")?.path == "/")
    #expect(read("GET http://a?b HTTP/1.1\r\nHost: a\r\n\r\n")?.query == "b")
    #expect(read("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")?.path == "*")
  }

  @Test(arguments: [
    ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: keep-alive\r\n", true),
    ("1.1", "Connection: x, ,Close\r\n", false), ("1.0", "", false), ("1.0", "Connection: Keep-Alive\r\n", true),
    ("1.0", "Connection: keep-alive, close\r\n", false), ("1.1", "Connection: x\r\nConnection: close\r\n", false),
  ])
  func `a connection stays as its version and its options say`(version: String, fields: String, stays: Bool) {
    #expect(read("GET / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n")?.isKeepAlive == stays)
  }

  @Test func `nobody waits for a 100 where there is no body or no HTTP 1_1`() {
    #expect(read("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n")?.expectsContinue == false)
    let old = read("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
    #expect(old?.expectsContinue == false)
  }

  @Test func `bodies are delivered as they were sent`() {
    let all = (0...255).map { UInt8($0) }
    let length = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 256\r\n\r\n".utf8) + all
    var chunked = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n80;x=\"\\y\"\r\n".utf8)
    chunked += all[..<128]
    chunked += Array("\r\n7f\r\n".utf8)
    chunked += all[128..<255]
    chunked += Array("\r\n1\r\n".utf8)
    chunked += all[255...]
    chunked += Array("\r\n0\r\n\r\n".utf8)
    for raw in [length, chunked] {
      for pieces in Cuts.all(raw + raw) {
        #expect(Connection.read(pieces).messages.map(\.body) == [all, all])
      }
    }
  }

  private func read(_ raw: String) -> RequestHead? {
    var parser = RequestHeadParser()
    guard case .complete(let head, _) = try? parser.parse(Array(raw.utf8).span.bytes) else { return nil }
    return head
  }
}
