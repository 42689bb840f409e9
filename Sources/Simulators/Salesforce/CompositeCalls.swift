import Formats
import HTTP
import Web

/// `POST /composite`: up to 25 calls in one; the whole stays 200 whatever becomes of its parts.
extension SalesforceRoutes {
  func composite(_ body: JSONObject) throws(SalesforceError) -> JSON {
    guard let parts = body["compositeRequest"]?.array, !parts.isEmpty, parts.count <= 25 else {
      throw SalesforceError("LIMIT_EXCEEDED", "A composite request holds 1 to 25 subrequests.")
    }
    let isWhole = body["allOrNone"]?.bool ?? false
    let before = simulator.state.withLock { ($0.org, $0.counters) }
    var answers: [(id: String, status: UInt16, body: JSON)] = []
    var ids: [String: String] = [:]
    var failed = false
    for part in parts {
      let reference = part["referenceId"]?.string ?? ""
      if isWhole, failed {
        answers.append((reference, 400, Self.halted))
        continue
      }
      do throws(SalesforceError) {
        let (status, answer) = try run(part, ids)
        if let id = answer["id"]?.string { ids[reference] = id }
        answers.append((reference, status, answer))
      } catch {
        failed = true
        answers.append((reference, error.status, error.body))
      }
    }
    if isWhole, failed {
      simulator.state.withLock { ($0.org, $0.counters) = before }
      answers = answers.map { $0.status < 300 ? ($0.id, 400, Self.halted) : $0 }
    }
    return [
      "compositeResponse": .array(
        answers.map {
          [
            "body": $0.body, "httpHeaders": [:], "httpStatusCode": .number(Int64($0.status)),
            "referenceId": .string($0.id),
          ]
        })
    ]
  }

  private static let halted = SalesforceError(
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed."
  ).body

  private func run(_ part: JSON, _ ids: [String: String]) throws(SalesforceError) -> (UInt16, JSON) {
    var url = part["url"]?.string ?? ""
    var text = part["body"]?.text ?? "{}"
    for (name, id) in ids {
      url = url.split(separator: "@{\(name).id}", omittingEmptySubsequences: false).joined(separator: id)
      text = text.split(separator: "@{\(name).id}", omittingEmptySubsequences: false).joined(separator: id)
    }
    let halves = url.split(separator: "?", maxSplits: 1)
    let segments = (halves.first ?? "").split(separator: "/").compactMap { PercentCoding.decode($0) }
    guard segments.count >= 5, segments[3] == "sobjects" || segments[3] == "query" else { throw .notFound }
    let request = Request(
      method: Method(rawValue: part["method"]?.string ?? ""), path: url,
      query: halves.count > 1 ? String(halves[1]) : nil,
      fields: ["Content-Type": "application/json"], body: Array(text.utf8))
    let response = try answer(request.method, Array(segments[3...]), request)
    guard case .bytes(let bytes) = response.body, let json = try? JSON.parse(bytes) else {
      return (response.status.rawValue, .null)
    }
    return (response.status.rawValue, json)
  }
}
