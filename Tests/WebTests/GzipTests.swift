import CZlib
import HTTP
import Support
import Testing
import Web

struct GzipTests {
  private struct Unpacked: Handler {
    var bytes = 1 << 20

    func admit(_ head: RequestHead, from peer: Peer) -> Admission { .take(BodyLimits(bytes: bytes, gzip: true)) }

    func respond(to request: Request) async -> Response {
      .text("\(request.body.count) \(request.sent?.count ?? -1) \(checksum(request.body))")
    }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt { crc32(0, bytes, UInt32(bytes.count)) }

  /// What a sender would make of it, at the best compression.
  private func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
      &stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var packed = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    var bytes = bytes
    return bytes.withUnsafeMutableBufferPointer { input in
      packed.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        deflate(&stream, Z_FINISH)
        return Array(output[..<Int(stream.total_out)])
      }
    }
  }

  private func request(_ body: [UInt8], chunked: Bool = false) -> [UInt8] {
    let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\n"
    guard chunked else { return Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body }
    var raw = Array("\(head)Transfer-Encoding: chunked\r\n\r\n".utf8)
    for start in stride(from: 0, to: body.count, by: 1_000) {
      ResponseWriter.chunk(Array(body[start..<min(body.count, start + 1_000)]), into: &raw)
    }
    return raw + ResponseWriter.lastChunk
  }

  /// Numbers, which compress to about a third; and one value a thousand times over in between.
  private func text(_ count: Int) -> [UInt8] {
    Array((0..<count).map { "\($0 &* 2_654_435_761 % 1_000_003)," + ($0 % 100 == 0 ? "same" : "") }.joined().utf8)
  }

  @Test(arguments: Split.all, [false, true])
  func `a compressed body arrives unpacked, however it is cut`(split: Split, chunked: Bool) async throws {
    let fixture = try ServerFixture(handler: Unpacked())
    let client = try fixture.connect()
    let body = text(2_000)
    let packed = gzip(body)
    for _ in 0..<2 {
      for piece in split.pieces(of: request(packed, chunked: chunked)) { try client.send(piece) }
      #expect(try await client.readAnswer().text == "\(body.count) \(packed.count) \(Self.checksum(body))")
    }
    await fixture.end()
  }

  @Test func `what it becomes is limited, not only what comes`() async throws {
    let fixture = try ServerFixture(handler: Unpacked(bytes: 10_000))
    for (count, status) in [(10_000, 200), (10_001, 413), (1_000_000, 413)] {
      let client = try fixture.connect()
      try client.send(request(gzip([UInt8](repeating: 120, count: count))))
      #expect(try await client.readAnswer().status == status, "\(count)")
    }
    await fixture.end()
  }

  @Test func `it may become a hundred times what came, and no more`() async throws {
    let fixture = try ServerFixture(handler: Unpacked(bytes: 16 << 20))
    // zlib packs one octet at most 1,030 times as tight, and numbers hardly: together they are as tight as one likes.
    func mixed(_ same: Int) -> [UInt8] { gzip(text(1_000) + [UInt8](repeating: 120, count: same)) }
    let numbers = gzip(text(1_000)).count
    for (same, status) in [(60_000, 200), (numbers * 80, 200), (numbers * 130, 413), (15 << 20, 413)] {
      let client = try fixture.connect()
      try client.send(request(mixed(same)))
      #expect(try await client.readAnswer().status == status, "\(same)")
    }
    await fixture.end()
  }

  @Test func `a body of nothing, packed, is a body of nothing`() async throws {
    let fixture = try ServerFixture(handler: Unpacked())
    let client = try fixture.connect()
    try client.send(request(gzip([])))
    #expect(try await client.readAnswer().text == "0 20 0")
    await fixture.end()
  }

  @Test func `every octet of it counts`() async throws {
    let fixture = try ServerFixture(handler: Unpacked())
    let packed = gzip(Array("a small body, a small body".utf8))
    // Of the head, a hint, the time and the sender's system say nothing of the content.
    for place in packed.indices where !(3..<10).contains(place) {
      var damaged = packed
      damaged[place] ^= 1
      let client = try fixture.connect()
      try client.send(request(damaged))
      client.endSending()
      // Where the damage asks for more than there is, the end of the body is too early.
      #expect(try await client.readAnswer().status == 400, "\(place)")
    }
    await fixture.end()
  }
}
