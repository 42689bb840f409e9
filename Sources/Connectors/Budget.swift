import Posix

/// How many requests may be on their way to one account at a time, over all flows (facts: NetSuite's concurrency is one
/// pool for the account).
///
/// Who waits is served in order, interactive work before bulk.
public final class Budget: Sendable {
  public enum Priority: Sendable { case interactive, bulk }

  /// What the current task's calls count as.
  @TaskLocal public static var priority = Priority.interactive

  private struct State {
    var inUse = 0
    var interactive: [UnsafeContinuation<Void, Never>] = []
    var bulk: [UnsafeContinuation<Void, Never>] = []
  }

  public let limit: Int
  private let state = Lock(State())

  public init(limit: Int) { self.limit = max(1, limit) }

  public var inUse: Int { state.withLock { $0.inUse } }
  public var waiting: Int { state.withLock { $0.interactive.count + $0.bulk.count } }

  func use<Value>(_ body: () async -> Value) async -> Value {
    await enter()
    defer { leave() }
    return await body()
  }

  private func enter() async {
    let priority = Self.priority
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      let goes = state.withLock { state -> Bool in
        if state.inUse < limit {
          state.inUse += 1
          return true
        }
        if priority == .interactive { state.interactive.append(continuation) } else { state.bulk.append(continuation) }
        return false
      }
      if goes { continuation.resume() }
    }
  }

  /// Hands the place on, or gives it back.
  private func leave() {
    let next = state.withLock { state -> UnsafeContinuation<Void, Never>? in
      if !state.interactive.isEmpty { return state.interactive.removeFirst() }
      if !state.bulk.isEmpty { return state.bulk.removeFirst() }
      state.inUse -= 1
      return nil
    }
    next?.resume()
  }
}
