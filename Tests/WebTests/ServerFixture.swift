import HTTP
import Net
import Posix
import Support
import Web

/// A server under test, on a port of its own.
struct ServerFixture {
  let server: Server
  let loops: EventLoopGroup
  let address: SocketAddress
  let time = ManualTime()

  /// `isManual`: the loops' clock is `time`, which only the test moves.
  init(
    limits: HTTPLimits = .default, loops count: Int = 1, isManual: Bool = false,
    options: ListenerOptions = ListenerOptions(), proxies: [String] = [],
    standing: StandingFields = StandingFields(), handler: any Handler = Mirror()
  ) throws {
    loops = isManual ? try time.loops(count) : try EventLoopGroup(count: count)
    let proxies = AddressRanges(proxies.compactMap { AddressRange($0) })
    server = Server(handler: handler, limits: limits, proxies: proxies, standing: standing, loops: loops)
    address = try server.listen(on: .loopback(), options: options)
  }

  func connect() throws -> RawClient { try RawClient(address) }

  /// From 127.0.0.`host`.
  func connect(from host: UInt32) throws -> RawClient { try RawClient(address, from: .v4(0x7F00_0000 | host, port: 0)) }

  /// How many connections are in a phase.
  func count(_ phase: Phase) async -> Int {
    var count = 0
    for loop in loops.loops {
      count += await withUnsafeContinuation { continuation in
        loop.call { continuation.resume(returning: $0.count(phase)) }
      }
    }
    return count
  }

  /// Returns once so many connections are in a phase.
  func reach(_ count: Int, _ phase: Phase) async {
    while await self.count(phase) < count { await Task.yield() }
  }

  func advance(seconds: Double) async { await time.advance(milliseconds: Int64(seconds * 1_000), loops) }

  func end() async {
    await server.close()
    loops.stop()
  }
}

/// Answers with what it was asked: method, path, query and body.
struct Mirror: Handler {
  func respond(to request: Request) async -> Response {
    .text(
      "\(request.method.rawValue) \(request.path) \(request.query ?? "-") \(String(decoding: request.body, as: UTF8.self))"
    )
  }

  func admit(_ head: RequestHead, from peer: Peer) -> Admission {
    .take(BodyLimits(bytes: head.path == "/small" ? 16 : 1_048_576))
  }
}

/// Answers with whom it takes the client for: address, proxy, how he came.
struct WhoAmI: Handler {
  func respond(to request: Request) async -> Response {
    let peer = request.peer
    return .text("\(peer.address.host) \(peer.proxy?.host ?? "-") \(peer.isSecure ? "secure" : "plain")")
  }
}

/// Handlers that wait until the test lets them go on.
final class Gate: Sendable {
  private let state = Lock(State())

  private struct State {
    var arrived = 0
    var isOpen = false
    var waiting: [UnsafeContinuation<Void, Never>] = []
    var watching: [(count: Int, UnsafeContinuation<Void, Never>)] = []
  }

  /// Called by the handler.
  func pass() async {
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      state.withLock { state in
        state.arrived += 1
        if state.isOpen { continuation.resume() } else { state.waiting.append(continuation) }
        for watcher in state.watching where watcher.count <= state.arrived { watcher.1.resume() }
        state.watching.removeAll { $0.count <= state.arrived }
      }
    }
  }

  /// Returns when so many handlers have arrived.
  func arrival(of count: Int) async {
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      state.withLock { state in
        if state.arrived >= count { continuation.resume() } else { state.watching.append((count, continuation)) }
      }
    }
  }

  func open() {
    state.withLock { state in
      state.isOpen = true
      for continuation in state.waiting { continuation.resume() }
      state.waiting = []
    }
  }
}
