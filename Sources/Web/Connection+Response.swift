import HTTP
import Net

extension Connection {
  private var pace: Net.Stream.Pace {
    let nanoseconds = limits.responseWindow.nanoseconds
    return Net.Stream.Pace(bytes: limits.responseRate * limits.responseWindow / 1_000, nanoseconds: nanoseconds)
  }

  /// Writes a response, head and body in one write; false when the connection is to be closed.
  nonisolated(nonsending) mutating func send(_ response: Response, to head: RequestHead?, isLast: Bool) async throws
    -> Bool
  {
    part.count(response.status)
    let rest = try await write(response, to: head, closes: mustClose() || isLast)
    switch rest {
    case .finished(let close):
      return !close
    case .stream(let stream, let chunked, let close):
      try await run(stream, chunked: chunked)
      return !close
    }
  }

  private nonisolated(nonsending) mutating func write(_ response: Response, to head: RequestHead?, closes: Bool)
    async throws -> ResponseWriter.Rest
  {
    if !input.isEmpty || held?.isEmpty == false { return try await hold(response, to: head, closes: closes) }
    var out = stream.loop.takeBuffer()
    let rest = ResponseWriter.serialize(
      response, to: head, date: part.dateNow(), standing: standing, close: closes, into: &out)
    try await stream.write(out, pace: pace)
    stream.loop.giveBack(out)
    return rest
  }

  /// As `write`, where the next request is here already: its answer may go with this one.
  private nonisolated(nonsending) mutating func hold(_ response: Response, to head: RequestHead?, closes: Bool)
    async throws -> ResponseWriter.Rest
  {
    let held = self.held ?? HeldAnswers(stream)
    self.held = held
    let rest = held.add { out in
      ResponseWriter.serialize(
        response, to: head, date: part.dateNow(), standing: standing, close: closes, into: &out)
    }
    if case .finished(close: false) = rest, !input.isEmpty, held.count < limits.pipelined, !held.isLarge { return rest }
    try await flush()
    return rest
  }

  /// Writes the answers that wait for the next one.
  nonisolated(nonsending) func flush() async throws(NetError) {
    guard let held, !held.isEmpty else { return }
    let bytes = held.take()
    try await stream.write(bytes, pace: pace)
    held.giveBack(bytes)
  }

  /// The body of a streamed response. One that fails is cut off, so that nobody takes a part for the whole.
  private nonisolated(nonsending) func run(
    _ body: @Sendable (any BodyWriter) async throws -> Void, chunked: Bool
  ) async throws {
    stream.streams(true)
    try await body(StreamedBody(stream: stream, chunked: chunked, pace: pace))
    stream.streams(false)
    if chunked { try await stream.write(ResponseWriter.lastChunk, pace: pace) }
  }

  /// Whether this response is the connection's last; counts it.
  private func mustClose() -> Bool {
    let served = stream.served + 1
    stream.served = served
    return server.isDraining || served >= limits.requestsPerConnection
      || stream.loop.now - stream.openedAt >= limits.connectionAge.nanoseconds
  }

  // MARK: The end

  /// Answers a head that could not be read; where its end is, nobody knows, so the connection ends.
  nonisolated(nonsending) mutating func refuse(_ error: HTTPError) async {
    do {
      _ = try await send(error.response, to: nil, isLast: true)
      lingerAndClose()
    } catch {
      stream.close()
    }
  }

  /// Closes so that the client still reads the answer; nothing more is done here.
  func lingerAndClose() {
    stream.linger(bytes: limits.lingeringOctets, nanoseconds: limits.lingering.nanoseconds)
  }
}

/// What a handler writes a streamed response to.
private struct StreamedBody: BodyWriter {
  let stream: Net.Stream
  let chunked: Bool
  let pace: Net.Stream.Pace

  func write(_ bytes: [UInt8]) async throws {
    guard !bytes.isEmpty else { return }
    if stream.loop.isCurrent {
      try await writeHere(bytes)
    } else {
      // A handler may write from a task of its own, which does not run on the loop.
      try await withTaskExecutorPreference(stream.loop) { try await writeHere(bytes) }
    }
  }

  private func writeHere(_ bytes: [UInt8]) async throws {
    guard chunked else { return try await stream.write(bytes, pace: pace) }
    var out = stream.loop.takeBuffer()
    ResponseWriter.chunk(bytes, into: &out)
    try await stream.write(out, pace: pace)
    stream.loop.giveBack(out)
  }
}
