import HTTP

/// Sends each request to the handler of its path and method.
///
/// No such path is 404; a path without that method is 405 with `Allow` (RFC 9110 15.5.6); HEAD is answered by GET's handler
/// where it has none of its own, without the body. Literal segments win over names.
public struct Router: Handler {
  public typealias Respond = nonisolated(nonsending) @Sendable (Request, [String: String]) async -> Response
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
  public var fallback: (nonisolated(nonsending) @Sendable (Request) async -> Response)?

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

  public nonisolated(nonsending) func respond(to request: Request) async -> Response {
    let segments = request.segments
    guard let route = routes.first(where: { $0.pattern.matches(segments) }) else {
      if let fallback { return await fallback(request) }
      return .problem(.notFound)
    }
    guard let (pattern, action) = route.action(for: request.method) else {
      var response = Response.problem(.methodNotAllowed)
      response.fields["Allow"] = route.allowed
      return response
    }
    return await action.respond(request, pattern.parameters(segments))
  }

  public func limits(for head: RequestHead) -> BodyLimits {
    let segments = head.path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    guard let route = routes.first(where: { $0.pattern.matches(segments) }),
      let (pattern, action) = route.action(for: head.method), let limit = action.limit
    else { return .default }
    return limit(pattern.parameters(segments))
  }
}
