import Formats
import Posix

/// Something that is to go wrong with the next calls that match.
public struct Fault: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Salesforce: 403 `REQUEST_LIMIT_EXCEEDED`. NetSuite: 429 `CONCURRENCY_LIMIT_EXCEEDED`.
    case limit
    /// Salesforce: `UNABLE_TO_LOCK_ROW`. NetSuite: the record is locked by a workflow.
    case lock
    /// The token of the call is revoked first, as if it had expired.
    case expiredToken = "expired-token"
    /// 503, or NetSuite's 500 `UNEXPECTED_ERROR`: nothing was done.
    case unavailable
    /// The work is done and stored; the answer never comes.
    case timeOutAfterCommit = "time-out-after-commit"
    /// The work is done and stored; the connection breaks in the middle of the answer.
    case closeAfterCommit = "close-after-commit"
    /// The answer comes late.
    case latency
  }

  public var kind: Kind
  /// Nil: any.
  public var method: String?
  /// Part of the path; nil: any.
  public var path: String?
  /// How many calls it takes.
  public var times: Int
  /// How late an answer comes, or how long a stalled one is held.
  public var milliseconds: Int64

  public init(_ kind: Kind, method: String? = nil, path: String? = nil, times: Int = 1, milliseconds: Int64? = nil) {
    self.kind = kind
    self.method = method
    self.path = path
    self.times = times
    self.milliseconds = milliseconds ?? (kind == .latency ? 500 : 120_000)
  }

  /// `{"kind":"limit","method":"POST","path":"/query","times":3,"milliseconds":500}`; nil where it is none.
  init?(_ json: JSON) {
    guard let kind = json["kind"]?.string.flatMap({ Kind(rawValue: $0) }) else { return nil }
    self.init(
      kind, method: json["method"]?.string, path: json["path"]?.string, times: Int(json["times"]?.int ?? 1),
      milliseconds: json["milliseconds"]?.int)
  }

  func matches(_ method: String, _ path: String) -> Bool {
    times > 0 && (self.method.map { $0 == method } ?? true) && (self.path.map { path.contains($0) } ?? true)
  }
}

/// The faults that wait for their calls.
final class FaultPlan: Sendable {
  private let faults = Lock<[Fault]>([])
  private let stopped = Lock(false)

  func add(_ fault: Fault) { faults.withLock { $0.append(fault) } }

  func clear() { faults.withLock { $0.removeAll() } }

  /// Whether every fault has met its calls.
  var isUsedUp: Bool { faults.withLock { $0.isEmpty } }

  /// The first that matches; it has one call less to take.
  func next(_ method: String, _ path: String) -> Fault? {
    faults.withLock { faults in
      guard let index = faults.firstIndex(where: { $0.matches(method, path) }) else { return nil }
      let fault = faults[index]
      faults[index].times -= 1
      if faults[index].times <= 0 { faults.remove(at: index) }
      return fault
    }
  }

  func stop() { stopped.withLock { $0 = true } }

  /// Waits out a fault's time; ends early when the simulator stops or the caller's task is cancelled.
  func wait(_ fault: Fault) async {
    let end = Clock.monotonicNanoseconds() + fault.milliseconds * 1_000_000
    while Clock.monotonicNanoseconds() < end, !Task.isCancelled, !stopped.withLock({ $0 }) {
      try? await Task.sleep(nanoseconds: UInt64(min(20_000_000, max(1, end - Clock.monotonicNanoseconds()))))
    }
  }
}
