import Glibc
import HTTP
import Net
import Posix
import Support
import Testing
import Web

/// How many may come, and who goes when there is no room.
struct CapsTests {
  private let request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

  private func limits(_ change: (inout HTTPLimits) -> Void) -> HTTPLimits {
    var limits = HTTPLimits.default
    change(&limits)
    return limits
  }

  private func serve(_ client: RawClient) async throws -> Int {
    try client.send(request)
    return try await client.readAnswer().status
  }

  @Test func `an address has its share, others have theirs, and listed proxies have no end`() async throws {
    let fixture = try ServerFixture(limits: limits { $0.connectionsPerPeer = 3 }, proxies: ["127.0.0.9"])
    var clients: [RawClient] = []
    for host in [UInt32(2), 3, 9, 9, 1, 1] {
      for _ in 0..<3 {
        let client = try fixture.connect(from: host)
        #expect(try await serve(client) == 200)
        clients.append(client)
      }
    }
    for host in [UInt32(2), 3] {
      let refused = try fixture.connect(from: host)
      let answer = try await refused.readAnswer()
      #expect(answer.status == 503)
      #expect(answer.field("Retry-After") == "5")
      #expect(answer.field("Connection") == "close")
    }
    #expect(fixture.server.counters.connectionsRefused == 2)
    // A connection that ends makes room.
    clients.removeFirst()
    while fixture.server.counters.connectionsOpen > 17 { await fixture.loops.settle() }
    #expect(try await serve(fixture.connect(from: 2)) == 200)
    await fixture.end()
  }

  @Test func `above four fifths of the connections the oldest idle one makes room`() async throws {
    let fixture = try ServerFixture(limits: limits { $0.connections = 20 }, isManual: true)
    var clients: [RawClient] = []
    for _ in 0..<16 {
      let client = try fixture.connect()
      #expect(try await serve(client) == 200)
      clients.append(client)
    }
    // Their tasks end, and they are rows.
    await fixture.loops.settle()
    await fixture.advance(seconds: 2)
    #expect(await fixture.count(.idle) == 16)
    let next = try fixture.connect()
    #expect(try await serve(next) == 200)
    #expect(await clients[0].isClosedByServer())
    #expect(try await serve(clients[1]) == 200)
    await fixture.end()
  }

