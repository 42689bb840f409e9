import CLinux
import Glibc
import Posix

/// A listening socket. One loop accepts and gives each connection to the loop with the fewest, which balances 64
/// connections over the cores exactly; a socket a loop (SO_REUSEPORT) spreads them by a hash, and drops what waits in its
/// queue when one is closed.
// Safe: `socket` and `spare` are touched on the accepting loop only, once `start` has handed them over.
public final class Listener: @unchecked Sendable {
  /// Where it listens; the port is the kernel's choice where 0 was asked for.
  public let address: SocketAddress
  private let options: ListenerOptions
  /// Opened elsewhere: who opened it keeps it, with what waits in its queue.
  private let isAdopted: Bool
  private let group: EventLoopGroup
  private let owner: any StreamOwner
  private let loop: EventLoop
  private var socket: Int32
  /// An open descriptor to give up when there are no others, so that a connection can be accepted and refused.
  private var spare: Int32
  private var isAccepting = false

  /// Binds and listens; a Unix socket's stale file is replaced. Connections come with `start`.
  public convenience init(
    on address: SocketAddress, options: ListenerOptions = ListenerOptions(), group: EventLoopGroup,
    owner: any StreamOwner
  ) throws(NetError) {
    let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let socket = FileDescriptor(owning: Glibc.socket(address.family, flags, 0))
    guard socket.number >= 0 else { throw .last("socket") }
    Self.configure(socket.number, address)
    guard Self.bind(socket.number, address, options) else { throw .last("bind") }
    guard listen(socket.number, Limits.acceptBacklog) == 0 else { throw .last("listen") }
    let bound = Self.localAddress(socket.number) ?? address
    self.init(socket, bound, isAdopted: false, options, group, owner)
  }

  /// Takes over a socket that listens already.
  public convenience init(
    adopting socket: consuming FileDescriptor, options: ListenerOptions = ListenerOptions(), group: EventLoopGroup,
    owner: any StreamOwner
  ) throws(NetError) {
    guard Self.isListening(socket.number), let address = Self.localAddress(socket.number) else {
      throw .system(.invalid, call: "listen")
    }
    _ = fcntl(socket.number, F_SETFD, FD_CLOEXEC)
    _ = fcntl(socket.number, F_SETFL, fcntl(socket.number, F_GETFL) | O_NONBLOCK)
    Self.configure(socket.number, address)
    self.init(socket, address, isAdopted: true, options, group, owner)
  }

  private init(
    _ socket: consuming FileDescriptor, _ address: SocketAddress, isAdopted: Bool, _ options: ListenerOptions,
    _ group: EventLoopGroup, _ owner: any StreamOwner
  ) {
    self.address = address
    self.isAdopted = isAdopted
    self.options = options
    self.group = group
    self.owner = owner
    loop = group.leastLoaded
    spare = Self.openSpare()
    self.socket = socket.release()
  }

  deinit {
    if socket >= 0 { _ = Glibc.close(socket) }
    if spare >= 0 { _ = Glibc.close(spare) }
  }

  /// Begins to accept.
  public func start() {
    loop.call { loop in
      self.isAccepting = true
      if !loop.listen(self.socket, { self.acceptAll() }) { self.pause() }
    }
  }

  /// Accepts what already waits, then closes the socket. Returns when that is done. An adopted socket's queue is left to
  /// who takes it next.
  public func close() async {
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      loop.call { loop in
        if self.socket >= 0 {
          // No more than the kernel keeps: new ones keep coming.
          for _ in 0..<Int(Limits.acceptBacklog) / Limits.acceptsPerRound where !self.isAdopted {
            guard self.acceptRound() else { break }
          }
          self.isAccepting = false
          loop.unlisten(self.socket)
          _ = Glibc.close(self.socket)
          self.socket = -1
          if !self.isAdopted, case .unix(let path) = self.address { _ = unlink(path) }
        }
        continuation.resume()
      }
    }
  }

  // MARK: On the loop

  private func acceptAll() {
    // More may wait, and the edge is used up: go on after the other connections had their turn.
    if acceptRound() { loop.call { _ in self.acceptAll() } }
  }

  /// Whether more may wait.
  private func acceptRound() -> Bool {
    guard isAccepting, socket >= 0 else { return false }
    for _ in 0..<Limits.acceptsPerRound {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let descriptor = withUnsafeMutablePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { clinux_accept(socket, $0, &length) }
      }
      if descriptor >= 0 {
        adopt(descriptor, (SocketAddress(storage) ?? .unix(path: "")).normalized)
        continue
      }
      switch Errno.last.rawValue {
      case EAGAIN: return false
      case EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, EHOSTUNREACH, ENETUNREACH, EOPNOTSUPP: continue
      case EMFILE, ENFILE:
        refuseOne()
        pause()
        return false
      default:
        pause()
        return false
      }
    }
    return true
  }

  private func adopt(_ descriptor: Int32, _ peer: SocketAddress) {
    if let proxies = options.proxyProtocol, !proxies.contains(peer), !peer.isUnix {
      _ = Glibc.close(descriptor)
      return
    }
    let owner = owner
    let options = options
    let loop = group.leastLoaded
    let take: @Sendable (EventLoop) -> Void = { loop in
      guard let stream = loop.open(descriptor, owner: owner, peer: peer, options) else { return }
      owner.opened(stream)
      stream.begin()
    }
    if loop === self.loop { take(loop) } else { loop.call(take) }
  }

  /// Linux looks for a free descriptor before it looks for a connection, so a full process would try in vain for ever:
  /// one is accepted on the spare descriptor and closed, and the listener rests.
  private func refuseOne() {
    guard spare >= 0 else { return spare = Self.openSpare() }
    _ = Glibc.close(spare)
    let refused = clinux_accept(socket, nil, nil)
    if refused >= 0 { _ = Glibc.close(refused) }
    spare = Self.openSpare()
  }

  private func pause() {
    loop.schedule(at: loop.now + Limits.acceptPauseNanoseconds) { self.acceptAll() }
  }

  // MARK: Sockets

  private static func openSpare() -> Int32 { open("/dev/null", O_RDONLY | O_CLOEXEC) }

  /// Accepted sockets inherit what is set here.
  private static func configure(_ socket: Int32, _ address: SocketAddress) {
    func set(_ level: Int32, _ option: Int32, _ value: Int32) {
      var value = value
      _ = setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
    switch address {
    case .unix: break
    case .v6:
      set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1)
      fallthrough
    case .v4:
      set(SOL_SOCKET, SO_REUSEADDR, 1)
      set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
      set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Limits.unacknowledgedMilliseconds)
    }
  }

  private static func bind(_ socket: Int32, _ address: SocketAddress, _ options: ListenerOptions) -> Bool {
    guard case .unix(let path) = address else { return address.withKernelForm { Glibc.bind(socket, $0, $1) } == 0 }
    UnixSocketFile.removeStale(path)
    return UnixSocketFile.bind(socket, address, path, mode: options.mode)
  }

  private static func isListening(_ socket: Int32) -> Bool {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value == 1
  }

  private static func localAddress(_ socket: Int32) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
    }
    return result == 0 ? SocketAddress(storage) : nil
  }
}
