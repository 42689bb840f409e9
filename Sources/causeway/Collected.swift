import Glibc
import Posix

/// Bytes that come in pieces, whole.
final class Collected: Sendable {
  private let parts = Lock<[UInt8]>([])

  var bytes: [UInt8] { parts.withLock { $0 } }

  func add(_ bytes: [UInt8]) { parts.withLock { $0 += bytes } }
}

/// Bytes that come in pieces, line by line.
final class Lines: Sendable {
  private let rest = Lock<[UInt8]>([])
  private let each: @Sendable ([UInt8]) -> Void

  init(_ each: @escaping @Sendable ([UInt8]) -> Void) { self.each = each }

  func add(_ bytes: [UInt8]) {
    let lines = rest.withLock { rest -> [[UInt8]] in
      rest += bytes
      guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
      let whole = rest[..<end].split(separator: UInt8(ascii: "\n")).map(Array.init)
      rest.removeFirst(end + 1)
      return whole
    }
    for line in lines { each(line) }
  }
}

enum Paths {
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
