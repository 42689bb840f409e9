import Events
import Formats
import HTTP
import Ledger
import Queue
import Service
import Web

/// `/api/v1/events` and `/api/v1/events/{sequence}`.
enum EventRoutes {
  /// Every event that matches, oldest first, one JSON object a line, written while it is read.
  nonisolated(nonsending) static func list(_ call: Call) async -> Response {
    do {
      let reading = try FilterReading(query: call.request.query)
      let queue = call.parts.queue
      // The first page is read before the answer begins, so that a queue that does not answer is a status.
      let first = try await queue.list(reading.filter, after: reading.after, limit: size(reading.limit))
      return Response(
        .ok, fields: ["Content-Type": "application/x-ndjson"],
        body: .stream { writer in
          var page = first
          var left = reading.limit
          while let last = page.last {
            var lines: [UInt8] = []
            for entry in page {
              EventView.json(entry).write(into: &lines)
              lines.append(UInt8(ascii: "\n"))
            }
            try await writer.write(lines)
            left = left.map { $0 - page.count }
            if page.count < Limits.page { return }
            page = try await queue.list(reading.filter, after: last.sequence, limit: size(left))
          }
        })
    } catch {
      return answer(to: error)
    }
  }

  private static func size(_ left: Int?) -> Int { min(max(left ?? Limits.page, 0), Limits.page) }

  /// One event with its reason, the runs that it asked for, and what came of them.
  nonisolated(nonsending) static func show(_ call: Call) async -> Response {
    do {
      let payload = try wantsPayload(call.request.query)
      guard let sequence = Digits.int(call.names["sequence"] ?? "").map(UInt64.init) else {
        throw Refusal("There is no such event.", .notFound)
      }
      let queue = call.parts.queue
      let one = Filter(sequences: sequence...sequence)
      guard let entry = try await queue.list(one, after: nil, limit: 1).first else {
        throw Refusal("There is no such event.", .notFound)
      }
      guard case .object(var json) = EventView.json(entry, payload: payload) else {
        return .problem(.internalServerError)
      }
      var runs: [Run]
      if let request = RunRequest(entry.event) {
        json["cause"] = .number(request.cause.sequence)
        runs = try await self.runs(of: request.cause.sequence, flow: request.flow, call.parts.ledger)
        if request.cause.sequence != sequence {
          runs += try await self.runs(of: sequence, flow: request.flow, call.parts.ledger)
        }
      } else {
        json["requests"] = .array(try await requests(of: entry, queue).map { EventView.json($0, payload: payload) })
        runs = try await self.runs(of: sequence, flow: nil, call.parts.ledger)
      }
      json["runs"] = .array(runs.map(RunView.json))
      return .json(JSON.object(json).bytes)
    } catch {
      return answer(to: error)
    }
  }

  private static func wantsPayload(_ text: String?) throws(Refusal) -> Bool {
    guard let query = Query(text ?? "") else { throw Refusal("The query is not well-formed.") }
    guard query.items.allSatisfy({ $0.name == "payload" }) else { throw Refusal("Only `payload` may be asked for.") }
    switch query["payload"] {
    case nil, "0": return false
    case "1": return true
    default: throw Refusal("`payload` is 0 or 1.")
    }
  }

  /// A request's identity begins with its cause's sequence, and it is appended soon after it.
  private nonisolated(nonsending) static func requests(
    of entry: Entry, _ queue: any EventQueue
  ) async throws(QueueError) -> [Entry] {
    let near = Filter(
      kinds: [.run], endpoint: entry.event.endpoint,
      sequences: entry.sequence...entry.sequence.addingReportingOverflow(Limits.runRequests).partialValue)
    let found = try await queue.list(near, after: entry.sequence, limit: Int(Limits.runRequests))
    return found.filter { $0.event.id.hasPrefix("\(entry.sequence)/") }
  }

  /// With their steps, oldest first.
  private nonisolated(nonsending) static func runs(
    of sequence: UInt64, flow: String?, _ ledger: Ledger
  ) async throws(LedgerError) -> [Run] {
    var runs: [Run] = []
    for run in try await ledger.runs(RunFilter(flow: flow, sequence: sequence)) {
      if let id = run.id, let whole = try await ledger.run(id) { runs.append(whole) }
    }
    return runs.reversed()
  }

  /// What could not be done, as an answer.
  static func answer(to error: any Error) -> Response {
    switch error {
    case let refusal as Refusal: return refusal.response
    case is QueueError, is LedgerError:
      var response = Response.problem(.serviceUnavailable, detail: "The data folder does not answer now.")
      response.fields["Retry-After"] = "1"
      return response
    default: return .problem(.internalServerError)
    }
  }
}
