import HTTP
import Net
import Posix
import Web

/// The server of one simulator, between start and stop.
final class RunningServer: Sendable {
  private struct Running {
    let server: Server
    let loops: EventLoopGroup
  }

  private let running = Lock<Running?>(nil)

  func start(_ handler: any Handler, on address: SocketAddress) throws(NetError) -> SocketAddress {
    let loops = try EventLoopGroup(count: 1)
    let server = Server(handler: handler, loops: loops)
    let bound = try server.listen(on: address)
    running.withLock { $0 = Running(server: server, loops: loops) }
    return bound
  }

  func stop() async {
    let stopped = running.withLock { running -> Running? in
      defer { running = nil }
      return running
    }
    await stopped?.server.close()
    stopped?.loops.stop()
  }
}
