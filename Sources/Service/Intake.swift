import Events
import Formats
import HTTP
import Inbound
import Queue
import Web

/// The public listener: webhooks in, an answer once they are on disk; and what load balancers ask.
///
/// Nothing here parses before it has verified, answers before the queue has synced, or echoes what was sent.
public struct Intake: Handler {
  private let sources: [String: any Source]
  private let queue: any EventQueue
  private let readiness: Readiness
  private let now: @Sendable () -> Instant
  /// Seconds that a sender is asked to wait when nothing can be stored.
  private static let retryAfter: Int64 = 5

  public init(
    sources: [String: any Source], queue: any EventQueue, readiness: Readiness,
    now: @escaping @Sendable () -> Instant = Now.wall
  ) {
    self.sources = sources
    self.queue = queue
    self.readiness = readiness
    self.now = now
  }

  public nonisolated(nonsending) func respond(to request: Request) async -> Response {
    if let name = Self.endpoint(request.path) {
      guard let source = sources[name] else { return .problem(.notFound) }
      return await take(request, source)
    }
    switch request.path {
    case "/healthz": return Self.probe(request) ?? .text("alive\n")
    case "/readyz": return Self.probe(request) ?? ready()
    default: return .problem(.notFound)
    }
  }

  public func limits(for head: RequestHead) -> BodyLimits {
    guard let name = Self.endpoint(head.path), let source = sources[name] else { return .default }
    return BodyLimits(bytes: source.bodyLimit)
  }

  private nonisolated(nonsending) func take(_ request: Request, _ source: any Source) async -> Response {
    guard request.method == .post else { return Self.notAllowed("POST") }
    if case .draining = readiness.state { return source.refuse(.unavailable(retryAfter: Self.retryAfter)) }
    do throws(Rejection) {
      let proof = try source.verify(request, at: now())
      let events = try source.events(in: request, proof)
      return source.acknowledge(try await store(events))
    } catch {
      return source.refuse(error)
    }
  }

  private nonisolated(nonsending) func store(_ events: [Event]) async throws(Rejection) -> [Accepted] {
    do throws(QueueError) {
      return try await queue.append(events)
    } catch {
      if case .tooLarge(let limit) = error { throw .tooLarge(limit: limit) }
      if error == .full { readiness.refuse(seconds: Self.retryAfter) }
      throw .unavailable(retryAfter: Self.retryAfter)
    }
  }

  private func ready() -> Response {
    let state = readiness.state
    if state == .ready { return .text("ready\n") }
    var response = Response.text(state.sentence + "\n", status: .serviceUnavailable)
    response.fields["Retry-After"] = "\(Self.retryAfter)"
    return response
  }

  /// Nil where the method is one that a probe may use.
  private static func probe(_ request: Request) -> Response? {
    request.method == .get || request.method == .head ? nil : notAllowed("GET, HEAD")
  }

  private static func notAllowed(_ methods: String) -> Response {
    var response = Response.problem(.methodNotAllowed)
    response.fields["Allow"] = methods
    return response
  }

  /// The endpoint's name of `/hooks/{endpoint}` and `/hooks/{endpoint}/{token}`.
  private static func endpoint(_ path: String) -> String? {
    let prefix = "/hooks/"
    guard path.utf8.starts(with: prefix.utf8) else { return nil }
    let rest = path.utf8.dropFirst(prefix.utf8.count)
    let name = rest.prefix { $0 != UInt8(ascii: "/") }
    let token = rest.dropFirst(name.count).dropFirst()
    guard !name.isEmpty, !token.contains(UInt8(ascii: "/")) else { return nil }
    return String(name)
  }
}
