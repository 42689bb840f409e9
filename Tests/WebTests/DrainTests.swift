import Dispatch
import Foundation
import HTTP
import Net
import Support
import Testing
import Web

struct DrainTests {
  @Test func `what is in flight is answered with close, idle connections end, and nothing new is accepted`()
    async throws
  {
    let gate = Gate()
    let handler = HandlerFunction { request in
      if request.path == "/slow" { await gate.pass() }
      return .text("done \(request.path)")
    }
    let fixture = try ServerFixture(loops: 2, handler: handler)
    let idle = try fixture.connect()
    try idle.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(try await idle.readAnswer().status == 200)
    let busy = try fixture.connect()
    try busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
    await gate.arrival(of: 1)

    async let drained: Void = fixture.server.drain()
    #expect(await idle.isClosedByServer())
    await #expect(throws: (any Error).self) {
      // Refused, or reset if the kernel had queued it.
      let late = try fixture.connect()
      try late.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
      _ = try await late.readAnswer()
    }
    #expect(fixture.server.counters.connectionsOpen == 1)
    gate.open()
    let answer = try await busy.readAnswer()
    #expect(answer.text == "done /slow")
    #expect(answer.field("Connection") == "close")
    busy.endSending()
    #expect(await busy.isClosedByServer())
    await drained
    #expect(fixture.server.counters.connectionsOpen == 0)
    fixture.loops.stop()
  }

  @Test func `who has just connected, and who was idle, may send one more request`() async throws {
    let fixture = try ServerFixture(isManual: true)
    let (fresh, kept, silent) = (try fixture.connect(), try fixture.connect(), try fixture.connect())
    let request = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
    try kept.send(request)
    #expect(try await kept.readAnswer().field("Connection") == nil)
    async let drained: Void = fixture.server.drain()
    while !fixture.server.isDraining { await Task.yield() }
    for _ in 0..<4 { await fixture.loops.settle() }
    for client in [fresh, kept] {
      try client.send(request)
      let answer = try await client.readAnswer()
      #expect(answer.status == 200)
      #expect(answer.field("Connection") == "close")
      client.endSending()
      #expect(await client.isClosedByServer())
    }
    // A client sees the end of the answer before the server sees the client's: twice, for it may be between two waits.
    for _ in 0..<2 { await fixture.loops.settle() }
    #expect(fixture.server.counters.connectionsOpen == 1)
    await fixture.advance(seconds: 1)
    #expect(await silent.isClosedByServer())
    await drained
    fixture.loops.stop()
  }

  @Test func `every connection that the kernel had taken is served`() async throws {
    let fixture = try ServerFixture()
    let (held, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    fixture.loops.loops[0].call { _ in
      held.signal()
      release.wait()
    }
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      Thread.detachNewThread {
        held.wait()
        continuation.resume()
      }
    }
    // More than are accepted in one go, while nobody accepts.
    let clients = try (0..<150).map { _ in try fixture.connect() }
    async let drained: Void = fixture.server.drain()
    while !fixture.server.isDraining { await Task.yield() }
    release.signal()
    for client in clients { try client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n") }
    for client in clients {
      #expect(try await client.readAnswer().status == 200)
      client.endSending()
    }
    await drained
    fixture.loops.stop()
  }

  @Test func `a server without connections drains at once, twice`() async throws {
    let fixture = try ServerFixture()
    await fixture.server.drain()
    await fixture.server.drain()
    await fixture.server.close()
    fixture.loops.stop()
  }

  @Test func `a drain cuts off at its deadline what is not finished by then, and nothing before`() async throws {
    let gate = Gate()
    let handler = HandlerFunction { request in
      if request.path == "/slow" { await gate.pass() }
      return .text("done")
    }
    let fixture = try ServerFixture(isManual: true, handler: handler)
    let stuck = try fixture.connect()
    try stuck.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
    await gate.arrival(of: 1)
    let half = try fixture.connect()
    try half.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab")
    await fixture.reach(1, .body)
    async let drained: Void = fixture.server.drain(within: 3_000)
    while !fixture.server.isDraining { await Task.yield() }
    // The loop knows of the deadline before the clock moves.
    await fixture.loops.settle()
    await fixture.advance(seconds: 2.9)
    #expect(fixture.server.counters.connectionsOpen == 2)
    await fixture.advance(seconds: 0.2)
    #expect(await half.isClosedByServer())
    gate.open()
    await drained
    #expect(await stuck.isClosedByServer())
    #expect(fixture.server.counters.connectionsOpen == 0)
    fixture.loops.stop()
  }

  @Test func `close cancels what streams without end`() async throws {
    let gate = Gate()
    let handler = HandlerFunction { _ in
      Response(
        .ok,
        body: .stream { writer in
          try await writer.write(Array("data: 1\n\n".utf8))
          await gate.pass()
          let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
          // Nothing ever comes; only cancellation ends it.
          for await _ in stream {}
          continuation.finish()
          try Task.checkCancellation()
        })
    }
    let fixture = try ServerFixture(handler: handler)
    let client = try fixture.connect()
    try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    gate.open()
    await gate.arrival(of: 1)
    await fixture.server.close()
    let all = String(decoding: (try? await client.readToEnd()) ?? [], as: UTF8.self)
    #expect(all.contains("data: 1"))
    #expect(!all.hasSuffix("0\r\n\r\n"))
    fixture.loops.stop()
  }
}
