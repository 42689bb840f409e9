import Glibc
import Net
import Posix

/// A client that sends exactly the bytes it is given and shows exactly what comes back. It waits on a thread of its own:
/// a test that blocked its pool's thread would starve the others.
public final class RawClient {
  private let socket: FileDescriptor
  /// Read from the socket and not yet asked for.
  private var buffer: [UInt8] = []

  /// A response as it stood on the wire.
  public struct Answer: Hashable {
    public var status: Int
    public var head: [String]
    public var body: [UInt8]

    public var text: String { String(decoding: body, as: UTF8.self) }

    public func field(_ name: String) -> String? {
      for line in head.dropFirst() {
        guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name.lowercased() else { continue }
        return String(line[line.index(after: colon)...].drop { $0 == " " })
      }
      return nil
    }
  }

  /// `source`: the address of its own that it connects from. `beforeConnecting` is called when the socket exists.
  public init(
    _ address: SocketAddress, from source: SocketAddress? = nil, beforeConnecting: () -> Void = {}
  ) throws {
    let family: Int32
    switch address {
    case .v4: family = AF_INET
    case .v6: family = AF_INET6
    case .unix: family = AF_UNIX
    }
    socket = FileDescriptor(owning: Glibc.socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
    let number = socket.number
    // Far longer than any test takes: a test that would hang fails instead.
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var on: Int32 = 1
    setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    if let source, source.withKernelForm({ bind(number, $0, $1) }) != 0 { throw Errno.last }
    beforeConnecting()
    guard address.withKernelForm({ connect(number, $0, $1) }) == 0 else { throw Errno.last }
  }

  /// A small receive buffer makes the server's writes stop early; only what has not been received yet is affected.
  public func shrinkReceiveBuffer(to bytes: Int32) {
    var bytes = bytes
    setsockopt(socket.number, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
  }

  // MARK: Sending

  public func send(_ text: String) throws { try send(Array(text.utf8)) }

  public func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Errno.last }
      sent += count
    }
  }

  /// How many bytes of `bytes` the socket takes without waiting; 0 when it is full.
  public func sendNow(_ bytes: [UInt8]) -> Int {
    let count = Glibc.send(socket.number, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    return max(0, count)
  }

  /// Nothing more will be sent.
  public func endSending() { shutdown(socket.number, Int32(SHUT_WR)) }

  // MARK: Receiving

  /// How many segments with data have come: over the loopback interface, one for each of the server's writes.
  public var segments: Int {
    // `tcpi_data_segs_in` of linux/tcp.h, which the C library's header does not have.
    let place = 152
    var info = [UInt8](repeating: 0, count: place + 4)
    var length = socklen_t(info.count)
    guard getsockopt(socket.number, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0, length == info.count else {
      return 0
    }
    return info[place...].withUnsafeBytes { Int($0.loadUnaligned(as: UInt32.self)) }
  }

  /// False at the end.
  private func receive() async throws -> Bool {
    let number = socket.number
    let result: Result<[UInt8], Errno> = try await BlockingThread.run(name: "client") {
      var block = [UInt8](repeating: 0, count: 65_536)
      let count = recv(number, &block, block.count, 0)
      return count < 0 ? .failure(.last) : .success(Array(block[..<count]))
    }
    let bytes = try result.get()
    buffer.append(contentsOf: bytes)
    return !bytes.isEmpty
  }

  /// What has come, at least one byte; empty at the end.
  public func readSome() async throws -> [UInt8] {
    if buffer.isEmpty { _ = try await receive() }
    defer { buffer = [] }
    return buffer
  }

  /// Everything until the server closes.
  public func readToEnd() async throws -> [UInt8] {
    while try await receive() {}
    defer { buffer = [] }
    return buffer
  }

  /// True where the server closes and has sent nothing more; a reset counts.
  public func isClosedByServer() async -> Bool {
    do { return try await readToEnd().isEmpty } catch { return error as? Errno == .connectionReset }
  }

  /// Exactly so many bytes.
  public func read(_ count: Int) async throws -> [UInt8] {
    while buffer.count < count { guard try await receive() else { throw Errno.connectionReset } }
    defer { buffer.removeFirst(count) }
    return Array(buffer[..<count])
  }

  /// The bytes up to and with the next CR LF, without them.
  public func readLine() async throws -> String {
    while true {
      if let end = zip(buffer.indices, buffer.indices.dropFirst()).first(where: { pair in
        buffer[pair.0] == 13 && buffer[pair.1] == 10
      }) {
        defer { buffer.removeFirst(end.1 + 1) }
        return String(decoding: buffer[..<end.0], as: UTF8.self)
      }
      guard try await receive() else { throw Errno.connectionReset }
    }
  }

  /// One response. `bodyless`: it answers a HEAD request. Without a length and without chunks the body ends where the
  /// connection does.
  public func readAnswer(bodyless: Bool = false) async throws -> Answer {
    var head = [try await readLine()]
    while let line = Optional(try await readLine()), !line.isEmpty { head.append(line) }
    let status = head[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    var answer = Answer(status: status, head: head, body: [])
    if bodyless || status < 200 || status == 204 || status == 304 { return answer }
    if answer.field("Transfer-Encoding") == "chunked" {
      while let size = Int(try await readLine(), radix: 16), size > 0 {
        answer.body += try await read(size + 2).dropLast(2)
      }
      _ = try await readLine()
    } else if let length = answer.field("Content-Length").flatMap({ Int($0) }) {
      answer.body = try await read(length)
    } else {
      answer.body = try await readToEnd()
    }
    return answer
  }
}
