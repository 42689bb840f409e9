import HTTP
import Net

extension Connection {
  /// The whole body of a request whose head was read.
  nonisolated(nonsending) mutating func readBody(_ head: RequestHead, _ limits: BodyLimits) async throws -> [UInt8] {
    guard head.hasBody else { return [] }
    guard head.coding == .identity else {
      throw HTTPError(.unsupportedMediaType, "The body comes in a coding that is not taken here.")
    }
    try head.checkLength(limit: limits.bytes)
    if case .length(let length) = head.framing {
      if input.count >= length { return input.take(length) }
      try await invite(head)
      return try await readBody(length: length)
    }
    try await invite(head)
    return try await readChunked(limit: limits.bytes)
  }

  /// `100 Continue`, where the client waits for it (RFC 9110 10.1.1); not where it already sends.
  private nonisolated(nonsending) func invite(_ head: RequestHead) async throws {
    guard head.expectsContinue, input.isEmpty else { return }
    try await stream.write(ResponseWriter.continue)
  }

  private nonisolated(nonsending) mutating func readBody(length: Int) async throws -> [UInt8] {
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
      if count == nil { try await wait(until: bodyDeadline(start, received: body.count)) }
    }
    return body
  }

  private nonisolated(nonsending) mutating func readChunked(limit: Int) async throws -> [UInt8] {
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
