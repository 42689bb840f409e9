import HTTP

/// What a server does with the octets of one connection, without the server: heads and bodies one behind the other.
struct Connection {
  struct Message: Equatable {
    let head: RequestHead
    let body: [UInt8]
  }

  struct Reading: Equatable {
    var messages: [Message] = []
    /// What ended it; nil where the octets ended first.
    var status: UInt16?
    /// Whether the octets ended between two messages.
    var isBetweenMessages = true
  }

  private enum State {
    case head(RequestHeadParser)
    case length(RequestHead, Int)
    case chunked(RequestHead, ChunkedReader)
    case closed
  }

  private let limits: HTTPLimits
  private var buffer: [UInt8] = []
  private var body: [UInt8] = []
  private var state: State
  private var reading = Reading()

  private init(_ limits: HTTPLimits) {
    self.limits = limits
    state = .head(RequestHeadParser(limits: limits))
  }

  static func read(_ pieces: [[UInt8]], limits: HTTPLimits = .default) -> Reading {
    var connection = Connection(limits)
    do throws(HTTPError) {
      for piece in pieces {
        connection.buffer += piece
        while try connection.step() {}
      }
    } catch {
      connection.reading.status = error.status.rawValue
    }
    switch connection.state {
    case .head(let parser): connection.reading.isBetweenMessages = !parser.hasBegun && connection.buffer.isEmpty
    case .closed: connection.reading.isBetweenMessages = true
    case .length, .chunked: connection.reading.isBetweenMessages = false
    }
    return connection.reading
  }

  /// True where there may be more to do.
  private mutating func step() throws(HTTPError) -> Bool {
    switch state {
    case .closed: return false
    case .head(var parser):
      let outcome = try parser.parse(buffer.span.bytes)
      guard case .complete(let head, let consumed) = outcome else {
        state = .head(parser)
        return false
      }
      try head.checkLength(limit: limits.body)
      buffer.removeFirst(consumed)
      begin(head)
      return true
    case .length(let head, let length):
      guard buffer.count >= length else { return false }
      body = Array(buffer.prefix(length))
      buffer.removeFirst(length)
      finish(head)
      return !buffer.isEmpty
    case .chunked(let head, var reader):
      var content = body
      let consumed = try reader.read(buffer.span.bytes, into: &content)
      body = content
      buffer.removeFirst(consumed)
      state = .chunked(head, reader)
      guard reader.isDone else { return false }
      finish(head)
      return !buffer.isEmpty
    }
  }

  private mutating func begin(_ head: RequestHead) {
    switch head.framing {
    case .none: state = .length(head, 0)
    case .length(let length): state = .length(head, length)
    case .chunked: state = .chunked(head, ChunkedReader(bodyLimit: limits.body, limits: limits))
    }
  }

  private mutating func finish(_ head: RequestHead) {
    reading.messages.append(Message(head: head, body: body))
    body = []
    state = head.isKeepAlive ? .head(RequestHeadParser(limits: limits)) : .closed
  }
}

/// The ways in which a stream is cut: whole, octet by octet, and in pieces of seeded random lengths.
enum Cuts {
  static func all(_ bytes: [UInt8], seeds: Range<UInt64> = 0..<8) -> [[[UInt8]]] {
    [[bytes], bytes.map { [$0] }] + seeds.map { random(bytes, seed: $0) }
  }

  private static func random(_ bytes: [UInt8], seed: UInt64) -> [[UInt8]] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1
    var pieces: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      // xorshift64: enough to choose lengths, the same in every run.
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      let piece = rest.prefix(1 + Int(state % 17))
      pieces.append(Array(piece))
      rest = rest.dropFirst(piece.count)
    }
    return pieces
  }
}
