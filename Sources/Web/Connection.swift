import HTTP
import Net

/// One connection, from its first bytes until it is closed or idle again: linear code that never leaves its loop.
struct Connection {
  let stream: Net.Stream
  let server: Server
  let part: LoopPart
  /// Who sends the bytes.
  let speaker: Peer
  /// The speaker is a listed proxy: what its requests say of their clients counts.
  let isForwarded: Bool
  /// What every answer says, as it stands in a head.
  let standing: [UInt8]
  var input: InputBuffer
  var held: HeldAnswers?
  /// What the request in hand has of its loop's budget.
  var reserved = 0

  init(_ stream: Net.Stream, _ server: Server, _ part: LoopPart) {
    self.stream = stream
    self.server = server
    self.part = part
    speaker = Peer(
      address: stream.peer, proxy: stream.proxy, isSecure: stream.isSecure, certificate: stream.certificate)
    isForwarded = server.isForwarded(stream)
    standing = server.standing(stream)
    input = InputBuffer(stream.takeKept())
  }

  var limits: HTTPLimits { server.limits }

  /// Serves requests in order until the connection is closed, or has been given back to its loop's table.
  nonisolated(nonsending) mutating func run() async {
    do {
      while try await serveNext() {}
    } catch let error as HTTPError {
      await refuse(error)
    } catch {
      stream.close()
    }
    release()
  }

  /// One request; false when the connection is done with, or idle.
  private nonisolated(nonsending) mutating func serveNext() async throws -> Bool {
    guard let head = try await nextHead() else { return false }
    let peer = isForwarded ? server.forwarding.client(of: head.fields, through: speaker) : speaker
    switch admit(head, from: peer) {
    case .refuse(let response):
      return try await finish(response, to: head, isWholeRead: !head.hasBody)
    case .take(let limits):
      let body: ReceivedBody
      do {
        body = try await readBody(head, limits)
      } catch let error as HTTPError {
        return try await finish(refusal(error, of: head, limits), to: head, isWholeRead: false)
      }
      stream.enter(.working)
      let response = await server.handler.respond(
        to: Request(head: head, body: body.content, sent: body.sent, peer: peer))
      return try await finish(response, to: head, isWholeRead: true)
    }
  }

  private func admit(_ head: RequestHead, from peer: Peer) -> Admission {
    // RFC 9110 9.3.7: asks about the server, not about anything in it.
    if head.method == .options, head.path == "*" { return .refuse(Response(.noContent, fields: ["Allow": Method.all])) }
    return server.handler.admit(head, from: peer)
  }

  /// Answers; true where another request may follow. What is left of a request that was not read to its end cannot be
  /// told from the next one, so the connection ends.
  private nonisolated(nonsending) mutating func finish(
    _ response: Response, to head: RequestHead, isWholeRead: Bool
  ) async throws -> Bool {
    let goesOn = try await send(response, to: head, isLast: !isWholeRead)
    release()
    if goesOn {
      stream.enter(.working)
    } else {
      lingerAndClose()
    }
    return goesOn
  }

  private func refusal(_ error: HTTPError, of head: RequestHead, _ limits: BodyLimits) -> Response {
    var response = server.handler.refuse(error, of: head)
    if error.status == .serviceUnavailable, !response.fields.contains("Retry-After") {
      response.fields["Retry-After"] = "\(ConnectionLimits.retryAfter)"
    }
    // RFC 7694 3: tells a coding that is not taken from a media type that is not.
    if error.status == .unsupportedMediaType { response.fields["Accept-Encoding"] = limits.gzip ? "gzip" : "identity" }
    return response
  }

  // MARK: The head

  /// Waits for a request and reads its head; nil when the connection is closed or idle.
  private nonisolated(nonsending) mutating func nextHead() async throws -> RequestHead? {
    if input.isEmpty, !(try await waitForRequest()) { return nil }
    var parser = RequestHeadParser(limits: limits)
    if !input.isEmpty, let head = try parseInput(&parser) { return head }
    while true {
      let bytes: ReadHead?
      bytes = try stream.readNow { (bytes) throws(NetError) in readHead(&parser, bytes) }
      switch bytes {
      case .head(let head): return head
      case .failed(let error): throw error
      case .end:
        // Nobody waits for the answer to half a request.
        try await flush()
        stream.close()
        return nil
      case .more: stream.enter(.head)
      case nil where input.isEmpty:
        try await flush()
        guard try await waitForRequest() else { return nil }
      case nil:
        // Most heads come in one piece. Half a head waits as a row with these bytes: a task would cost ten times that.
        try await flush()
        stream.enter(.head)
        stream.keep(input.takeAll(), deadline: stream.since + limits.headDeadline.nanoseconds)
        return nil
      }
    }
  }

