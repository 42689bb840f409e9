import HTTP
import Net
import Posix
import Synchronization

/// Serves HTTP/1.1 on any number of addresses with one handler.
///
/// `drain` is the friendly end: nothing new is accepted, what is in flight is answered with `Connection: close`, idle
/// connections are closed. `close` is the other one. Saying "not ready" before either is the product's business.
public final class Server: StreamOwner {
  let handler: any Handler
  let limits: HTTPLimits
  /// Who may speak for others; such connections are not counted for their address.
  let forwarding: Forwarding
  private let standingFields: StandingFields
  private let loops: EventLoopGroup
  private let parts: [LoopPart]
  /// Connections at most: as the limits say, or fewer where the process has not so many descriptors.
  private let capacity: Int
  private let open = Atomic<Int>(0)
  private let draining = Atomic<Bool>(false)
  private let state = Lock(State())

  private struct State {
    var listeners: [Listener] = []
    var peers = PeerCounts()
    var waiting: [UnsafeContinuation<Void, Never>] = []
  }

  public init(
    handler: any Handler, limits: HTTPLimits = .default, proxies: AddressRanges = .none,
    standing: StandingFields = StandingFields(), loops: EventLoopGroup
  ) {
    self.handler = handler
    self.limits = limits
    standingFields = standing
    forwarding = Forwarding(proxies: proxies)
    self.loops = loops
    capacity = min(limits.connections, ProcessLimits.descriptorsForConnections)
    let share = limits.memory / loops.loops.count
    parts = loops.loops.map { LoopPart($0, memory: share) }
  }

  /// Binds, listens and begins to accept; the address that was bound, with the kernel's port where 0 was asked for.
  @discardableResult
  public func listen(
    on address: SocketAddress, options: ListenerOptions = ListenerOptions()
  ) throws(NetError) -> SocketAddress {
    begin(try Listener(on: address, options: options, group: loops, owner: self))
  }

  /// Begins to accept on a socket that listens already and was opened elsewhere: by systemd, say.
  @discardableResult
  public func listen(
    adopting descriptor: consuming FileDescriptor, options: ListenerOptions = ListenerOptions()
  ) throws(NetError) -> SocketAddress {
    begin(try Listener(adopting: descriptor, options: options, group: loops, owner: self))
  }

  private func begin(_ listener: Listener) -> SocketAddress {
    state.withLock { $0.listeners.append(listener) }
    listener.start()
    return listener.address
  }

  public var counters: ServerCounters {
    var counters = ServerCounters()
    counters.connectionsOpen = open.load(ordering: .relaxed)
    for part in parts { part.add(to: &counters) }
    return counters
  }

  public var isDraining: Bool { draining.load(ordering: .acquiring) }

  // MARK: The end

  /// Accepts nothing more, finishes what is in flight, and returns when the last connection is closed. What is not
  /// finished after so many milliseconds is cut off; without a limit a response that streams without end keeps it
  /// waiting until `close`.
  public func drain(within milliseconds: Int? = nil) async {
    if let milliseconds {
      loops.loops[0].call { loop in
        loop.schedule(at: loop.now + milliseconds.nanoseconds) { [weak self] in self?.cutOff() }
      }
    }
    await stop(abruptly: false)
  }

  /// Cuts every connection off; returns when all are closed and the tasks that served them were cancelled.
  public func close() async {
    await stop(abruptly: true)
  }

