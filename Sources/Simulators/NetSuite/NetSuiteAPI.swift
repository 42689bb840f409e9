import Formats
import HTTP
import Web

/// The routes of SuiteTalk REST: tokens, records, queries.
struct NetSuiteAPI: Handler {
  let simulator: NetSuiteSimulator

  static let tokenPath = "/services/rest/auth/oauth2/v1/token"

  func admit(_ head: RequestHead, from peer: Peer) -> Admission { .take(BodyLimits(bytes: 104 << 20)) }

  func respond(to request: Request) async -> Response {
    let admin = AdminPath(
      faults: simulator.faults, counters: { simulator.counters }, deliver: { simulator.deliver(to: $0) })
    if let response = admin.respond(to: request) { return response }
    let isFree = simulator.state.withLock { state in
      state.inFlight += 1
      return state.inFlight <= simulator.configuration.concurrency
    }
    defer { simulator.state.withLock { $0.inFlight -= 1 } }
    guard isFree else { return error(.busy) }
    let fault = simulator.faults.next(request.method.rawValue, request.path)
    switch fault?.kind {
    case .latency: if let fault { await simulator.faults.wait(fault) }
    case .limit: return error(.busy)
    case .lock: return error(.locked)
    case .unavailable: return error(.unexpected)
    case .expiredToken: simulator.state.withLock { $0.tokens.revoke(bearer(request)) }
    default: break
    }
    let response = answer(request)
    if let fault, fault.kind == .timeOutAfterCommit {
      await simulator.faults.wait(fault)
      return error(.unexpected)
    }
    if fault?.kind == .closeAfterCommit {
      return Response(
        .ok, fields: ["Content-Type": "application/json"],
        body: .stream { writer in
          try await writer.write(Array("{".utf8))
          throw CancellationError()
        })
    }
    return response
  }

  private func error(_ error: NetSuiteError) -> Response {
    Response(
      Status(rawValue: error.status), fields: ["Content-Type": "application/vnd.oracle.resource+json; type=error"],
      body: .bytes(error.body.bytes))
  }

  private func bearer(_ request: Request) -> String {
    let parts = (request.fields["Authorization"] ?? "").split(separator: " ")
    return parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : ""
  }

  private func answer(_ request: Request) -> Response {
    simulator.state.withLock { $0.counters.calls += 1 }
    if request.path == Self.tokenPath { return token(request) }
    let isSignedIn = simulator.state.withLock {
      $0.tokens.isOpen(bearer(request), now: SalesforceSimulator.now().secondsSince1970)
    }
    guard isSignedIn else {
      var response = error(.invalidLogin)
      response.fields["WWW-Authenticate"] =
        "Bearer realm=\"\(simulator.configuration.account)\", error=\"invalid_token\", "
        + "error_description=\"Invalid login attempt.\""
      return response
    }
    let segments = request.segments.map(String.init)
    do throws(NetSuiteError) {
      guard segments.count >= 5, segments[0] == "services", segments[1] == "rest", segments[3] == "v1" else {
        throw .missing
      }
      let routes = NetSuiteRoutes(
        simulator: simulator, query: request.query.flatMap { Query($0) } ?? [:], request: request)
      switch segments[2] {
      case "record": return try routes.record(Array(segments[4...]))
      case "query" where segments[4] == "suiteql" && request.method == .post: return try routes.suiteQL()
      default: throw .missing
      }
    } catch {
      return self.error(error)
    }
  }

  private func token(_ request: Request) -> Response {
    let form = Query(String(decoding: request.body, as: UTF8.self)) ?? [:]
    let isForm = request.fields["Content-Type"]?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false
    return simulator.state.withLock { state -> Response in
      do throws(Tokens.Refusal) {
        guard request.method == .post, isForm else {
          throw Tokens.Refusal(error: "invalid_request", description: "A form is expected.")
        }
        let token = try state.tokens.grant(
          form: { form[$0] }, endpoint: state.base + Self.tokenPath, now: SalesforceSimulator.now().secondsSince1970)
        let answer: JSON = [
          "access_token": .string(token), "expires_in": .number(state.tokens.lifetime), "token_type": "Bearer",
        ]
        return .json(answer.bytes)
      } catch {
        let answer: JSON = ["error": .string(error.error), "error_description": .string(error.description)]
        return .json(answer.bytes, status: error.error == "invalid_client" ? .unauthorized : .badRequest)
      }
    }
  }
}
