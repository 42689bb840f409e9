import Formats
import HTTP
import Web

/// The routes of the REST API (platform/api-rest) and of sign-in.
struct SalesforceAPI: Handler {
  let simulator: SalesforceSimulator

  func admit(_ head: RequestHead, from peer: Peer) -> Admission { .take(BodyLimits(bytes: 50 << 20)) }

  func respond(to request: Request) async -> Response {
    let admin = AdminPath(
      faults: simulator.faults, counters: { simulator.counters }, deliver: { simulator.deliver(to: $0) })
    if let response = admin.respond(to: request) { return response }
    let fault = simulator.faults.next(request.method.rawValue, request.path)
    switch fault?.kind {
    case .latency: if let fault { await simulator.faults.wait(fault) }
    case .limit:
      return error(SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    case .lock:
      return error(
        SalesforceError(
          "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records", fields: []))
    case .unavailable: return error(SalesforceError(503, "SERVER_UNAVAILABLE", "Service unavailable"))
    case .expiredToken: simulator.state.withLock { $0.sessions.revoke(bearer(request)) }
    default: break
    }
    let response = answer(request)
    if let fault, fault.kind == .timeOutAfterCommit {
      await simulator.faults.wait(fault)
      return error(SalesforceError(503, "SERVER_UNAVAILABLE", "Service unavailable"))
    }
    if fault?.kind == .closeAfterCommit { return broken }
    return response
  }

  /// A body that stops in its middle.
  private var broken: Response {
    Response(
      .ok, fields: ["Content-Type": "application/json"],
      body: .stream { writer in
        try await writer.write(Array("{".utf8))
        throw CancellationError()
      })
  }

  func error(_ error: SalesforceError) -> Response {
    .json(error.body.bytes, status: Status(rawValue: error.status))
  }

  private func bearer(_ request: Request) -> String {
    let parts = (request.fields["Authorization"] ?? "").split(separator: " ")
    return parts.count == 2 && ["bearer", "oauth"].contains(parts[0].lowercased()) ? String(parts[1]) : ""
  }

  private func answer(_ request: Request) -> Response {
    if request.path == "/services/oauth2/token" { return token(request) }
    let segments = request.segments.map(String.init)
    guard segments.count >= 2, segments[0] == "services", segments[1] == "data" else { return error(.notFound) }
    let refusal = simulator.state.withLock { state -> SalesforceError? in
      guard state.sessions.isOpen(bearer(request), now: SalesforceSimulator.now().secondsSince1970) else {
        return SalesforceError(401, "INVALID_SESSION_ID", "Session expired or invalid")
      }
      guard state.callsToday < simulator.configuration.dailyLimit else {
        return SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
      }
      state.callsToday += 1
      state.counters.calls += 1
      return nil
    }
    if let refusal { return error(refusal) }
    guard segments.count >= 4, isVersion(segments[2]) else { return error(.notFound) }
    var response: Response
    do throws(SalesforceError) {
      response = try SalesforceRoutes(simulator: simulator, version: segments[2])
        .answer(request.method, Array(segments[3...]), request)
    } catch {
      response = error.status == 300 ? choices(error) : self.error(error)
    }
    let used = simulator.state.withLock { $0.callsToday }
    response.fields["Sforce-Limit-Info"] = "api-usage=\(used)/\(simulator.configuration.dailyLimit)"
    return response
  }

  /// Several records have the external id: their addresses, and nothing written.
  private func choices(_ error: SalesforceError) -> Response {
    .json(
      JSON.array(error.message.split(separator: ",").map { .string(String($0)) }).bytes, status: Status(rawValue: 300))
  }

  private func isVersion(_ text: String) -> Bool {
    guard text.hasPrefix("v"), text.hasSuffix(".0"), let number = Digits.int(text.dropFirst().dropLast(2)) else {
      return false
    }
    return number >= 31 && number <= 66
  }

  private func token(_ request: Request) -> Response {
    guard request.method == .post else {
      return .json(
        (["error": "invalid_request", "error_description": "must use HTTP POST"] as JSON).bytes, status: .badRequest)
    }
    let isForm = request.fields["Content-Type"]?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false
    guard isForm, let form = Query(String(decoding: request.body, as: UTF8.self)) else {
      return .json(
        (["error": "unsupported_grant_type", "error_description": "grant type not supported"] as JSON).bytes,
        status: .badRequest)
    }
    return simulator.state.withLock { state -> Response in
      state.counters.calls += 1
      do throws(Sessions.Refusal) {
        let token = try state.sessions.signIn(
          form: { form[$0] }, organization: state.org.organization, now: SalesforceSimulator.now().secondsSince1970,
          base: state.base)
        let answer: JSON = [
          "access_token": .string(token), "scope": "api", "instance_url": .string(state.base),
          "id": .string("\(state.base)/id/\(state.org.organization)/\(state.integrationUser)"), "token_type": "Bearer",
        ]
        return .json(answer.bytes)
      } catch {
        let answer: JSON = ["error": .string(error.error), "error_description": .string(error.description)]
        return .json(answer.bytes, status: .badRequest)
      }
    }
  }
}
