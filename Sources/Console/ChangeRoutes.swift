import Events
import Formats
import HTTP
import Queue
import Web

/// `POST /api/v1/events/retry` and `/drop`: `{"changed":n}`.
enum ChangeRoutes {
  nonisolated(nonsending) static func retry(_ call: Call) async -> Response {
    await apply(call) { _ in .retry }
  }

  nonisolated(nonsending) static func drop(_ call: Call) async -> Response {
    await apply(call) { text in
      guard let text else { return .drop(Reason("dropped", .none, "A person gave it up.")) }
      return .drop(Reason("dropped", .none, "A person gave it up: {0}", quoted: [text]))
    }
  }

  private nonisolated(nonsending) static func apply(_ call: Call, _ change: (String?) -> Change) async -> Response {
    do {
      guard isJSON(call.request) else { throw Refusal("The body has to be application/json.", .unsupportedMediaType) }
      let reading = try FilterReading(body: call.request.body)
      let count = try await call.parts.queue.change(reading.filter, change(reading.reason))
      return .json((["changed": .number(Int64(count))] as JSON).bytes)
    } catch {
      return EventRoutes.answer(to: error)
    }
  }

  private static func isJSON(_ request: Request) -> Bool {
    let type = request.fields["Content-Type"]?.prefix { $0 != ";" && $0 != " " }
    return type?.lowercased() == "application/json"
  }
}
