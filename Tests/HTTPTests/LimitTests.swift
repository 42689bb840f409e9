import HTTP
import Testing

@Suite struct LimitTests {
  @Test(arguments: [
    (8_192, nil), (8_193, 414 as UInt16), (100_000, 414),
  ])
  func `a request line may have 8 KiB`(length: Int, status: UInt16?) {
    let target = "/" + String(repeating: "a", count: length - "GET / HTTP/1.1".utf8.count)
    check("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n", status)
  }

  @Test(arguments: [(99, nil), (100, 431 as UInt16)])
  func `a head may have a hundred fields`(others: Int, status: UInt16?) {
    check("GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: others) + "\r\n", status)
  }

  @Test(arguments: [(32 * 1024, nil), (32 * 1024 + 1, 431 as UInt16), (200_000, 431)])
  func `a head may have 32 KiB, line ends included`(size: Int, status: UInt16?) {
    let frame = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n"
    let value = String(repeating: "a", count: size - frame.utf8.count)
    check("GET / HTTP/1.1\r\nHost: a\r\nX: \(value)\r\n\r\n", status)
  }

  @Test func `a line that never ends is refused at its limit`() {
    check(String(repeating: "G", count: 9_000), 414)
    check("GET / HTTP/1.1\r\n" + String(repeating: "X", count: 40_000), 431)
  }

  @Test(arguments: [(1_048_576, nil), (1_048_577, 413 as UInt16)])
  func `a body may have as much as the limit says, whichever way it is framed`(size: Int, status: UInt16?) {
    let body = String(repeating: "x", count: size)
    let length = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n" + body
    #expect(Connection.read([Array(length.utf8)]).status == status)
    let first = String(repeating: "x", count: 4_096)
    let rest = String(repeating: "x", count: size - 4_096)
    let chunked =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n\(first)\r\n"
      + String(rest.utf8.count, radix: 16) + "\r\n\(rest)\r\n0\r\n\r\n"
    #expect(Connection.read([Array(chunked.utf8)]).status == status)
  }

  @Test func `small chunks are content, but a body cannot be all framing`() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    let small = head + String(repeating: "1\r\nx\r\n", count: 20_000) + "0\r\n\r\n"
    #expect(Connection.read([Array(small.utf8)]).messages.first?.body.count == 20_000)
    let framing = head + String(repeating: "0000000000000001\r\nx\r\n", count: 20_000) + "0\r\n\r\n"
    #expect(Connection.read([Array(framing.utf8)]).status == 400)
  }

  @Test func `the length that is asked for can be waived`() {
    var limits = HTTPLimits()
    limits.requiresLength = false
    let raw = Array("POST / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    #expect(Connection.read([raw], limits: limits).messages.count == 1)
  }

  private func check(_ raw: String, _ status: UInt16?) {
    let bytes = Array(raw.utf8)
    let cuts = bytes.count > 50_000 ? [[bytes]] : Cuts.all(bytes, seeds: 0..<2)
    for pieces in cuts { #expect(Connection.read(pieces).status == status) }
  }
}
