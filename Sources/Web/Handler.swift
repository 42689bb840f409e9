import HTTP

/// Answers requests. Runs on the connection's event loop: it may suspend, it must not block.
public protocol Handler: Sendable {
  nonisolated(nonsending) func respond(to request: Request) async -> Response

  /// How large a body this head may announce; asked before the body is read. 1 MiB where a handler says nothing.
  func limits(for head: RequestHead) -> BodyLimits
}

extension Handler {
  public func limits(for head: RequestHead) -> BodyLimits { .default }
}

/// What a request's body may be.
public struct BodyLimits: Hashable, Sendable {
  /// Octets; more is 413, before reading where Content-Length says so.
  public var bytes: Int

  public init(bytes: Int) { self.bytes = bytes }

  public static let `default` = BodyLimits(bytes: HTTPLimits.default.body)
}

/// A handler that is a closure.
public struct HandlerFunction: Handler {
  private let body: nonisolated(nonsending) @Sendable (Request) async -> Response

  public init(_ body: nonisolated(nonsending) @escaping @Sendable (Request) async -> Response) { self.body = body }

  public nonisolated(nonsending) func respond(to request: Request) async -> Response { await body(request) }
}
