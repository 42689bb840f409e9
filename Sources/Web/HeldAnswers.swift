import Net

/// Answers to requests that came together, on their way into one write. They wait for the next answer, but not for a
/// handler that waits for something else: then the loop has nothing more to do and sends what there is.
// Safe: used on the stream's loop only.
final class HeldAnswers: LoopErrand, @unchecked Sendable {
  private let stream: Net.Stream
  private var bytes: [UInt8] = []
  private(set) var count = 0
  private var isListed = false

  init(_ stream: Net.Stream) { self.stream = stream }

  var isEmpty: Bool { bytes.isEmpty }
  var isLarge: Bool { bytes.count >= ConnectionLimits.heldOctets }

  func add<Result>(_ serialize: (inout [UInt8]) -> Result) -> Result {
    let result = serialize(&bytes)
    count += 1
    if !isListed {
      isListed = true
      stream.loop.beforeWaiting(self)
    }
    return result
  }

  func take() -> [UInt8] {
    count = 0
    defer { bytes = [] }
    return bytes
  }

  /// Keeps the storage for the next answers.
  func giveBack(_ storage: [UInt8]) {
    guard bytes.isEmpty, storage.capacity <= 2 * ConnectionLimits.heldOctets else { return }
    bytes = storage
    bytes.removeAll(keepingCapacity: true)
  }

  func run() {
    isListed = false
    guard !bytes.isEmpty else { return }
    // What fails here, or does not fit, is the next write's to find out.
    let written = try? bytes.span.withUnsafeBytes { (buffer) throws(NetError) in try stream.writeNow(buffer) }
    guard let written, written > 0 else { return }
    if written == bytes.count { count = 0 }
    bytes.removeFirst(written)
  }
}
