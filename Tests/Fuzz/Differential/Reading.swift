import HTTP

/// What is read of one stream: its messages up to the first that is refused, or has not come.
struct Reading {
  struct Message {
    let head: RequestHead
    /// Where its head ends in the stream.
    let bodyStart: Int
    var body: [UInt8] = []
    /// Whether its body has come; only the last one may lack some.
    var isComplete = false
    /// Where it ends in the stream, or the stream does.
    var end: Int
  }

  private(set) var messages: [Message] = []

  init(of stream: [UInt8]) {
    // That a length is asked for is said elsewhere; without it there is more to compare.
    var limits = HTTPLimits()
    limits.requiresLength = false
    stream.withUnsafeBytes { bytes in
      var start = 0
      while start < bytes.count {
        var parser = RequestHeadParser(limits: limits)
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        guard case .complete(let head, let consumed)? = try? parser.parse(rest),
          let message = Self.body(
            of: head, UnsafeRawBufferPointer(rebasing: rest[consumed...]), limits, start + consumed)
        else { return }
        messages.append(message)
        guard message.isComplete, head.isKeepAlive else { return }
        start = message.end
      }
    }
  }

  /// Nil where the body is refused: then nobody is handed the message.
  private static func body(of head: RequestHead, _ rest: UnsafeRawBufferPointer, _ limits: HTTPLimits, _ start: Int)
    -> Message?
  {
    var message = Message(head: head, bodyStart: start, end: start)
    switch head.framing {
    case .none: message.isComplete = true
    case .length(let length):
      let count = min(length, rest.count)
      message.body = Array(rest[..<count])
      message.isComplete = count == length
      message.end = start + count
    case .chunked:
      var reader = ChunkedReader(bodyLimit: limits.body, limits: limits)
      guard let count = try? reader.read(rest, into: &message.body) else { return nil }
      message.isComplete = reader.isDone
      message.end = start + count
    }
    return message
  }
}
