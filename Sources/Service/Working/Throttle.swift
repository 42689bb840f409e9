import Events

/// What may be done with each system now, by the name of its connection: its circuit and its budget for retries. Pure:
/// the time, in milliseconds of a clock that never goes back, is an argument.
struct Throttle: Sendable {
  private var circuits: [String: Circuit] = [:]
  private var budgets: [String: RetryBudget] = [:]

  /// Milliseconds that work has to wait which would call these systems; nil: it may begin.
  mutating func wait(_ names: [String], isRetry: Bool, at now: Int64) -> Int64? {
    if let shut = names.compactMap({ circuits[$0, default: Circuit()].wait(at: now) }).max() { return shut }
    guard isRetry else { return nil }
    return names.compactMap { budgets[$0, default: RetryBudget()].wait(at: now) }.max()
  }

  /// Whether a call may be made now: nil, or the milliseconds after which it may.
  mutating func call(_ name: String, isRetry: Bool, at now: Int64) -> Int64? {
    guard circuits[name, default: Circuit()].admits(at: now) else {
      if case .open(let left) = circuits[name]?.standing(at: now) { return left }
      return Circuit.Limits.offer
    }
    budgets[name, default: RetryBudget()].called(isRetry: isRetry, at: now)
    return nil
  }

  /// Why a call is not made.
  static func reason(_ name: String) -> Reason {
    Reason("circuit-open", .unavailable, "{0} failed again and again and is left alone for now", quoted: [name])
  }

  mutating func succeeded(_ name: String) { circuits[name]?.succeeded() }

  mutating func failed(_ name: String, _ failure: Failure, at now: Int64) {
    switch failure {
    case .later(let after, .destination, let reason):
      circuits[name, default: Circuit()].failed(reason.kind, after: after.map { $0 * 1_000 }, at: now)
    // Sent and not answered: what the system is like that stopped in the middle.
    case .unknown: circuits[name, default: Circuit()].failed(.timeOut, after: nil, at: now)
    case .later(_, .event, _), .never, .held: succeeded(name)
    }
  }

  /// Connections for which nothing is to be begun now.
  func shut(at now: Int64) -> Set<String> { Set(circuits.filter { $0.value.isShut(at: now) }.keys) }

  /// Whether all is well everywhere: nothing changes by itself.
  func isQuiet(at now: Int64) -> Bool { circuits.values.allSatisfy { $0.standing(at: now) == .closed } }

  func standing(_ name: String, at now: Int64) -> Circuit.Standing { circuits[name]?.standing(at: now) ?? .closed }

  func failuresInARow(_ name: String) -> Int { circuits[name]?.failuresInARow ?? 0 }
}
