import Posix

/// Waiting that somebody may cut short: who is told twice to stop waits for next to nothing, and still ends in order.
public final class Patience: Sendable {
  private struct Waiter {
    let gate: Gate
    /// Waits for work that may be nearly done, and not for time alone.
    let isForWork: Bool
  }
  private struct State {
    var isOver = false
    var waiting: [Waiter] = []
  }
  private let state = Lock(State())

  /// Milliseconds that work still has when nobody waits any more: what is nearly done is done.
  static let moment = 250

  public init() {}

  /// Every wait ends, those to come too: at once, or in a moment where there is work.
  public func hurry() {
    let waiting = state.withLock { state in
      state.isOver = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for waiter in waiting {
      if waiter.isForWork { _ = Self.timer(Self.moment, waiter.gate) } else { waiter.gate.open(false) }
    }
  }

  /// Waits for so many milliseconds at most.
  public func wait(milliseconds: Int) async {
    let gate = Gate()
    if isOver(Waiter(gate: gate, isForWork: false)) { return }
    let timer = Self.timer(milliseconds, gate)
    _ = await gate.pass()
    timer.cancel()
    forget(gate)
  }

  /// Waits until a task has ended, at most for so many milliseconds; whether it has. The task goes on either way.
  public func wait(for task: Task<Void, Never>, milliseconds: Int) async -> Bool {
    let gate = Gate()
    let isOver = isOver(Waiter(gate: gate, isForWork: true))
    let timer = Self.timer(isOver ? min(milliseconds, Self.moment) : milliseconds, gate)
    Task {
      await task.value
      gate.open(true)
    }
    let hasEnded = await gate.pass()
    timer.cancel()
    forget(gate)
    return hasEnded
  }

  private func isOver(_ waiter: Waiter) -> Bool {
    state.withLock { state in
      if !state.isOver { state.waiting.append(waiter) }
      return state.isOver
    }
  }

  private func forget(_ gate: Gate) {
    state.withLock { state in state.waiting.removeAll { $0.gate === gate } }
  }

  private static func timer(_ milliseconds: Int, _ gate: Gate) -> Task<Void, Never> {
    Task { if (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil { gate.open(false) } }
  }
}

/// Opened once, by whoever comes first; one waits for it.
private final class Gate: Sendable {
  private struct State {
    var answer: Bool?
    var waiter: UnsafeContinuation<Bool, Never>?
  }
  private let state = Lock(State())

  func open(_ answer: Bool) {
    let waiter = state.withLock { state -> UnsafeContinuation<Bool, Never>? in
      guard state.answer == nil else { return nil }
      state.answer = answer
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume(returning: answer)
  }

  func pass() async -> Bool {
    await withUnsafeContinuation { continuation in
      let answer = state.withLock { state -> Bool? in
        if state.answer == nil { state.waiter = continuation }
        return state.answer
      }
      if let answer { continuation.resume(returning: answer) }
    }
  }
}
