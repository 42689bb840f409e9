import Formats
import HTTP
import Web

/// What neither system has: faults and counters, under `/simulator/`, apart from the real API.
///
/// `POST /simulator/faults` adds one, `DELETE` clears them, `GET /simulator/counters` counts,
/// `PUT /simulator/deliver {"url":"http://127.0.0.1:8080"}` says where the product listens.
struct AdminPath: Sendable {
  let faults: FaultPlan
  let counters: @Sendable () -> Counters
  let deliver: @Sendable (String) -> Void

  func respond(to request: Request) -> Response? {
    guard request.path.hasPrefix("/simulator/") else { return nil }
    switch (request.method, request.path) {
    case (.post, "/simulator/faults"):
      guard let fault = (try? JSON.parse(request.body)).flatMap({ Fault($0) }) else {
        return .problem(
          .badRequest, detail: "A fault has a kind: \(Fault.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
      faults.add(fault)
      return Response(.noContent)
    case (.delete, "/simulator/faults"):
      faults.clear()
      return Response(.noContent)
    case (.get, "/simulator/counters"): return .json(counters().json.bytes)
    case (.put, "/simulator/deliver"):
      guard let url = (try? JSON.parse(request.body))?["url"]?.string else { return .problem(.badRequest) }
      deliver(url)
      return Response(.noContent)
    default: return .problem(.notFound)
    }
  }
}
