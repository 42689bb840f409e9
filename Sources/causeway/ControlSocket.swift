import Formats
import Glibc
import HTTP
import Net
import Posix

/// The admin API of a running process, through the socket in its data folder: one connection a request, HTTP/1.1.
///
/// It blocks: a command has nothing else to do meanwhile.
struct ControlSocket: AdminAPI {
  private let path: String

  /// Nil where nobody listens there.
  init?(path: String) {
    guard Paths.exists(path), (try? Self.connect(path)) != nil else { return nil }
    self.path = path
  }

  private static func connect(_ path: String) throws(Errno) -> FileDescriptor {
    // A longer path is none that bind(2) takes either.
    guard let address = SocketAddress("unix:\(path)") else { throw .noSuchFile }
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw Errno.last }
    let descriptor = FileDescriptor(owning: number)
    guard address.withKernelForm({ Glibc.connect(number, $0, $1) }) == 0 else { throw Errno.last }
    return descriptor
  }

  func close() async {}

  func send(
    _ method: Method, _ path: String, query: Query, body: [UInt8], _ take: @escaping @Sendable ([UInt8]) -> Void
  ) async throws -> (status: Status, problem: [UInt8]) {
    let target = query.items.isEmpty ? path : "\(path)?\(query.text)"
    var head = "\(method.rawValue) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    if method.takesBody { head += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n" }
    do throws(Errno) {
      let socket = try Self.connect(self.path)
      try Self.write(Array((head + "\r\n").utf8) + body, to: socket)
      var answer = ControlAnswer(take: take)
      var chunk = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = try Self.read(socket, into: &chunk)
        if count == 0 { break }
        try answer.add(chunk[..<count])
      }
      guard let whole = answer.whole else { throw Errno.connectionReset }
      return whole
    } catch {
      throw Failed("\(self.path): \(error)")
    }
  }

  private static func read(_ socket: borrowing FileDescriptor, into chunk: inout [UInt8]) throws(Errno) -> Int {
    let count = chunk.withUnsafeMutableBytes { recv(socket.number, $0.baseAddress, $0.count, 0) }
    guard count >= 0 else { throw Errno.last }
    return count
  }

  private static func write(_ bytes: [UInt8], to socket: borrowing FileDescriptor) throws(Errno) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Errno.last }
      sent += count
    }
  }
}

/// An answer of our own server: a head, then a body with a length, or in chunks.
struct ControlAnswer {
  private let take: ([UInt8]) -> Void
  private var head: [UInt8] = []
  private var status: Status?
  private var chunks: ChunkedReader?
  /// Octets of the body that are still to come, where it has a length.
  private var left = 0
  private var problem: [UInt8] = []

  init(take: @escaping ([UInt8]) -> Void) { self.take = take }

  /// Nil unless all of it came: a part must not pass for the whole.
  var whole: (status: Status, problem: [UInt8])? {
    guard let status, left == 0, chunks?.isDone ?? true else { return nil }
    return (status, problem)
  }

  mutating func add(_ bytes: ArraySlice<UInt8>) throws(Errno) {
    guard status == nil else { return try add(body: bytes) }
    let before = head.count
    head += bytes
    let end = Array("\r\n\r\n".utf8)
    let from = max(0, before - 3)
    guard head.count >= 4, let at = (from...(head.count - 4)).first(where: { head[$0..<($0 + 4)].elementsEqual(end) })
    else {
      guard head.count < 65_536 else { throw Errno(rawValue: EPROTO) }
      return
    }
    let body = head[(at + 4)...]
    try read(head: String(decoding: head[..<at], as: UTF8.self))
    try add(body: body)
  }

  private mutating func read(head text: String) throws(Errno) {
    let lines = text.split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count >= 2, words[0] == "HTTP/1.1", let code = Digits.int(String(words[1]), max: 599) else {
      throw Errno(rawValue: EPROTO)
    }
    status = Status(rawValue: UInt16(code))
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      switch line[..<colon].lowercased() {
      case "content-length": left = Int(Digits.int(String(value)) ?? 0)
      case "transfer-encoding": chunks = ChunkedReader(bodyLimit: .max)
      default: break
      }
    }
  }

  private mutating func add(body bytes: ArraySlice<UInt8>) throws(Errno) {
    var content: [UInt8] = []
    if chunks != nil {
      let result = Array(bytes).withUnsafeBytes { raw -> Bool in
        do throws(HTTPError) { return try chunks?.read(raw, into: &content) == raw.count } catch { return false }
      }
      guard result else { throw Errno(rawValue: EPROTO) }
    } else {
      content = Array(bytes.prefix(left))
      left -= content.count
    }
    if content.isEmpty { return }
    if status?.isSuccess == true { take(content) } else { problem += content }
  }
}
