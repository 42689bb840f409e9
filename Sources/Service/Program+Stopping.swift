import Logging
import Posix
import Web

extension Program {
  /// The friendly end, in an order that loses nothing:
  ///
  /// 1. `/readyz` says no, while everything is still taken; where `announcing`, for as long as `drain.delay` says, so that
  ///    load balancers go elsewhere first.
  /// 2. Nothing new is accepted, every answer is its connection's last; requests in flight are answered and runs under
  ///    way finished, for at most `drain.deadline`. What is not finished then is cut off: such a sender sends again, and
  ///    such a run's lease ends without a count, so that the next start runs it again.
  /// 3. The queue writes what waits and says that all of it is synced; all is closed.
  ///
  /// Hurrying `patience` skips what is left of the waiting, never the third step.
  public func stop(announcing: Bool = false, patience: Patience = Patience()) async {
    readiness.become(.draining)
    options.manager?.stopping("draining")
    let running = running.withLock { running in
      defer { running = nil }
      return running
    }
    if let running {
      let drain = loaded.settings.drain
      if announcing, drain.delay > 0 {
        log.notice("not ready any more; still serving", metadata: ["milliseconds": "\(drain.delay)"])
        await patience.wait(milliseconds: drain.delay)
      }
      await finish(running, within: drain.deadline, patience)
    }
    keeper.close()
    await queue.close()
    try? ledger.close()
    client.close()
    log.notice("stopped")
  }

  private func finish(_ running: Running, within deadline: Int, _ patience: Patience) async {
    log.notice("draining")
    running.work.cancel()
    async let hooks: Void = end(running.hooks, within: deadline, patience)
    let isFinished = await patience.wait(for: running.work, milliseconds: deadline)
    await hooks
    if !isFinished { log.warning("runs were cut off; the next start runs them again") }
    // Last, so that commands and people see what happens until here.
    await end(running.desk, within: min(deadline, Self.deskDeadline), patience)
    running.watchdog?.cancel()
    running.audit.cancel()
    running.certificates?.cancel()
    running.keeping.cancel()
    await running.keeping.value
    running.loops.stop()
    DataFolder.removeStale(running.socket)
  }

  /// A server's own deadline cuts connections off; the one here is for handlers that do not even notice that.
  private func end(_ server: Server, within deadline: Int, _ patience: Patience) async {
    let draining = Task { await server.drain(within: deadline) }
    if await patience.wait(for: draining, milliseconds: deadline + Self.cutOff) { return }
    let closing = Task { await server.close() }
    _ = await Patience().wait(for: closing, milliseconds: Self.cutOff)
  }

  /// Milliseconds that a page or a listing under way has at the end.
  private static let deskDeadline = 2_000
  /// Milliseconds in which what was cut off is gone.
  private static let cutOff = 1_000
}
