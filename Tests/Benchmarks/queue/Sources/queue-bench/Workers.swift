import CBench
import Synchronization

/// Workers that are free, and how long the others took; one loop waits for them.
final class Workers: Sendable {
  private struct State {
    var free: Int
    var latencies = Latencies()
    var waiter: UnsafeContinuation<Int, Never>?
  }

  private let state: Mutex<State>

  init(_ count: Int) { state = Mutex(State(free: count)) }

  var latencies: Latencies { state.withLock { $0.latencies } }

  /// How many are free, once one is.
  func free() async -> Int {
    await withUnsafeContinuation { continuation in
      let free = state.withLock { state in
        if state.free == 0 { state.waiter = continuation }
        return state.free
      }
      if free > 0 { continuation.resume(returning: free) }
    }
  }

  func take() { state.withLock { $0.free -= 1 } }

  func give(after nanoseconds: UInt64) {
    let waiter = state.withLock { state in
      state.free += 1
      state.latencies.note(nanoseconds)
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume(returning: 1)
  }
}
