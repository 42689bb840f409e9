import Client
import HTTP
import Net
import Posix
import Testing
import Web

@Suite struct CurlClientTests {
  private func serving(
    _ handler: HandlerFunction, _ body: (String, CurlClient) async throws -> Void, limits: ClientLimits = ClientLimits()
  ) async throws {
    let loops = try EventLoopGroup(count: 1)
    let server = Server(handler: handler, loops: loops)
    let address = try server.listen(on: .loopback())
    let client = try CurlClient(policy: .publicAndLoopback, limits: limits)
    try await body("http://\(address)", client)
    client.close()
    await server.close()
    loops.stop()
  }

  private static let echo = HandlerFunction { request in
    Response(
      .ok, fields: ["X-Method": request.method.rawValue, "X-Seen": request.fields["X-Sent"] ?? "", "X-Twice": "1"],
      body: .bytes(request.body))
  }

  private func failure(_ client: CurlClient, _ request: OutgoingRequest) async -> ClientError? {
    do throws(ClientError) {
      _ = try await client.send(request)
      return nil
    } catch {
      return error
    }
  }

  @Test func `method, fields and body arrive, and the answer comes back whole`() async throws {
    try await serving(Self.echo) { url, client in
      let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      for method in [Method.post, .patch, .put] {
        let request = OutgoingRequest(method: method, url: url + "/a?b=c", fields: ["X-Sent": "yes: ü"], body: body)
        let answer = try await client.send(request)
        #expect(answer.status == 200)
        #expect(answer.fields["x-method"] == method.rawValue)
        #expect(answer.fields["X-Seen"] == "yes: ü")
        #expect(answer.body == body)
      }
      #expect(try await client.send(OutgoingRequest(method: .get, url: url)).body.isEmpty)
      #expect(try await client.send(OutgoingRequest(method: .head, url: url)).status == 200)
    }
  }

  @Test func `an empty body of a post says its length`() async throws {
    let handler = HandlerFunction { .text($0.fields["Content-Length"] ?? "none") }
    try await serving(handler) { url, client in
      let answer = try await client.send(OutgoingRequest(method: .post, url: url))
      #expect(answer.body == Array("0".utf8))
    }
  }

  @Test func `a redirect is an answer like others`() async throws {
    let hits = Lock(0)
    let handler = HandlerFunction { request in
      hits.withLock { $0 += 1 }
      return Response(.found, fields: ["Location": "http://\(request.fields["Host"] ?? "")/elsewhere"], body: .none)
    }
    try await serving(handler) { url, client in
      let answer = try await client.send(OutgoingRequest(method: .get, url: url))
      #expect(answer.status == 302)
    }
    #expect(hits.withLock { $0 } == 1)
  }

  @Test func `an answer over the limit is refused, one at the limit is not`() async throws {
    let handler = HandlerFunction { request in
      Response(.ok, body: .bytes([UInt8](repeating: 7, count: request.path == "/more" ? 1_001 : 1_000)))
    }
    var limits = ClientLimits()
    limits.bodyBytes = 1_000
    try await serving(
      handler,
      { url, client in
        let answer = try await client.send(OutgoingRequest(method: .get, url: url))
        #expect(answer.body.count == 1_000)
        #expect(await failure(client, OutgoingRequest(method: .get, url: url + "/more")) == .tooLarge(limit: 1_000))
      }, limits: limits)
  }

  @Test func `fifty requests are on their way at once`() async throws {
    // Each waits for the fiftieth: fewer at a time would never end.
    let gate = Gate(50)
    let handler = HandlerFunction { _ in
      await gate.pass()
      return .text("ok")
    }
    var limits = ClientLimits()
    limits.connectionsPerHost = 50
    try await serving(
      handler,
      { url, client in
        let statuses = await withTaskGroup(of: Int?.self) { group in
          for _ in 0..<50 {
            group.addTask { try? await client.send(OutgoingRequest(method: .post, url: url, body: [1])).status }
          }
          return await group.reduce(into: [Int?]()) { $0.append($1) }
        }
        #expect(statuses.count == 50)
        #expect(statuses.allSatisfy { $0 == 200 })
      }, limits: limits)
  }

  // MARK: what was sent and what was not

  @Test func `where nobody listens nothing was sent`() async throws {
    let server = try RawServer { _ in .close }
    let client = try CurlClient(policy: .publicAndLoopback)
    server.stop()
    let error = await failure(client, OutgoingRequest(method: .post, url: server.url, body: [1]))
    if case .notSent = error {} else { Issue.record("\(String(describing: error))") }
    let unknown = await failure(client, OutgoingRequest(method: .get, url: "http://nowhere.invalid/"))
    if case .notSent = unknown {} else { Issue.record("\(String(describing: unknown))") }
  }

