import Formats
import HTTP
import Ledger
import Web

/// `/api/v1/runs`, newest first, and `/api/v1/runs/{id}` with its steps.
enum RunRoutes {
  nonisolated(nonsending) static func list(_ call: Call) async -> Response {
    do {
      let (filter, before, limit) = try read(call.request.query)
      let runs = try await call.parts.ledger.runs(filter, before: before, limit: limit)
      var answer: JSONObject = ["runs": .array(runs.map(RunView.json))]
      if runs.count == limit, let last = runs.last?.id { answer["before"] = .number(last) }
      return .json(JSON.object(answer).bytes)
    } catch {
      return EventRoutes.answer(to: error)
    }
  }

  nonisolated(nonsending) static func show(_ call: Call) async -> Response {
    do {
      guard let id = Digits.int(call.names["id"] ?? ""), let run = try await call.parts.ledger.run(id) else {
        throw Refusal("There is no such run.", .notFound)
      }
      return .json(RunView.json(run).bytes)
    } catch {
      return EventRoutes.answer(to: error)
    }
  }

  private static func read(_ text: String?) throws(Refusal) -> (RunFilter, before: Int64?, limit: Int) {
    guard let query = Query(text ?? "") else { throw Refusal("The query is not well-formed.") }
    var filter = RunFilter()
    var before: Int64?
    var limit = Limits.runsByDefault
    for (name, value) in query.items {
      switch name {
      case "flow": filter.flow = value
      case "entity": filter.entity = value
      case "record": filter.record = value
      case "sequence": filter.sequence = try FilterReading.number(value, name)
      case "before": before = Int64(try FilterReading.number(value, name))
      case "limit":
        limit = Int(try FilterReading.number(value, name))
        guard limit <= Limits.runs else { throw Refusal("`limit` is \(Limits.runs) at most.") }
      case "outcome":
        for word in value.split(separator: ",", omittingEmptySubsequences: false) {
          guard let outcome = Run.Outcome(rawValue: String(word)) else {
            throw Refusal("`outcome` is one of \(Run.Outcome.allCases.map(\.rawValue).joined(separator: ", ")).")
          }
          filter.outcomes.insert(outcome)
        }
      default: throw Refusal("Runs are told by flow, entity, outcome, record and sequence.")
      }
    }
    return (filter, before, limit)
  }
}
