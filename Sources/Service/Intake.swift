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
  private let refusals: Refusals
  private let now: @Sendable () -> Instant
  /// Seconds that a sender is asked to wait when nothing can be stored.
  private static let retryAfter: Int64 = 5

  public init(
    sources: [String: any Source], queue: any EventQueue, readiness: Readiness, refusals: Refusals = Refusals(),
    now: @escaping @Sendable () -> Instant = Now.wall
  ) {
    self.sources = sources
    self.queue = queue
    self.readiness = readiness
    self.refusals = refusals
    self.now = now
  }

  public func admit(_ head: RequestHead, from peer: Peer) -> Admission {
    if let name = Self.endpoint(head.path) {
      guard let source = sources[name] else { return .refuse(.problem(.notFound)) }
      return admit(head, to: source)
    }
    switch head.path {
    case "/healthz", "/readyz":
      return head.method == .get || head.method == .head ? .take(.default) : .refuse(Self.notAllowed("GET, HEAD"))
    default: return .refuse(.problem(.notFound))
    }
  }

  private func admit(_ head: RequestHead, to source: any Source) -> Admission {
    guard head.method == .post else { return .refuse(Self.notAllowed("POST")) }
    do throws(Rejection) {
      try source.admit(head.fields)
      return .take(source.bodyLimits)
    } catch {
      return .refuse(source.refuse(error))
    }
  }

  public func refuse(_ error: HTTPError, of head: RequestHead) -> Response {
    guard let name = Self.endpoint(head.path), let source = sources[name] else { return error.response }
    return source.refuse(Rejection(error))
  }

  public nonisolated(nonsending) func respond(to request: Request) async -> Response {
    if let name = Self.endpoint(request.path), let source = sources[name] { return await take(request, name, source) }
    switch request.path {
    case "/healthz": return .text("alive\n")
    case "/readyz": return ready()
    default: return .problem(.notFound)
    }
  }

  private nonisolated(nonsending) func take(_ request: Request, _ name: String, _ source: any Source) async -> Response
  {
    do throws(Rejection) {
      let proof = try prove(request, source)
      let events = try source.events(in: request, proof)
      return source.acknowledge(try await store(events))
    } catch {
      refusals.count(error, at: name)
      return source.refuse(error)
    }
  }

  /// Of a compressed body, senders sign what they pack or what they send: HTTP libraries pack behind the back of the code
  /// that signs, and gateways sign what leaves. Either proves the same content.
  private func prove(_ request: Request, _ source: any Source) throws(Rejection) -> Proof {
    let time = now()
    do throws(Rejection) {
      return try source.verify(request, at: time)
    } catch {
      guard let sent = request.asSent else { throw error }
      do throws(Rejection) { return try source.verify(sent, at: time) } catch _ { throw error }
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
    var response = Response.text(state.reason + "\n", status: .serviceUnavailable)
    response.fields["Retry-After"] = "\(Self.retryAfter)"
    return response
  }

  private static func notAllowed(_ methods: String) -> Response {
    var response = Response.problem(.methodNotAllowed)
    response.fields["Allow"] = methods
    return response
  }

  /// The endpoint's name of `/hooks/{endpoint}` and `/hooks/{endpoint}/{token}`.
  private static func endpoint(_ path: String) -> String? {
    var path = path
    return path.withUTF8 { octets in
      let prefix: StaticString = "/hooks/"
      var end = prefix.utf8CodeUnitCount
      guard octets.count > end else { return nil }
      for place in 0..<end where octets[place] != prefix.utf8Start[place] { return nil }
      let start = end
      while end < octets.count, octets[end] != UInt8(ascii: "/") { end += 1 }
      var last = end + 1
      while last < octets.count, octets[last] != UInt8(ascii: "/") { last += 1 }
      guard end > start, last >= octets.count else { return nil }
      return String(decoding: UnsafeBufferPointer(rebasing: octets[start..<end]), as: UTF8.self)
    }
  }
}
