import HTTP

/// Answers requests. Runs on the connection's event loop: it may suspend, it must not block.
///
/// Each request is asked about twice: `admit` sees its head before anything of its body is read, `respond` sees all of it.
public protocol Handler: Sendable {
  /// Whether the body is worth reading. Everything is taken where a handler says nothing.
  func admit(_ head: RequestHead, from peer: Peer) -> Admission

  /// Asked only for what was admitted.
  nonisolated(nonsending) func respond(to request: Request) async -> Response

  /// The answer to an admitted request that could not be read to its end: too slow (408), too large (413), malformed
  /// (400), in a coding that is not taken (415). Problem details where a handler says nothing.
  func refuse(_ error: HTTPError, of head: RequestHead) -> Response
}

extension Handler {
  public func admit(_ head: RequestHead, from peer: Peer) -> Admission { .take(.default) }

  public func refuse(_ error: HTTPError, of head: RequestHead) -> Response { error.response }

  /// Answers a request that no connection brought, in the same steps.
  public nonisolated(nonsending) func handle(_ request: Request) async -> Response {
    let head = RequestHead(
      method: request.method, path: request.path, query: request.query, fields: request.fields,
      bodyLength: request.body.count)
    switch admit(head, from: request.peer) {
    case .refuse(let response): return response
    case .take(let limits):
      do throws(HTTPError) { try head.checkLength(limit: limits.bytes) } catch { return refuse(error, of: head) }
      return await respond(to: request)
    }
  }
}

/// What becomes of a request whose head is known.
public enum Admission: Sendable {
  /// The body is read, within these limits.
  case take(BodyLimits)
  /// This is the answer. A body that was announced is not read, so the connection ends with it.
  case refuse(Response)
}

/// What a request's body may be.
public struct BodyLimits: Hashable, Sendable {
  /// Octets; more is 413, before reading where Content-Length says so. Of a compressed body, both before and after.
  public var bytes: Int
  /// Whether `Content-Encoding: gzip` is taken; 415 otherwise.
  public var gzip: Bool

  public init(bytes: Int, gzip: Bool = false) {
    self.bytes = bytes
    self.gzip = gzip
  }

  public static let `default` = BodyLimits(bytes: HTTPLimits.default.body)
}

/// A handler that is a closure.
public struct HandlerFunction: Handler {
  private let body: nonisolated(nonsending) @Sendable (Request) async -> Response

  public init(_ body: nonisolated(nonsending) @escaping @Sendable (Request) async -> Response) { self.body = body }

  public nonisolated(nonsending) func respond(to request: Request) async -> Response { await body(request) }
}
