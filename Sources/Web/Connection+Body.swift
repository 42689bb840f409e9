import HTTP
import Net

/// A body that is there.
struct ReceivedBody {
  var content: [UInt8] = []
  /// What came, where it was compressed.
  var sent: [UInt8]?
}

extension Connection {
  /// The whole body of a request whose head was read.
  nonisolated(nonsending) mutating func readBody(_ head: RequestHead, _ limits: BodyLimits) async throws -> ReceivedBody
  {
    guard head.hasBody else { return ReceivedBody() }
    let inflation = try inflation(head.coding, limits)
    try head.checkLength(limit: limits.bytes)
    let sent = try await readOctets(head, limits, inflation)
    guard let inflation else { return ReceivedBody(content: sent) }
    try unpack(sent, inflation)
    return ReceivedBody(content: try inflation.finish(), sent: sent)
  }

  /// nil for a body that is not compressed.
  private func inflation(_ coding: ContentCoding, _ body: BodyLimits) throws(HTTPError) -> Inflation? {
    if coding == .identity { return nil }
    guard coding == .gzip, body.gzip else {
      throw HTTPError(.unsupportedMediaType, "The body comes in a content coding that is not taken here.")
    }
    return try Inflation(bytes: body.bytes, limits)
  }

  /// Unpacks what is new of a body; what it becomes takes room too.
  private mutating func unpack(_ body: [UInt8], _ inflation: Inflation?) throws(HTTPError) {
    guard let inflation else { return }
    let before = inflation.count
    try inflation.take(body)
    try reserve(inflation.count - before)
  }

  private nonisolated(nonsending) mutating func readOctets(
    _ head: RequestHead, _ limits: BodyLimits, _ inflation: Inflation?
  ) async throws -> [UInt8] {
    guard case .length(let length) = head.framing else {
      try reserve(input.count)
      try await invite(head)
      return try await readChunked(limit: limits.bytes, inflation)
    }
    // Where there is no room it is refused before it is invited and read; afterwards what comes is counted as it comes,
    // since a length is only a claim.
    try reserve(min(length, input.count))
    if input.count >= length { return input.take(length) }
    try await invite(head)
    return try await readBody(length: length, inflation)
  }

  /// `100 Continue`, where the client waits for it (RFC 9110 10.1.1); not where it already sends.
  private nonisolated(nonsending) func invite(_ head: RequestHead) async throws {
    guard head.expectsContinue, input.isEmpty else { return }
    try await flush()
    try await stream.write(ResponseWriter.continue)
  }

  private nonisolated(nonsending) mutating func readBody(length: Int, _ inflation: Inflation?) async throws -> [UInt8] {
    var body = input.take(input.count)
    body.reserveCapacity(min(length, ConnectionLimits.bodyReservation))
    let start = stream.loop.now
    while body.count < length {
      let count = try stream.readNow { (bytes) throws(NetError) -> Int in
        let mine = min(bytes.count, length - body.count)
        body.append(contentsOf: bytes[..<mine])
        input.append(UnsafeRawBufferPointer(rebasing: bytes[mine...]))
        return bytes.count
      }
      if count == 0 { throw NetError.closed }
      if let count { try reserve(count) }
      try unpack(body, inflation)
      if count == nil { try await wait(until: bodyDeadline(start, received: body.count)) }
    }
    return body
  }

  private nonisolated(nonsending) mutating func readChunked(limit: Int, _ inflation: Inflation?) async throws -> [UInt8]
  {
    var reader = ChunkedReader(bodyLimit: limit, limits: limits)
    var body: [UInt8] = []
    let start = stream.loop.now
    var received = input.count
    let used = try input.withBytes { (bytes) throws(HTTPError) in try reader.read(bytes, into: &body) }
    input.drop(used)
    while !reader.isDone {
      var failure: HTTPError?
      let count = try stream.readNow { (bytes) throws(NetError) -> Int in
        do throws(HTTPError) {
          let used = try reader.read(bytes, into: &body)
          input.append(UnsafeRawBufferPointer(rebasing: bytes[used...]))
        } catch {
          failure = error
        }
        return bytes.count
      }
      if let failure { throw failure }
      if count == 0 { throw NetError.closed }
      if let count { try reserve(count) }
      try unpack(body, inflation)
      received += count ?? 0
      if count == nil { try await wait(until: bodyDeadline(start, received: received)) }
    }
    return body
  }

  /// A grace, and the time that what came would have taken at the lowest rate: so the average must keep above it.
  private func bodyDeadline(_ start: Int64, received: Int) -> Int64 {
    start + limits.bodyDeadline.nanoseconds + Int64(received) * 1_000_000_000 / Int64(max(1, limits.bodyRate))
  }
}
