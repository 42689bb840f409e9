import Foundation
import Net
import Support
import Testing
import Web

@testable import Console

/// The console behind a server, over both of its sockets.
@Suite struct SocketTests {
  private func serve(_ work: (ConsoleFixture, _ control: SocketAddress, _ port: SocketAddress) async throws -> Void)
    async throws
  {
    let console = try ConsoleFixture()
    let loops = try EventLoopGroup(count: 1)
    let server = Server(handler: console.handler, loops: loops)
    let path = "/tmp/causeway-\(UUID().uuidString.prefix(13)).sock"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await work(console, try server.listen(on: .unix(path: path)), try server.listen(on: .loopback()))
    await server.close()
    loops.stop()
  }

  @Test func `the control socket answers whatever the host, the listener does not`() async throws {
    try await serve { _, control, port in
      for (address, status) in [(control, 200), (port, 421)] {
        let client = try RawClient(address)
        try client.send("GET /api/v1/status HTTP/1.1\r\nHost: elsewhere\r\n\r\n")
        #expect(try await client.readAnswer().status == status)
      }
    }
  }

  @Test func `a long listing arrives whole, in chunks`() async throws {
    try await serve { console, control, _ in
      try await console.append(2_000)
      let client = try RawClient(control)
      try client.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
      let answer = try await client.readAnswer()
      #expect(answer.field("Transfer-Encoding") == "chunked")
      #expect(answer.text.split(separator: "\n").count == 2_000)
    }
  }

  @Test func `a body that is too large is 413 before it is read`() async throws {
    try await serve { _, control, _ in
      let client = try RawClient(control)
      try client.send(
        "POST /api/v1/events/drop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n"
          + "Content-Type: application/json\r\n\r\n")
      #expect(try await client.readAnswer().status == 413)
    }
  }
}
