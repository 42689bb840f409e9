import Glibc
import Net
import Support
import Testing

@testable import Posix
@testable import Service

@Suite(.serialized) struct ListeningTests {
  @Test func `webhooks are taken over IPv4, IPv6 and a Unix socket`() async throws {
    let running = try await RunningProgram(
      #"[ 127.0.0.1:0, "[::1]:0", { address: "unix:FOLDER/public.sock", mode: "0660" } ]"#)
    let addresses = try running.listen().publicListeners
    #expect(addresses.count == 3)
    for (index, address) in addresses.enumerated() {
      #expect(try await RunningProgram.ask(address, "/readyz").text == "ready\n", "\(address)")
      let answer = try await RunningProgram.ask(address, "/hooks/x", #"{"id":"\#(index)"}"#)
      #expect(answer.status == 202, "\(address)")
    }
    #expect(await running.program.queue.counts().received == 3)
    await running.end()
  }

  @Test func `every socket of a name that was passed is listened on, and outlives the program with what waits in it`()
    async throws
  {
    let (number, address) = try Self.listening()
    let copy = dup(number)
    dup2(number, 720)
    close(number)
    let sockets = try InheritedSockets.take(
      environment: ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "public"], from: 720)
    let running = try await RunningProgram("systemd:public", inherited: sockets)
    #expect(try running.listen().publicListeners == [address])
    #expect(try await RunningProgram.ask(address, "/readyz").status == 200)
    await running.program.stop()
    // Nobody accepts, and nobody is refused.
    let waiting = try RawClient(address)
    try waiting.send("POST /hooks/x HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n")
    try waiting.send(#"{"id":1}"#)
    dup2(copy, 720)
    let again = try InheritedSockets.take(
      environment: ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "public"], from: 720)
    let next = try await RunningProgram("systemd:public", inherited: again)
    _ = try next.listen()
    #expect(try await waiting.readAnswer().status == 202)
    await next.end()
    close(copy)
  }

  @Test func `a socket that was not passed is an error that says what to do`() async throws {
    let running = try await RunningProgram("systemd:public")
    let message = Self.message { try running.listen() }
    #expect(message?.hasPrefix("causeway.yaml:2: listen.public: systemd:public: no socket was passed") == true)
    #expect(message?.contains("FileDescriptorName=public") == true)
    await running.end()
  }

  @Test func `a port in use is an error that says so`() async throws {
    let (number, address) = try Self.listening()
    let running = try await RunningProgram("127.0.0.1:\(address.port ?? 0)")
    let message = Self.message { try running.listen() }
    #expect(message?.hasPrefix("causeway.yaml:2: listen.public: \(address) is in use by another program") == true)
    close(number)
    await running.end()
  }

  @Test func `a data folder in use is an error that names the process`() async throws {
    let running = try await RunningProgram("127.0.0.1:0")
    _ = try running.listen()
    await #expect(
      throws: StartError(
        "the data folder \(running.folder)/./data is in use by process \(getpid()), and one service at a time uses a "
          + "folder: stop that one, or give this one a folder of its own with --data")
    ) { try await RunningProgram.open(running.folder) }
    await running.end()
  }

  @Test func `what the machine refuses is explained`() throws {
    func sentence(_ code: Int32, _ address: String) throws -> String {
      BindProblem.sentence(.system(Errno(rawValue: code), call: "bind"), try #require(SocketAddress(address)))
    }
    #expect(try sentence(EACCES, "0.0.0.0:443").contains("choose one above, such as 8443, let systemd hold"))
    #expect(try sentence(EACCES, "unix:/run/x.sock").contains("may not make a socket there"))
    #expect(try sentence(EADDRNOTAVAIL, "10.9.8.7:1").contains("this machine has no such address"))
    #expect(try sentence(ENOENT, "unix:/no/x.sock").contains("the folder of the socket is not there"))
    #expect(try sentence(EADDRINUSE, "unix:/x").contains("/x"))
  }

  private static func listening() throws -> (Int32, SocketAddress) {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #expect(SocketAddress.loopback().withKernelForm { bind(number, $0, $1) } == 0)
    listen(number, 16)
    var form = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &form) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(number, $0, &length) }
    }
    return (number, .loopback(port: UInt16(bigEndian: form.sin_port)))
  }

  private static func message(_ body: () throws -> Program.Addresses) -> String? {
    do {
      _ = try body()
      return nil
    } catch {
      return "\(error)"
    }
  }
}
