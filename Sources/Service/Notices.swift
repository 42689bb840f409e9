import Inbound
import Logging
import Posix

/// What is doubtful in what senders send: logged the first time, counted every time.
public final class Notices: Sendable {
  public struct Kind: Hashable, Sendable {
    public let endpoint: String
    public let code: String
  }

  private struct State {
    var counts: [Kind: Int] = [:]
    var told: Set<SourceNotice> = []
  }

  private let state = Lock(State())
  private let log: Logger
  /// What notices are about is chosen by senders: no more than this is remembered, and none beyond it is logged.
  private static let remembered = 1_000

  public init(log: Logger) { self.log = log }

  public func take(_ notice: SourceNotice) {
    let isNew = state.withLock { state in
      state.counts[Kind(endpoint: notice.endpoint, code: notice.code), default: 0] += 1
      return state.told.count < Self.remembered && state.told.insert(notice).inserted
    }
    guard isNew else { return }
    log.warning(
      "\(notice.sentence)",
      metadata: ["endpoint": "\(notice.endpoint)", "code": "\(notice.code)", "subject": "\(notice.subject)"])
  }

  /// How often each was taken, by endpoint and code.
  public var counts: [(kind: Kind, count: Int)] {
    let counts = state.withLock { $0.counts }
    return counts.sorted { ($0.key.endpoint, $0.key.code) < ($1.key.endpoint, $1.key.code) }
      .map { (kind: $0.key, count: $0.value) }
  }
}
