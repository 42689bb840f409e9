import Glibc
import Posix

/// A server that answers as a test tells it, byte by byte if need be, and counts the requests that it saw whole.
final class RawServer: Sendable {
  /// What to do with a request: answer with this text; nil: close without a word; hold: say nothing, keep it open.
  enum Move: Sendable { case answer(String), close, hold }

  let port: UInt16
  private let listener: Int32
  private let shared: Shared

  var url: String { "http://127.0.0.1:\(port)" }

  /// `move` is asked with the number of the request, from 1.
  init(_ move: @escaping @Sendable (Int) -> Move) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        Glibc.bind(listener, raw, size) == 0 && Glibc.listen(listener, 64) == 0
          && getsockname(listener, raw, &size) == 0
      }
    }
    guard code else { throw Errno(rawValue: errno) }
    port = UInt16(bigEndian: address.sin_port)
    let shared = Shared(move: move)
    self.shared = shared
    try BlockingThread(name: "raw-server") { [listener] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        guard let thread = try? BlockingThread(name: "raw-peer", { shared.serve(connection) }) else { return }
        thread.detach()
      }
    }.detach()
  }

  /// Requests that were read whole.
  var count: Int { shared.count.withLock { $0 } }

  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private final class Shared: Sendable {
    let count = Lock(0)
    let move: @Sendable (Int) -> Move

    init(move: @escaping @Sendable (Int) -> Move) { self.move = move }

    func serve(_ connection: Int32) {
      defer { Glibc.close(connection) }
      while readRequest(connection) {
        let number = count.withLock { count in
          count += 1
          return count
        }
        switch move(number) {
        case .answer(let text):
          _ = text.withCString { Glibc.send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
          if text.contains("Connection: close") { return }
        case .close: return
        case .hold:
          var byte: UInt8 = 0
          _ = recv(connection, &byte, 1, 0)
          return
        }
      }
    }

    /// A head, and as many bytes as its Content-Length says.
    private func readRequest(_ connection: Int32) -> Bool {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let text = String(decoding: bytes, as: UTF8.self)
        if let end = text.firstRange(of: "\r\n\r\n") {
          let head = text[..<end.lowerBound].lowercased()
          let digits = head.firstRange(of: "content-length: ").map { head[$0.upperBound...].prefix { $0.isNumber } }
          let wanted = digits.flatMap { Int(String($0)) } ?? 0
          if text[end.upperBound...].utf8.count >= wanted { return true }
        }
        let count = recv(connection, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        bytes += buffer[..<count]
      }
    }
  }
}
