import Posix

/// What `/readyz` says. Ready only while an event can be stored.
public final class Readiness: Sendable {
  public enum State: Sendable, Hashable {
    case starting
    case ready
    /// Told to stop: still taking everything, but the load balancer should look elsewhere.
    case draining
    /// The disk refuses.
    case refused(String)

    /// For those who run it.
    public var sentence: String {
      switch self {
      case .starting: "starting"
      case .ready: "ready"
      case .draining: "draining"
      case .refused(let why): "storage refuses: \(why)"
      }
    }

    /// For whoever may reach the public listener: no path and no error of the machine.
    public var reason: String {
      if case .refused = self { "events cannot be stored" } else { sentence }
    }
  }

  private struct Facts {
    var state = State.starting
    /// Monotonic nanoseconds until which there is no room.
    var fullUntil = Int64.min
  }

  private let facts = Lock(Facts())
  private let now: @Sendable () -> Int64

  /// - Parameter now: the monotonic clock, nanoseconds.
  public init(now: @escaping @Sendable () -> Int64 = Clock.monotonicNanoseconds) {
    self.now = now
  }

  public var state: State {
    facts.withLock { facts in
      facts.state == .ready && now() < facts.fullUntil ? .refused("there is no room") : facts.state
    }
  }

  public func become(_ state: State) { facts.withLock { $0.state = state } }

  /// There was no room for an event. Ends by itself, as senders who are kept away could not show that there is room.
  public func refuse(seconds: Int64) {
    facts.withLock { $0.fullUntil = now() + seconds * 1_000_000_000 }
  }
}
