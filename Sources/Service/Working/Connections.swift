import Connectors
import Events
import Posix

/// The systems that flows read and write, by the names of their connections, with how they are doing.
public final class Connections: Sendable {
  public let connectors: [String: any Connector]
  private let names: [System: String]
  private let throttle = Lock(Throttle())
  /// Milliseconds; never goes back.
  private let time: @Sendable () -> Int64

  /// Whether what is done by this task was tried before.
  @TaskLocal static var isRetry = false

  public init(
    _ connectors: [String: any Connector],
    time: @escaping @Sendable () -> Int64 = { Clock.monotonicNanoseconds() / 1_000_000 }
  ) {
    self.connectors = connectors
    self.time = time
    names = Dictionary(connectors.map { ($0.value.system, $0.key) }, uniquingKeysWith: { first, _ in first })
  }

  /// The connection to the system that an event came from.
  public func name(of system: System) -> String? { names[system] }

  /// API calls so far, sign-ins included.
  public var calls: Int { connectors.values.reduce(0) { $0 + $1.calls } }

  func connector(_ name: String) throws(Stop) -> any Connector {
    if let connector = connectors[name] { return connector }
    throw Stop(
      .never(Reason("connection-missing", .configuration, "the connection {0} is not configured", quoted: [name])),
      at: name)
  }

  /// One call, whose end is remembered for the system's circuit and its budget.
  func call<Value>(
    _ name: String, _ body: (any Connector) async throws(Failure) -> Value
  ) async throws(Stop) -> Value {
    let connector = try connector(name)
    if let left = throttle.withLock({ $0.call(name, isRetry: Self.isRetry, at: time()) }) {
      throw Stop(.later(after: (left + 999) / 1_000, .destination, Throttle.reason(name)), at: name)
    }
    do throws(Failure) {
      let value = try await body(connector)
      throttle.withLock { $0.succeeded(name) }
      return value
    } catch {
      throttle.withLock { $0.failed(name, error, at: time()) }
      throw Stop(error, at: name)
    }
  }

  /// Milliseconds that work has to wait which would call these systems; nil: it may begin.
  func wait(_ names: [String], isRetry: Bool) -> Int64? {
    throttle.withLock { $0.wait(names, isRetry: isRetry, at: time()) }
  }

  /// Connections for which nothing is to be begun now, and whether that may change by itself.
  var shut: (names: Set<String>, isChanging: Bool) {
    throttle.withLock { ($0.shut(at: time()), !$0.isQuiet(at: time())) }
  }

  /// How often in a row a connection's system was at fault.
  public func streak(_ name: String?) -> Int {
    guard let name else { return 0 }
    return throttle.withLock { $0.failuresInARow(name) }
  }

  /// `closed`, `open` (nothing is sent to the system for now) or `probing`.
  public func circuit(_ name: String) -> String {
    switch throttle.withLock({ $0.standing(name, at: time()) }) {
    case .closed: "closed"
    case .open: "open"
    case .due, .probing: "probing"
    }
  }
}
