import Posix

/// Which records are being settled at this moment, by either of their names.
///
/// Two events can lead to one pair under two names before its link is known; a lane cannot see that, this can. Nobody
/// waits here, so that runs that bring each other's records cannot stop each other: who comes second tries again soon.
public final class PairLocks: Sendable {
  private let held = Lock<Set<String>>([])

  public init() {}

  /// All of them, or none.
  public func acquire(_ names: [String]) -> Bool {
    held.withLock { held in
      guard names.allSatisfy({ !held.contains($0) }) else { return false }
      held.formUnion(names)
      return true
    }
  }

  public func release(_ names: [String]) {
    held.withLock { $0.subtract(names) }
  }
}
