import HTTP

/// Every route of the console listener; `openapi/causeway.yaml` describes each, and a test compares the two.
enum Routes {
  struct Route: Sendable {
    let method: Method
    let pattern: String
    let respond: nonisolated(nonsending) @Sendable (Call) async -> Response

    init(
      _ method: Method, _ pattern: String,
      _ respond: nonisolated(nonsending) @escaping @Sendable (Call) async -> Response
    ) {
      self.method = method
      self.pattern = pattern
      self.respond = respond
    }
  }

  static let all: [Route] = [
    Route(.get, "/") { await Page.respond(to: $0) },
    Route(.get, "/console.css") { _ in PageStyle.response },
    Route(.get, "/metrics") { await Metrics.respond(to: $0) },
    Route(.get, "/api/v1/status") { await StatusRoute.respond(to: $0) },
    Route(.get, "/api/v1/events") { await EventRoutes.list($0) },
    Route(.get, "/api/v1/events/:sequence") { await EventRoutes.show($0) },
    Route(.post, "/api/v1/events/retry") { await ChangeRoutes.retry($0) },
    Route(.post, "/api/v1/events/drop") { await ChangeRoutes.drop($0) },
    Route(.post, "/api/v1/events/erase") { await ChangeRoutes.erase($0) },
    Route(.get, "/api/v1/pauses") { await PauseRoutes.list($0) },
    Route(.post, "/api/v1/pauses/pause") { await PauseRoutes.pause($0) },
    Route(.post, "/api/v1/pauses/resume") { await PauseRoutes.resume($0) },
    Route(.get, "/api/v1/keys") { KeyRoutes.list($0) },
    Route(.get, "/api/v1/runs") { await RunRoutes.list($0) },
    Route(.get, "/api/v1/runs/:id") { await RunRoutes.show($0) },
  ]
}
