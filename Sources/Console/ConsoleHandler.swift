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

  public nonisolated(nonsending) func respond(to request: Request) async -> Response {
    var response = gate.refusal(of: request) ?? Response(.ok)
    if response.status == .ok { response = await router.respond(to: request) }
    for (name, value) in Self.guards where !response.fields.contains(name) { response.fields.append(name, value) }
    return response
  }

  public func limits(for head: RequestHead) -> BodyLimits { router.limits(for: head) }

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
    return await router.respond(to: Request(method: method, path: path, query: query, fields: fields, body: body))
  }
}
