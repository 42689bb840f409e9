import Posix

/// The context that new connections take. It may be replaced at any time: who shakes hands or is connected keeps the one
/// he began with.
public final class TLSServer: Sendable {
  private let state: Lock<TLSContext>

  public init(_ context: TLSContext) { state = Lock(context) }

  public var current: TLSContext { state.withLock { $0 } }

  public func replace(with context: TLSContext) { state.withLock { $0 = context } }
}
