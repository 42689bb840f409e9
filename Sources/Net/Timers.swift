// Deadlines of rows, calls at a time, and a loop's spare buffers. Everything here runs on the loop's thread.

extension EventLoop {
  /// Sets the deadline of a row; the wheel is touched only where the row's timer would come too late.
  @inline(__always)
  func setDeadline(_ row: UnsafeMutablePointer<Row>, _ slot: Int32, _ deadline: Int64) {
    row.pointee.deadline = deadline
    guard deadline != 0 else { return }
    let tick = TimerWheel.tick(for: deadline)
    guard tick < row.pointee.timerTick else { return }
    row.pointee.timerTick = tick
    state.pointee.wheel.add(LoopToken.row(slot, row.pointee.generation), tick: tick)
  }

  /// Calls `body` on the loop at or soon after `deadline`, on the loop's clock. On the loop only.
  public func schedule(at deadline: Int64, _ body: @escaping () -> Void) {
    state.pointee.callCount += 1
    let token = LoopToken.otherBit | state.pointee.callCount
    state.pointee.calls[token] = body
    state.pointee.wheel.add(token, tick: TimerWheel.tick(for: deadline))
  }

  func fireTimers() {
    guard state.pointee.wheel.isDue(at: now) else { return }
    for token in state.pointee.wheel.advance(to: now) {
      if token & LoopToken.otherBit != 0 {
        let call = state.pointee.calls.removeValue(forKey: token)
        call?()
      } else if let row = row(of: token) {
        fire(row, Int32(truncatingIfNeeded: token))
      }
    }
  }

  private func fire(_ row: UnsafeMutablePointer<Row>, _ slot: Int32) {
    // A row that was given an earlier timer after this one has two in the wheel: looking twice does no harm.
    row.pointee.timerTick = .max
    let deadline = row.pointee.deadline
    guard deadline != 0 else { return }
    guard deadline <= now else { return setDeadline(row, slot, deadline) }
    row.pointee.deadline = 0
    if row.pointee.flags.isDisjoint(with: .withoutTask) {
      row.pointee.resume(.read, .deadline)
      row.pointee.resume(.write, .deadline)
    } else {
      if row.pointee.phase == .head { row.pointee.owner?.expired(Stream(self, slot, row.pointee.generation)) }
      if row.pointee.flags.contains(.open), row.pointee.deadline == 0 { closeRow(slot) }
    }
  }

  /// Suspends the task for at least so long, without a thread; other tasks of the loop go on. On the loop only.
  public func sleep(nanoseconds: Int64) async {
    precondition(isCurrent, "a loop's timer is set on the loop")
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      schedule(at: now + nanoseconds) { continuation.resume() }
    }
  }

  /// An empty array with room, for output that is written at once and given back. On the loop only.
  @inline(__always)
  public func takeBuffer() -> [UInt8] { state.pointee.buffers.popLast() ?? [] }

  @inline(__always)
  public func giveBack(_ buffer: consuming [UInt8]) {
    guard buffer.capacity > 0, buffer.capacity <= Limits.pooledBufferBytes,
      state.pointee.buffers.count < Limits.pooledBuffers
    else { return }
    buffer.removeAll(keepingCapacity: true)
    state.pointee.buffers.append(buffer)
  }
}