  @Test func `half a head makes room where nobody is idle, and what is worked on stays`() async throws {
    let gate = Gate()
    let handler = HandlerFunction { request in
      if request.path == "/slow" { await gate.pass() }
      return .text("done")
    }
    let fixture = try ServerFixture(limits: limits { $0.connections = 20 }, handler: handler)
    var busy: [RawClient] = []
    for _ in 0..<12 {
      let client = try fixture.connect()
      try client.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
      busy.append(client)
    }
    await gate.arrival(of: 12)
    var half: [RawClient] = []
    for count in 1...4 {
      let client = try fixture.connect()
      try client.send("GET / HTTP/1.1\r\nHost:")
      half.append(client)
      await fixture.reach(count, .head)
    }
    #expect(try await serve(fixture.connect()) == 200)
    #expect(await half[0].isClosedByServer())
    try half[1].send(" h\r\n\r\n")
    #expect(try await half[1].readAnswer().status == 200)
    gate.open()
    for client in busy { #expect(try await client.readAnswer().status == 200) }
    await fixture.end()
  }

  @Test func `above nineteen twentieths a connection is refused and told so`() async throws {
    let gate = Gate()
    let fixture = try ServerFixture(
      limits: limits { $0.connections = 20 },
      handler: HandlerFunction { _ in
        await gate.pass()
        return .text("done")
      })
    var busy: [RawClient] = []
    for _ in 0..<19 {
      let client = try fixture.connect()
      try client.send(request)
      busy.append(client)
    }
    await gate.arrival(of: 19)
    let refused = try fixture.connect()
    try refused.send(request)
    let answer = try await refused.readAnswer()
    #expect(answer.status == 503)
    #expect(answer.field("Retry-After") == "5")
    #expect(fixture.server.counters.connectionsRefused == 1)
    gate.open()
    for client in busy { #expect(try await client.readAnswer().status == 200) }
    await fixture.end()
  }

  @Test func `of half-sent heads there are so many, and the oldest makes room`() async throws {
    let fixture = try ServerFixture(limits: limits { $0.halfSentHeads = 3 })
    var half: [RawClient] = []
    for count in 1...5 {
      let client = try fixture.connect()
      try client.send("GET / HTTP/1.1\r\nHost:")
      half.append(client)
      await fixture.reach(min(3, count), .head)
      if count > 3 { #expect(await half[count - 4].isClosedByServer()) }
    }
    try half[2].send(" h\r\n\r\n")
    #expect(try await half[2].readAnswer().status == 200)
    await fixture.end()
  }

  @Test(arguments: Split.all)
  func `half a head is a row until the rest comes, in any pieces`(split: Split) async throws {
    let fixture = try ServerFixture()
    let client = try fixture.connect()
    let head = "POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-Long: " + String(repeating: "y", count: 300)
    var sent = 0
    for piece in split.pieces(of: Array((head + "\r\n\r\nhello").utf8)) {
      try client.send(piece)
      sent += piece.count
      if sent < head.utf8.count, sent % 7 == 0 {
        await fixture.reach(1, .head)
      }
    }
    #expect(try await client.readAnswer().text == "POST /a b hello")
    #expect(await fixture.count(.head) == 0)
    await fixture.end()
  }

  @Test func `half a head is told of its deadline, which counts from its first octet`() async throws {
    let fixture = try ServerFixture(isManual: true)
    let client = try fixture.connect()
    try client.send("GET / HTTP/1.1\r\n")
    await fixture.reach(1, .head)
    await fixture.advance(seconds: 6)
    try client.send("Host: h\r\n")
    await fixture.advance(seconds: 3.8)
    #expect(fixture.server.counters.connectionsOpen == 1)
    await fixture.advance(seconds: 0.4)
    let answer = try await client.readAnswer()
    #expect(answer.status == 408)
    #expect(answer.field("Connection") == "close")
    #expect(await client.isClosedByServer())
    #expect(fixture.server.counters.connectionsOpen == 0)
    await fixture.end()
  }

  @Test func `a graceful end lets half a head become whole`() async throws {
    let fixture = try ServerFixture()
    let client = try fixture.connect()
    try client.send("GET / HTTP/1.1\r\nHost:")
    await fixture.reach(1, .head)
    async let drained: Void = fixture.server.drain()
    while !fixture.server.isDraining { await fixture.loops.settle() }
    await fixture.loops.settle()
    try client.send(" h\r\n\r\n")
    let answer = try await client.readAnswer()
    #expect(answer.status == 200)
    #expect(answer.field("Connection") == "close")
    client.endSending()
    await drained
    fixture.loops.stop()
  }

  @Test func `a process with few descriptors keeps some of them for its files`() async {
    // In a process of its own, for the limit is the whole process's.
    await #expect(processExitsWith: .success) {
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      let all = limit.rlim_cur
      limit.rlim_cur = 80
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      guard ProcessLimits.descriptorsForConnections == 40 else { exit(1) }
      let gate = Gate()
      let fixture = try ServerFixture(
        handler: HandlerFunction { _ in
          await gate.pass()
          return .text("done")
        })
      // The clients are in this process too.
      limit.rlim_cur = all
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      var clients: [RawClient] = []
      for _ in 0..<38 {
        let client = try fixture.connect()
        try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        clients.append(client)
      }
      await gate.arrival(of: 38)
      for _ in 0..<3 {
        guard try await fixture.connect().readAnswer().status == 503 else { exit(2) }
      }
      gate.open()
      for client in clients { guard try await client.readAnswer().status == 200 else { exit(3) } }
      exit(0)
    }
  }
}
