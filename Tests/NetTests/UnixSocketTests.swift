import Glibc
import Net
import Posix
import Support
import Testing

/// The files of Unix sockets, and sockets that somebody else opened.
struct UnixSocketTests {
  private final class Quiet: StreamOwner {
    let idleNanoseconds: Int64 = 60_000_000_000
    let peers = Lock([SocketAddress]())

    func opened(_ stream: Net.Stream) {
      let peer = stream.peer
      peers.withLock { $0.append(peer) }
    }
    func closed(_ stream: Net.Stream, peer: SocketAddress) {}
    func start(_ stream: Net.Stream) { stream.close() }
  }

  private let path = "/tmp/causeway-socket-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"

  private func mode(_ path: String) -> UInt32 {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
  }

  @Test(arguments: [0o600, 0o660, 0o666, 0o777] as [UInt32])
  func `a socket has the mode that was asked for, whatever the umask`(mode: UInt32) async throws {
    let group = try EventLoopGroup(count: 1)
    defer { group.stop() }
    let listener = try Listener(
      on: .unix(path: path), options: ListenerOptions(mode: mode), group: group, owner: Quiet())
    #expect(self.mode(path) == mode)
    await listener.close()
    #expect(access(path, F_OK) != 0)
  }

  @Test func `a file that an earlier process left is replaced, one that is in use is not`() async throws {
    let group = try EventLoopGroup(count: 1)
    defer { group.stop() }
    let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #expect(SocketAddress.unix(path: path).withKernelForm { bind(left, $0, $1) } == 0)
    _ = Glibc.close(left)
    let first = try Listener(on: .unix(path: path), group: group, owner: Quiet())
    #expect(throws: NetError.system(.addressInUse, call: "bind")) {
      try Listener(on: .unix(path: path), group: group, owner: Quiet())
    }
    first.start()
    let client = try RawClient(first.address)
    try client.send("x")
    #expect(await client.isClosedByServer())
    await first.close()
  }

  @Test func `a file that is no socket stays`() throws {
    let group = try EventLoopGroup(count: 1)
    defer { group.stop() }
    _ = Glibc.close(open(path, O_CREAT | O_WRONLY, 0o600))
    #expect(throws: NetError.system(.addressInUse, call: "bind")) {
      try Listener(on: .unix(path: path), group: group, owner: Quiet())
    }
    #expect(unlink(path) == 0)
  }

  @Test func `a socket that listens already is taken over, and what waits in it stays with who holds it`() async throws
  {
    let group = try EventLoopGroup(count: 1)
    defer { group.stop() }
    let held = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { _ = Glibc.close(held) }
    #expect(SocketAddress.loopback().withKernelForm { bind(held, $0, $1) } == 0)
    #expect(listen(held, 16) == 0)
    let first = try Listener(adopting: FileDescriptor(owning: dup(held)), group: group, owner: Quiet())
    #expect(first.address.port != 0)
    first.start()
    let client = try RawClient(first.address)
    try client.send("x")
    #expect(await client.isClosedByServer())
    await first.close()
    // Nobody accepts now; the connection waits for the successor.
    let waiting = try RawClient(first.address)
    try waiting.send("x")
    let second = try Listener(adopting: FileDescriptor(owning: dup(held)), group: group, owner: Quiet())
    second.start()
    #expect(await waiting.isClosedByServer())
    await second.close()
  }

  @Test func `what does not listen is not taken over`() throws {
    let group = try EventLoopGroup(count: 1)
    defer { group.stop() }
    let plain = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #expect(throws: NetError.system(.invalid, call: "listen")) {
      try Listener(adopting: FileDescriptor(owning: plain), group: group, owner: Quiet())
    }
  }

  @Test func `IPv4 through a socket of IPv6 is IPv4`() async throws {
    let group = try EventLoopGroup(count: 1)
    defer { group.stop() }
    let held = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    var off: Int32 = 0
    setsockopt(held, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, socklen_t(MemoryLayout<Int32>.size))
    #expect(SocketAddress.v6(0, 0, scope: 0, port: 0).withKernelForm { bind(held, $0, $1) } == 0)
    #expect(listen(held, 16) == 0)
    let owner = Quiet()
    let listener = try Listener(adopting: FileDescriptor(owning: held), group: group, owner: owner)
    listener.start()
    let client = try RawClient(.loopback(port: try #require(listener.address.port)))
    try client.send("x")
    #expect(await client.isClosedByServer())
    #expect(owner.peers.withLock { $0.map(\.host) } == ["127.0.0.1"])
    await listener.close()
  }
}
