/// Bytes that were read and not yet used: the part of a head or a body that has come, or the requests behind it.
struct InputBuffer {
  private var bytes: [UInt8]
  private var start = 0

  init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  var count: Int { bytes.count - start }
  var isEmpty: Bool { start == bytes.count }

  mutating func append(_ more: UnsafeRawBufferPointer) {
    guard !more.isEmpty else { return }
    if start > 0 {
      bytes.removeFirst(start)
      start = 0
    }
    bytes.append(contentsOf: more)
  }

  mutating func drop(_ count: Int) {
    start += count
    if start == bytes.count {
      bytes.removeAll(keepingCapacity: true)
      start = 0
    }
  }

  /// Lends what is there.
  @inline(__always)
  func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try bytes.span.withUnsafeBytes { (buffer) throws(Failure) in
      try body(UnsafeRawBufferPointer(rebasing: buffer[start...]))
    }
  }

  /// Takes everything out, in an array that is no larger than it has to be.
  mutating func takeAll() -> [UInt8] {
    defer {
      bytes = []
      start = 0
    }
    return Array(bytes[start...])
  }

  /// Takes the first bytes out.
  mutating func take(_ count: Int) -> [UInt8] {
    if start == 0, count == bytes.count {
      let all = bytes
      bytes = []
      return all
    }
    let taken = Array(bytes[start..<(start + count)])
    drop(count)
    return taken
  }
}
