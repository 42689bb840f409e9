import HTTP

/// Sends each request to the handler of its path and method.
///
/// No such path is 404; a path without that method is 405 with `Allow` (RFC 9110 15.5.6); HEAD is answered by GET's handler
/// where it has none of its own, without the body. Literal segments win over names.
public struct Router: Handler {
  public typealias Respond = nonisolated(nonsending) @Sendable (Request, [String: String]) async -> Response
  public typealias Fallback = nonisolated(nonsending) @Sendable (Request) async -> Response
  public typealias Limit = @Sendable ([String: String]) -> BodyLimits

  private struct Action: Sendable {
    let respond: Respond
    let limit: Limit?
  }

  private struct Route: Sendable {
    let pattern: RoutePattern
    var actions: [(method: Method, pattern: RoutePattern, action: Action)]

    func action(for method: Method) -> (pattern: RoutePattern, action: Action)? {
      for entry in actions where entry.method == method { return (entry.pattern, entry.action) }
      return method == .head ? action(for: .get) : nil
    }

    /// The value of `Allow`.
    var allowed: String {
      var names = actions.map(\.method.rawValue)
      if names.contains("GET"), !names.contains("HEAD") { names.append("HEAD") }
      return names.sorted().joined(separator: ", ")
    }
  }

  /// Most specific first.
  private var routes: [Route] = []
  /// Answers what no route takes; 404 where it is nil.
  public var fallback: Fallback?

  public init() {}

  /// Adds a route. `limits` says how large the body may be, by what the pattern's names took; 1 MiB where it is nil.
  public mutating func on(
    _ method: Method, _ pattern: String, limits: Limit? = nil, _ respond: @escaping Respond
  ) {
    let pattern = RoutePattern(pattern)
    let entry = (method: method, pattern: pattern, action: Action(respond: respond, limit: limits))
    if let index = routes.firstIndex(where: { $0.pattern.takesTheSame(as: pattern) }) {
      routes[index].actions.removeAll { $0.method == method }
      routes[index].actions.append(entry)
    } else {
      let index = routes.firstIndex { pattern.precedes($0.pattern) } ?? routes.endIndex
      routes.insert(Route(pattern: pattern, actions: [entry]), at: index)
    }
  }

  public func admit(_ head: RequestHead, from peer: Peer) -> Admission {
    let segments = head.path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    switch find(head.method, segments) {
    case .action(let pattern, let action): return .take(action.limit?(pattern.parameters(segments)) ?? .default)
    case .fallback: return .take(.default)
    case .none(let response): return .refuse(response)
    }
  }

  public nonisolated(nonsending) func respond(to request: Request) async -> Response {
    let segments = request.segments
    switch find(request.method, segments) {
    case .action(let pattern, let action): return await action.respond(request, pattern.parameters(segments))
    case .fallback(let fallback): return await fallback(request)
    case .none(let response): return response
    }
  }

  private enum Found {
    case action(RoutePattern, Action)
    case fallback(Fallback)
    case none(Response)
  }

  private func find(_ method: Method, _ segments: [Substring]) -> Found {
    guard let route = routes.first(where: { $0.pattern.matches(segments) }) else {
      return fallback.map { .fallback($0) } ?? .none(.problem(.notFound))
    }
    if let (pattern, action) = route.action(for: method) { return .action(pattern, action) }
    var response = Response.problem(.methodNotAllowed)
    response.fields["Allow"] = route.allowed
    return .none(response)
  }
}
