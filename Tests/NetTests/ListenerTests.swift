import Glibc
import Net
import Posix
import Support
import Testing

/// Sends back what it gets, and remembers who is where.
private final class Echo: StreamOwner {
  let open = Lock([Int]())
  let idleNanoseconds: Int64 = 60_000_000_000

  func opened(_ stream: Net.Stream) { open.withLock { $0.append(0) } }
  func closed(_ stream: Net.Stream, peer: SocketAddress) { open.withLock { _ = $0.popLast() } }

  func start(_ stream: Net.Stream) {
    let task = Task(executorPreference: stream.loop) {
      do {
        while true {
          let bytes = try stream.readNow { (bytes) throws(NetError) in Array(bytes) }
          guard let bytes else {
            stream.idle(deadline: stream.loop.now + 60_000_000_000)
            return
          }
          if bytes.isEmpty { break }
          try await stream.write(bytes)
        }
      } catch {}
      stream.close()
    }
    stream.serve(with: task)
  }
}

struct ListenerTests {
  @Test(arguments: ["127.0.0.1:0", "[::1]:0", "unix:"])
  func `bytes go there and back`(address: String) async throws {
    let group = try EventLoopGroup(count: 2)
    defer { group.stop() }
    let path = "unix:/tmp/causeway-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    let listener = try Listener(
      on: try #require(SocketAddress(address == "unix:" ? path : address)), group: group, owner: Echo())
    listener.start()
    for split in Split.all {
      let client = try RawClient(listener.address)
      let bytes = (0..<3_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      // Sent by a thread of its own: what comes back fills the socket while nobody reads.
      let sender = try BlockingThread(name: "sender") { [client = Unchecked(client)] in
        for piece in split.pieces(of: bytes) { try? client.value.send(piece) }
      }
      #expect(try await client.read(bytes.count) == bytes, "\(split)")
      sender.join()
    }
    await listener.close()
  }

  @Test func `a megabyte comes back although neither side can hold it`() async throws {
    let group = try EventLoopGroup(count: 1)
    defer { group.stop() }
    let listener = try Listener(on: .loopback(), group: group, owner: Echo())
    listener.start()
    let client = try RawClient(listener.address)
    let bytes = (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 131 ^ $0 >> 8) }
    let sender = try BlockingThread(name: "sender") { [client = Unchecked(client)] in try? client.value.send(bytes) }
    #expect(try await client.read(bytes.count) == bytes)
    sender.join()
    await listener.close()
  }

  @Test func `connections are spread evenly over the loops`() async throws {
    let group = try EventLoopGroup(count: 4)
    defer { group.stop() }
    let owner = Echo()
    let listener = try Listener(on: .loopback(), group: group, owner: owner)
    listener.start()
    var clients: [RawClient] = []
    for _ in 0..<64 {
      let client = try RawClient(listener.address)
      try client.send("x")
      _ = try await client.read(1)
      clients.append(client)
    }
    #expect(group.loops.map(\.streams) == [16, 16, 16, 16])
    await listener.close()
  }

  @Test func `a port in use is an error that names the call`() throws {
    let group = try EventLoopGroup(count: 1)
    defer { group.stop() }
    let first = try Listener(on: .loopback(), group: group, owner: Echo())
    #expect(throws: NetError.system(.addressInUse, call: "bind")) {
      try Listener(on: first.address, group: group, owner: Echo())
    }
  }

  @Test func `a process without descriptors refuses and accepts again later`() async {
    // In a process of its own, for the limit is the whole process's.
    await #expect(processExitsWith: .success) {
      let group = try EventLoopGroup(count: 1)
      let listener = try Listener(on: .loopback(), group: group, owner: Echo())
      listener.start()
      let before = try RawClient(listener.address)
      try before.send("a")
      guard try await before.read(1) == [97] else { exit(1) }
      let refused = try RawClient(listener.address, beforeConnecting: { limitDescriptors(to: 64) })
      guard await refused.isClosedByServer() else { exit(2) }
      // The open ones live on.
      try before.send("b")
      guard try await before.read(1) == [98] else { exit(3) }
      limitDescriptors(to: 4_096)
      let after = try RawClient(listener.address)
      try after.send("c")
      guard try await after.read(1) == [99] else { exit(4) }
      exit(0)
    }
  }
}

/// Sets the process's limit and, where it is low, uses up all that is left.
private func limitDescriptors(to count: UInt) {
  var limit = rlimit(rlim_cur: 0, rlim_max: 0)
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  limit.rlim_cur = min(count, limit.rlim_max)
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  if count < 100 { while dup(0) >= 0 {} }
}

// Safe: one thread sends while another receives, which a socket allows.
private struct Unchecked<Value>: @unchecked Sendable {
  let value: Value

  init(_ value: Value) { self.value = value }
}
