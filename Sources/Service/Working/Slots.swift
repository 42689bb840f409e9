import Posix

/// Places for work under way; one waiter, the dispatcher's loop.
final class Slots: Sendable {
  private struct State {
    var free: Int
    var waiter: UnsafeContinuation<Void, Never>?
  }
  private let state: Lock<State>

  init(_ count: Int) { state = Lock(State(free: count)) }

  var free: Int { state.withLock { $0.free } }

  func take(_ count: Int) { state.withLock { $0.free -= count } }

  func give(_ count: Int) {
    let waiter = state.withLock { state -> UnsafeContinuation<Void, Never>? in
      state.free += count
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }

  func waitForOne() async {
    await withUnsafeContinuation { continuation in
      let isFree = state.withLock { state in
        if state.free > 0 { return true }
        state.waiter = continuation
        return false
      }
      if isFree { continuation.resume() }
    }
  }
}
