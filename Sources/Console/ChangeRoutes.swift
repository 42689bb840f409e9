import Events
import Formats
import HTTP
import Queue
import Web

/// `POST /api/v1/events/retry`, `/drop` and `/erase`: `{"changed":n}`.
enum ChangeRoutes {
  nonisolated(nonsending) static func retry(_ call: Call) async -> Response {
    await apply(call) { reading throws(Refusal) in
      if reading.containing != nil { throw Refusal.containing }
      return .retry(reading.retry)
    }
  }

  nonisolated(nonsending) static func drop(_ call: Call) async -> Response {
    await apply(call) { reading throws(Refusal) in
      if reading.hasRetry { throw Refusal.retry }
      if reading.containing != nil { throw Refusal.containing }
      guard let text = reading.reason else { return .drop(Reason("dropped", .none, "A person gave it up.")) }
      return .drop(Reason("dropped", .none, "A person gave it up: {0}", quoted: [text]))
    }
  }

  nonisolated(nonsending) static func erase(_ call: Call) async -> Response {
    await apply(call) { reading throws(Refusal) in
      if reading.hasRetry { throw Refusal.retry }
      if reading.isAll { throw Refusal("What is erased is gone: say which events, or what they contain.") }
      guard let text = reading.reason else {
        return .erase(containing: reading.containing, Reason("erased", .none, "A person had it erased."))
      }
      let reason = Reason("erased", .none, "A person had it erased: {0}", quoted: [text])
      return .erase(containing: reading.containing, reason)
    }
  }

  private nonisolated(nonsending) static func apply(
    _ call: Call, _ change: (FilterReading) throws(Refusal) -> Change
  ) async -> Response {
    do {
      try requireJSON(call.request)
      let reading = try FilterReading(body: call.request.body)
      let count = try await call.parts.queue.change(reading.filter, change(reading))
      return .json((["changed": .number(Int64(count))] as JSON).bytes)
    } catch {
      return EventRoutes.answer(to: error)
    }
  }

  static func requireJSON(_ request: Request) throws(Refusal) {
    let type = request.fields["Content-Type"]?.prefix { $0 != ";" && $0 != " " }
    if type?.lowercased() != "application/json" {
      throw Refusal("The body has to be application/json.", .unsupportedMediaType)
    }
  }
}

extension Refusal {
  fileprivate static let retry = Refusal("`over`, `replay` and `force` are for retries.")
  fileprivate static let containing = Refusal("`containing` is for erasing.")
}
