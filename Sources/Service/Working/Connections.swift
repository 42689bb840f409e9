import Connectors
import Events
import Posix

/// The systems that flows read and write, by the names of their connections, with how they are doing.
public final class Connections: Sendable {
  public let connectors: [String: any Connector]
  private let names: [System: String]
  private let streaks = Lock<[String: Int]>([:])

  public init(_ connectors: [String: any Connector]) {
    self.connectors = connectors
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

  /// One call, whose failure is remembered against the connection.
  func call<Value>(
    _ name: String, _ body: (any Connector) async throws(Failure) -> Value
  ) async throws(Stop) -> Value {
    let connector = try connector(name)
    do throws(Failure) {
      let value = try await body(connector)
      streaks.withLock { _ = $0.removeValue(forKey: name) }
      return value
    } catch {
      if case .later(_, .destination, _) = error { streaks.withLock { $0[name, default: 0] += 1 } }
      throw Stop(error, at: name)
    }
  }

  /// How often in a row a connection's system was at fault.
  public func streak(_ name: String?) -> Int {
    guard let name else { return 0 }
    return streaks.withLock { $0[name] ?? 0 }
  }
}
