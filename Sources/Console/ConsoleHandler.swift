import HTTP
import Web

/// The console listener: one page, metrics, and the admin API that `openapi/causeway.yaml` describes.
///
/// It knows no passwords: it is reached over the loopback interface or the control socket only. So it defends against
/// the one stranger who gets that far, a web page in somebody's browser: a foreign `Host` (DNS rebinding) is 421, a
/// write that another site asked for is 403.
public struct ConsoleHandler: Handler {
  private let router: Router
  private let gate: Gate

  public init(_ parts: ConsoleParts) {
    gate = Gate(hosts: parts.hosts)
    var router = Router()
    for route in Routes.all {
      router.on(route.method, route.pattern, limits: { _ in BodyLimits(bytes: Limits.body) }) { request, names in
        await route.respond(Call(parts: parts, request: request, names: names))
      }
    }
    self.router = router
  }

  public func admit(_ head: RequestHead, from peer: Peer) -> Admission {
    if let refusal = gate.refusal(of: head, from: peer) { return .refuse(guarded(refusal)) }
    let admission = router.admit(head, from: peer)
    guard case .refuse(let response) = admission else { return admission }
    return .refuse(guarded(response))
  }

  public nonisolated(nonsending) func respond(to request: Request) async -> Response {
    guarded(await router.respond(to: request))
  }

  public func refuse(_ error: HTTPError, of head: RequestHead) -> Response { guarded(error.response) }

  private func guarded(_ response: Response) -> Response {
    var response = response
    for (name, value) in Self.guards where !response.fields.contains(name) { response.fields.append(name, value) }
    return response
  }

  /// Nothing from elsewhere runs or loads, nobody frames the page, no answer is kept or taken for another type.
  private static let guards = [
    (
      "Content-Security-Policy",
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
  ]
}

/// One request with what answers it.
struct Call: Sendable {
  let parts: ConsoleParts
  let request: Request
  /// What the pattern's names took.
  let names: [String: String]
}

extension ConsoleHandler {
  /// For a command on the folder itself, in this process: it is as trusted as the control socket.
  public nonisolated(nonsending) func respond(
    toCommand method: Method, _ path: String, query: String?, body: [UInt8]
  ) async -> Response {
    let fields: Fields = ["Host": "localhost", "Content-Type": "application/json"]
    return await router.handle(Request(method: method, path: path, query: query, fields: fields, body: body))
  }
}
