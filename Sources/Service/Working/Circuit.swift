import Events

/// Whether a system is called at all, from how its last calls ended. Pure: the time, in milliseconds of any clock that
/// never goes back, is an argument.
///
/// Closed until it failed several times in a row, or half of its last calls, with the same class of error. Then open: nobody
/// calls it for a while. After that one call is its probe: a success closes the circuit, a failure opens it for twice as
/// long.
struct Circuit: Sendable {
  enum Standing: Hashable, Sendable {
    case closed
    /// For so many milliseconds more.
    case open(Int64)
    /// The next call is the probe.
    case due
    case probing
  }

  enum Limits {
    /// Milliseconds that it is open for at first, and at most.
    static let shortest: Int64 = 5_000
    static let longest: Int64 = 60_000
    /// Milliseconds of `Retry-After` that are believed.
    static let asked: Int64 = 3_600_000
    /// Calls of which a share is taken.
    static let recent = 20
    /// Milliseconds after which a probe, or work that was to bring one, counts as lost.
    static let lost: Int64 = 120_000
    static let offer: Int64 = 5_000
  }

  private enum State {
    case closed
    case open(until: Int64)
    case probing(since: Int64)
  }

  private var state = State.closed
  /// How the last calls ended; nil: well.
  private var recent: [Reason.Class?] = []
  private var length = Limits.shortest
  private var offeredAt: Int64?
  /// Calls in a row that the system failed.
  private(set) var failuresInARow = 0

  func standing(at now: Int64) -> Standing {
    switch state {
    case .closed: .closed
    case .open(let until): now < until ? .open(until - now) : .due
    case .probing(let since): now - since < Limits.lost ? .probing : .due
    }
  }

  /// Whether a call may be made now; while the probe is due, the first one is it.
  mutating func admits(at now: Int64) -> Bool {
    switch standing(at: now) {
    case .closed: return true
    case .open, .probing: return false
    case .due:
      state = .probing(since: now)
      return true
    }
  }

  /// Milliseconds that work has to wait which would call the system; nil: it may begin. While the probe is due, one piece
  /// of work may.
  mutating func wait(at now: Int64) -> Int64? {
    switch standing(at: now) {
    case .closed: return nil
    case .open(let left): return left
    case .probing: return Limits.offer
    case .due:
      if let offeredAt, now - offeredAt < Limits.offer { return Limits.offer }
      offeredAt = now
      return nil
    }
  }

  /// Whether work for the system is to be left where it is.
  func isShut(at now: Int64) -> Bool {
    switch standing(at: now) {
    case .closed: false
    case .open, .probing: true
    case .due: offeredAt.map { now - $0 < Limits.offer } ?? false
    }
  }

  /// The system answered, whatever it said.
  mutating func succeeded() {
    failuresInARow = 0
    switch state {
    case .closed: note(nil)
    // An answer to what was asked before says nothing of now.
    case .open: break
    case .probing:
      self = Circuit()
    }
  }

  /// The system was at fault. `after`: milliseconds that it asked for.
  mutating func failed(_ kind: Reason.Class, after: Int64?, at now: Int64) {
    failuresInARow += 1
    switch state {
    case .closed:
      note(kind)
      if isTooMuch(kind) { open(after, at: now) }
    case .open: break
    case .probing:
      length = min(length * 2, Limits.longest)
      open(after, at: now)
    }
  }

  private mutating func open(_ after: Int64?, at now: Int64) {
    recent = []
    offeredAt = nil
    state = .open(until: now + max(length, min(after ?? 0, Limits.asked)))
  }

  private mutating func note(_ kind: Reason.Class?) {
    if recent.count == Limits.recent { recent.removeFirst() }
    recent.append(kind)
  }

  /// Accounts are locked for a few wrong sign-ins; limits are met now and then by everybody.
  private func isTooMuch(_ kind: Reason.Class) -> Bool {
    let (inARow, least) =
      switch kind {
      case .authentication: (2, 10)
      case .limit: (10, 20)
      default: (5, 10)
      }
    if recent.suffix(inARow).count == inARow, recent.suffix(inARow).allSatisfy({ $0 == kind }) { return true }
    return recent.count >= least && recent.count(where: { $0 == kind }) * 2 >= recent.count
  }
}