  @Test func `a connection that ends after the request leaves it unanswered`() async throws {
    let server = try RawServer { _ in .close }
    defer { server.stop() }
    let client = try CurlClient(policy: .publicAndLoopback)
    for method in [Method.post, .get] {
      let error = await failure(client, OutgoingRequest(method: method, url: server.url, body: [1, 2, 3]))
      if case .unanswered = error {} else { Issue.record("\(String(describing: error))") }
    }
  }

  @Test func `a deadline that passes after the request was sent leaves it unanswered`() async throws {
    let server = try RawServer { _ in .hold }
    defer { server.stop() }
    let client = try CurlClient(policy: .publicAndLoopback)
    let request = OutgoingRequest(method: .post, url: server.url, body: [1], deadline: 300)
    let error = await failure(client, request)
    if case .unanswered = error {} else { Issue.record("\(String(describing: error))") }
    #expect(server.count == 1)
  }

  @Test func `an answer that breaks off is none`() async throws {
    let server = try RawServer { number in
      number == 1 ? .answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nabc") : .close
    }
    defer { server.stop() }
    let client = try CurlClient(policy: .publicAndLoopback)
    let request = OutgoingRequest(method: .get, url: server.url, deadline: 300)
    let error = await failure(client, request)
    if case .unanswered = error {} else { Issue.record("\(String(describing: error))") }
  }

  @Test func `a write on a kept connection that breaks is not sent a second time by itself`() async throws {
    let server = try RawServer { number in
      number == 1 ? .answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") : .close
    }
    defer { server.stop() }
    let client = try CurlClient(policy: .publicAndLoopback)
    let request = OutgoingRequest(method: .post, url: server.url, body: Array("line".utf8))
    #expect(try await client.send(request).status == 200)
    let error = await failure(client, request)
    if case .unanswered = error {} else { Issue.record("\(String(describing: error))") }
    #expect(server.count == 2)
  }

  // MARK: what is refused

  @Test func `a header or URL that would smuggle is never sent`() async throws {
    let server = try RawServer { _ in .close }
    defer { server.stop() }
    let client = try CurlClient(policy: .publicAndLoopback)
    let requests = [
      OutgoingRequest(method: .get, url: server.url, fields: ["X": "a\r\nHost: evil"]),
      OutgoingRequest(method: .get, url: server.url, fields: ["X\n": "a"]),
      OutgoingRequest(method: .get, url: server.url + "/a b"),
      OutgoingRequest(method: .get, url: server.url + "/\u{1}"),
      OutgoingRequest(method: .get, url: "file:///etc/passwd"), OutgoingRequest(method: .get, url: "ftp://127.0.0.1/"),
      OutgoingRequest(method: Method(rawValue: "GE T"), url: server.url),
    ]
    for request in requests {
      if case .refused = await failure(client, request) { continue }
      Issue.record("\(request.method) \(request.url) was not refused")
    }
    #expect(server.count == 0)
  }

  @Test func `only public addresses are called unless loopback is allowed`() async throws {
    let server = try RawServer { _ in .close }
    defer { server.stop() }
    let client = try CurlClient(policy: .publicOnly)
    for url in [server.url, "http://localhost:\(server.port)", "http://[::1]:\(server.port)/", "http://10.0.0.1/"] {
      if case .refused = await failure(client, OutgoingRequest(method: .get, url: url, deadline: 2_000)) { continue }
      Issue.record("\(url) was not refused")
    }
    #expect(server.count == 0)
  }

  @Test func `a closed client answers everybody`() async throws {
    let server = try RawServer { _ in .hold }
    defer { server.stop() }
    let client = try CurlClient(policy: .publicAndLoopback)
    async let held = failure(client, OutgoingRequest(method: .post, url: server.url, body: [1]))
    while server.count == 0 { await Task.yield() }
    client.close()
    if case .unanswered = await held {} else { Issue.record("\(String(describing: await held))") }
    if case .refused = await failure(client, OutgoingRequest(method: .get, url: server.url)) { return }
    Issue.record("a closed client took a request")
  }
}

/// Lets nobody pass before all are there.
private actor Gate {
  private let size: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ size: Int) { self.size = size }

  func pass() async {
    if waiting.count + 1 == size {
      for one in waiting { one.resume() }
      waiting = []
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }
}
