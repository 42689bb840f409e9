/// How the service ends when it is told to: `drain:`.
public struct Drain: Hashable, Sendable {
  /// Milliseconds during which it says that it is not ready and still takes everything, so that load balancers notice:
  /// longer than their checks need.
  public var delay = 10_000
  /// Milliseconds that what is in flight, requests and runs, has afterwards.
  public var deadline = 25_000

  public init() {}
}
