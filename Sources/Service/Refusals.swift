import Inbound
import Posix

/// How often requests were refused, by endpoint and reason. Senders are told little; whoever runs the service can see
/// what is wrong with them.
public final class Refusals: Sendable {
  private let counts = Lock<[Notices.Kind: Int]>([:])

  public init() {}

  func count(_ rejection: Rejection, at endpoint: String) {
    counts.withLock { $0[Notices.Kind(endpoint: endpoint, code: rejection.code), default: 0] += 1 }
  }

  public var list: [(kind: Notices.Kind, count: Int)] {
    counts.withLock { $0 }.sorted { ($0.key.endpoint, $0.key.code) < ($1.key.endpoint, $1.key.code) }
      .map { (kind: $0.key, count: $0.value) }
  }
}
