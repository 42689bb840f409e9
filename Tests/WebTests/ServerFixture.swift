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
    options: ListenerOptions = ListenerOptions(), handler: any Handler = Mirror()
  ) throws {
    loops = isManual ? try time.loops(count) : try EventLoopGroup(count: count)
    server = Server(handler: handler, limits: limits, loops: loops)
    address = try server.listen(on: .loopback(), options: options)
  }

  func connect() throws -> RawClient { try RawClient(address) }

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
