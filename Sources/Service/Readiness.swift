import Posix

/// What `/readyz` says. Ready only while an event can be stored.
public final class Readiness: Sendable {
  public enum State: Sendable, Hashable {
    case starting
    case ready
    /// Told to stop: still answering, but the load balancer should look elsewhere.
    case draining
    /// The disk refuses.
    case refused(String)

    public var sentence: String {
      switch self {
      case .starting: "starting"
      case .ready: "ready"
      case .draining: "draining"
      case .refused(let why): "storage refuses: \(why)"
      }
    }
  }

  private let current = Lock<State>(.starting)

  public init() {}

  public var state: State { current.withLock { $0 } }

  public func become(_ state: State) { current.withLock { $0 = state } }

  /// Storage works again: only a refusal ends, never a drain.
  public func recover() {
    current.withLock { state in
      if case .refused = state { state = .ready }
    }
  }
}
