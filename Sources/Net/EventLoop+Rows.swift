import CLinux
import Glibc

// The table of streams. Everything here runs on the loop's thread.

extension EventLoop {
  @inline(__always)
  func row(_ slot: Int32) -> UnsafeMutablePointer<Row> { state.pointee.table.row(slot) }

  /// The row that a token of epoll or of the wheel means; nil where that use of the slot is over.
  @inline(__always)
  func row(of token: UInt64) -> UnsafeMutablePointer<Row>? {
    let slot = Int32(truncatingIfNeeded: token)
    let row = row(slot)
    guard row.pointee.flags.contains(.open), LoopToken.row(slot, row.pointee.generation) == token else { return nil }
    return row
  }

  /// Takes an event of the kernel.
  func take(_ events: UInt32, _ token: UInt64) {
    // The wake-up's counter need not be read: edge-triggered, the next write is noticed all the same.
    if token == LoopToken.wakeUp { return }
    let number = Int32(truncatingIfNeeded: token)
    if token & LoopToken.otherBit != 0 {
      state.pointee.listeners[number]?()
      return
    }
    guard let row = row(of: token) else { return }
    let broken = events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0
    if broken || events & EPOLLRDHUP.rawValue != 0 { row.pointee.flags.insert(.ended) }
    if broken, row.pointee.flags.contains(.streaming) { row.pointee.task?.cancel() }
    if broken || events & EPOLLOUT.rawValue != 0 {
      row.pointee.flags.insert(.writable)
      edge(.write, row, number)
    }
    guard broken || events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 else { return }
    // The first edge's work may have closed the row.
    guard let row = self.row(of: token) else { return }
    row.pointee.flags.insert(.readable)
    edge(.read, row, number)
  }

  @inline(__always)
  private func edge(_ direction: Direction, _ row: UnsafeMutablePointer<Row>, _ slot: Int32) {
    let stream = Stream(self, slot, row.pointee.generation)
    if row.pointee.flags.isDisjoint(with: .withoutTask) {
      row.pointee.wake(direction)
    } else if row.pointee.awaited(for: .read) != direction {
      return
    } else if row.pointee.flags.contains(.awaitsProxy) {
      readIntroduction(stream)
    } else if row.pointee.flags.contains(.opening) {
      goOnOpening(stream)
    } else if row.pointee.flags.contains(.lingering) {
      goOnLingering(stream)
    } else {
      row.pointee.flags.remove(.idle)
      row.pointee.deadline = 0
      // A head that had begun goes on: its time runs.
      if row.pointee.phase == .idle { move(slot, to: .working) }
      row.pointee.owner?.start(stream)
    }
  }

  /// Takes a descriptor over; nil where the kernel refuses it, and then it is closed.
  func open(_ descriptor: Int32, owner: (any StreamOwner)?, peer: SocketAddress, _ options: ListenerOptions)
    -> Stream?
  {
    let slot = state.pointee.table.take()
    let row = row(slot)
    let generation = row.pointee.generation &+ 1
    row.pointee = Row(
      flags: .open, generation: generation, descriptor: descriptor, owner: owner, peer: peer, openedAt: now)
    if options.proxyProtocol != nil { row.pointee.flags.insert(.awaitsProxy) }
    if let tls = options.tls { row.pointee.transport = TLSTransport(tls) }
    let events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
    let token = LoopToken.row(slot, generation)
    guard clinux_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, events, token) == 0 else {
      state.pointee.table.free(slot)
      _ = Glibc.close(descriptor)
      return nil
    }
    streamCount.wrappingAdd(1, ordering: .relaxed)
    return Stream(self, slot, generation)
  }

  /// Closes a row's descriptor; tasks that are parked on it wake and find it closed.
  func closeRow(_ slot: Int32) {
    let row = row(slot)
    guard row.pointee.flags.contains(.open) else { return }
    let owner = row.pointee.owner
    let stream = Stream(self, slot, row.pointee.generation)
    let peer = row.pointee.peer
    let transport = row.pointee.transport
    let descriptor = row.pointee.descriptor
    row.pointee.resume(.read, .stopped)
    row.pointee.resume(.write, .stopped)
    move(slot, to: .working)
    state.pointee.table.free(slot)
    streamCount.wrappingSubtract(1, ordering: .relaxed)
    // Before the peer can see it: whoever sees a connection closed finds it counted as closed.
    owner?.closed(stream, peer: peer)
    transport?.end(descriptor)
    _ = Glibc.close(descriptor)
  }

  /// Stops an owner's streams. Those that are idle, or between two requests, have a last call: a peer may be sending at
  /// this moment (RFC 9112 9.5), the more so where it has only just connected. With `abruptly` all are closed or woken at
  /// once, wherever they are.
  public func stop(_ owner: any StreamOwner, abruptly: Bool) {
    precondition(isCurrent, "a loop's streams are stopped on the loop")
    for slot in 0..<state.pointee.table.capacity {
      let row = row(slot)
      guard row.pointee.flags.contains(.open), row.pointee.owner === owner else { continue }
      if !row.pointee.flags.isDisjoint(with: .withoutTask) {
        // What has begun goes on, and has a deadline of its own: a handshake, a head, a last word.
        if abruptly {
          closeRow(slot)
        } else if !row.pointee.hasBegun {
          lastCall(row, slot)
        }
      } else if abruptly {
        row.pointee.flags.insert(.doomed)
        row.pointee.task?.cancel()
        row.pointee.resume(.read, .stopped)
        row.pointee.resume(.write, .stopped)
      } else if row.pointee.flags.contains(.between) {
        lastCall(row, slot)
      }
    }
  }

  private func lastCall(_ row: UnsafeMutablePointer<Row>, _ slot: Int32) {
    let deadline = now + Limits.lastCallNanoseconds
    if row.pointee.deadline == 0 || deadline < row.pointee.deadline { setDeadline(row, slot, deadline) }
  }

  /// The socket has bytes that nobody has read.
  func hasBytes(_ descriptor: Int32) -> Bool {
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0
  }

  func closeAllRows() {
    for slot in 0..<state.pointee.table.capacity { closeRow(slot) }
  }

  /// Calls `body` whenever connections wait at a listening socket. False where the kernel refuses.
  func listen(_ socket: Int32, _ body: @escaping () -> Void) -> Bool {
    state.pointee.listeners[socket] = body
    let events = EPOLLIN.rawValue | EPOLLET.rawValue
    return clinux_epoll_control(epoll, EPOLL_CTL_ADD, socket, events, LoopToken.listener(socket)) == 0
  }

  func unlisten(_ socket: Int32) { state.pointee.listeners[socket] = nil }
}