  private func stop(abruptly: Bool) async {
    draining.store(true, ordering: .releasing)
    let listeners = state.withLock { state in
      let listeners = state.listeners
      state.listeners = []
      return listeners
    }
    for listener in listeners { await listener.close() }
    // Each loop has taken what was accepted for it when it has come to this call.
    for loop in loops.loops {
      await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
        loop.call { loop in
          loop.stop(self, abruptly: abruptly)
          continuation.resume()
        }
      }
    }
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      let isDone = state.withLock { state in
        if open.load(ordering: .acquiring) == 0 { return true }
        state.waiting.append(continuation)
        return false
      }
      if isDone { continuation.resume() }
    }
  }

  private func cutOff() {
    for loop in loops.loops { loop.call { loop in loop.stop(self, abruptly: true) } }
  }

  // MARK: StreamOwner

  public var idleNanoseconds: Int64 {
    if isDraining { return ConnectionLimits.lastRequest }
    return (isCrowded(open.load(ordering: .relaxed)) ? limits.idleUnderPressure : limits.idle).nanoseconds
  }

  public func most(in phase: Phase) -> Int {
    switch phase {
    case .opening: max(1, limits.handshakes / parts.count)
    case .head: max(1, limits.halfSentHeads / parts.count)
    case .working, .body, .idle: .max
    }
  }

  public func start(_ stream: Net.Stream) {
    let part = part(of: stream.loop)
    let task = Task(executorPreference: stream.loop) {
      var connection = Connection(stream, self, part)
      await connection.run()
    }
    stream.serve(with: task)
  }

  public func opened(_ stream: Net.Stream) {
    let part = part(of: stream.loop)
    part.accepted.wrappingAdd(1, ordering: .relaxed)
    let count = open.wrappingAdd(1, ordering: .relaxed).newValue
    let isOneTooMany = counts(stream.peer)
    // One goes for this one, and one more so that it does not stay crowded.
    for _ in 0..<2 where isCrowded(open.load(ordering: .relaxed)) { stream.loop.makeRoom(self) }
    if count > capacity - capacity / 20 || isOneTooMany { refuse(stream, part, lingers: count <= capacity) }
  }

  public func introduced(_ stream: Net.Stream, by proxy: SocketAddress) {
    state.withLock { $0.peers.remove(PeerKey(proxy)) }
    if counts(stream.peer) { refuse(stream, part(of: stream.loop), lingers: true) }
  }

  /// Counts a connection for its address; true where that address has too many.
  private func counts(_ peer: SocketAddress) -> Bool {
    let key = PeerKey(peer)
    let ofPeer = state.withLock { $0.peers.add(key) }
    return ofPeer > limits.connectionsPerPeer && !key.isLocal && !forwarding.proxies.contains(peer)
  }

  public func closed(_ stream: Net.Stream, peer: SocketAddress) {
    let waiting = state.withLock { state in
      state.peers.remove(PeerKey(peer))
      guard open.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 else {
        return [UnsafeContinuation<Void, Never>]()
      }
      let waiting = state.waiting
      state.waiting = []
      return waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  public func expired(_ stream: Net.Stream) {
    answerAtOnce(Connection.tooSlow.response, stream, part(of: stream.loop))
    stream.endWriting()
    stream.close()
  }

  /// More than four fifths of the connections there may be: older ones have to go.
  private func isCrowded(_ count: Int) -> Bool { count > capacity - capacity / 5 }

  /// Too many connections: a short answer where one can be read, and, while there is room to linger, an end that does not
  /// take it back.
  private func refuse(_ stream: Net.Stream, _ part: LoopPart, lingers: Bool) {
    part.refused.wrappingAdd(1, ordering: .relaxed)
    guard stream.isPlain else { return stream.close() }
    var response = Response.problem(.serviceUnavailable)
    response.fields["Retry-After"] = "\(ConnectionLimits.retryAfter)"
    answerAtOnce(response, stream, part)
    guard lingers else { return stream.close() }
    stream.linger(bytes: limits.lingeringOctets, nanoseconds: limits.lingering.nanoseconds)
  }

  /// An answer that no task has to wait for: what the socket does not take at once is lost.
  private func answerAtOnce(_ response: Response, _ stream: Net.Stream, _ part: LoopPart) {
    part.count(response.status)
    var out: [UInt8] = []
    _ = ResponseWriter.serialize(
      response, to: nil, date: part.dateNow(), standing: standing(stream), close: true, into: &out)
    _ = try? out.span.withUnsafeBytes { (bytes) throws(NetError) in try stream.writeNow(bytes) }
  }

  /// A listed proxy wrote the stream's bytes: what its requests say of their clients counts.
  func isForwarded(_ stream: Net.Stream) -> Bool { stream.namesClient && forwarding.proxies.contains(stream.peer) }

  /// What every answer on this stream says.
  func standing(_ stream: Net.Stream) -> [UInt8] {
    stream.isSecure && !isForwarded(stream) ? standingFields.overTLS : standingFields.everywhere
  }

  private func part(of loop: EventLoop) -> LoopPart {
    for part in parts where part.loop === loop { return part }
    preconditionFailure("a connection is on one of the server's loops")
  }
}