  private enum ReadHead {
    case head(RequestHead)
    case more
    case end
    case failed(HTTPError)
  }

  /// In most cases the whole request lies in the loop's shared buffer and nothing but its body is ever copied.
  @inline(__always)
  private mutating func readHead(_ parser: inout RequestHeadParser, _ bytes: UnsafeRawBufferPointer) -> ReadHead {
    if bytes.isEmpty { return .end }
    do throws(HTTPError) {
      if !input.isEmpty {
        input.append(bytes)
        return try parseInput(&parser).map { .head($0) } ?? .more
      }
      switch try parser.parse(bytes) {
      case .needMore:
        input.append(bytes)
        return .more
      case .complete(let head, let consumed):
        input.append(UnsafeRawBufferPointer(rebasing: bytes[consumed...]))
        return .head(head)
      }
    } catch {
      return .failed(error)
    }
  }

  private mutating func parseInput(_ parser: inout RequestHeadParser) throws(HTTPError) -> RequestHead? {
    let outcome = try input.withBytes { (bytes) throws(HTTPError) in try parser.parse(bytes) }
    guard case .complete(let head, let consumed) = outcome else { return nil }
    input.drop(consumed)
    return head
  }

  /// Waits between two requests. For a moment the task stays, since a busy client's next request comes at once; then the
  /// connection goes back to the table and the task ends: false.
  private nonisolated(nonsending) func waitForRequest() async throws(NetError) -> Bool {
    do {
      try await stream.readable(deadline: stream.loop.now + ConnectionLimits.lingeringTask, between: true)
      return true
    } catch .deadline {
      if server.isDraining {
        stream.close()
        return false
      }
      stream.idle(deadline: stream.loop.now + server.idleNanoseconds - ConnectionLimits.lingeringTask)
      return false
    }
  }

  /// Waits for more of a body.
  nonisolated(nonsending) func wait(until deadline: Int64) async throws {
    stream.enter(.body)
    do throws(NetError) {
      try await stream.readable(deadline: deadline)
    } catch {
      guard case .deadline = error else { throw error }
      throw Self.tooSlow
    }
  }

  static let tooSlow = HTTPError(.requestTimeout, "The request took too long to arrive.")

  // MARK: The budget

  /// Counts so many octets more of a body among those of all requests in hand; 503 where there are too many.
  mutating func reserve(_ octets: Int) throws(HTTPError) {
    let isFirst = reserved == 0
    let more = isFirst ? octets + ConnectionLimits.requestCost : octets
    guard part.budget.take(more, isNew: isFirst) else {
      throw HTTPError(.serviceUnavailable, "Too many requests are being worked on.")
    }
    reserved += more
  }

  private mutating func release() {
    part.budget.give(reserved)
    reserved = 0
  }
}

/// The numbers of a connection that no configuration changes.
enum ConnectionLimits {
  /// How long a task waits for the next request before the connection becomes a row in its loop's table: nanoseconds.
  static let lingeringTask: Int64 = 1_000_000_000
  /// How long the first request of a connection may take while the server drains, from when its handshake ended.
  static let lastRequest: Int64 = 5_000_000_000
  /// A body's first allocation at most: a length is only a claim until the bytes come.
  static let bodyReservation = 262_144
  /// Octets of answers that wait for one more.
  static let heldOctets = 65_536
  /// What a request with a body costs beside the body, about: its task, its event, its answer. Octets.
  static let requestCost = 8_192
  /// Seconds after which somebody who was refused for want of room may come again.
  static let retryAfter = 5
}

extension Int {
  /// Milliseconds as nanoseconds.
  var nanoseconds: Int64 { Int64(self) * 1_000_000 }
}
