import Events
import Formats
import HTTP
import Web

/// How senders of JSON are answered.
protocol JSONAnswers: Source {}

extension JSONAnswers {
  func admit(_ fields: Fields) throws(Rejection) {
    guard MediaType.isJSON(fields) else { throw .mediaType("application/json") }
  }

  /// 202, `{"accepted":n,"duplicates":m}`.
  func acknowledge(_ accepted: [Accepted]) -> Response {
    if accepted.count == 1, accepted[0].verdict == .stored { return JSONAnswer.stored }
    return JSONAnswer.accepted(accepted)
  }

  /// Problem details (RFC 9457).
  func refuse(_ rejection: Rejection) -> Response {
    var response = Response.problem(rejection.status, detail: rejection.sentence)
    rejection.addFields(to: &response)
    return response
  }

  func body(of request: Request) throws(Rejection) -> CheckedJSON {
    guard request.body.count <= bodyLimits.bytes else { throw .tooLarge(limit: bodyLimits.bytes) }
    do { return try CheckedJSON(request.body) } catch { throw .malformed(error) }
  }
}

private enum JSONAnswer {
  /// As most are.
  static let stored = accepted([Accepted(sequence: 0, verdict: .stored)])

  static func accepted(_ accepted: [Accepted]) -> Response {
    let duplicates = accepted.count { $0.verdict == .duplicate }
    let body = "{\"accepted\":\(accepted.count - duplicates),\"duplicates\":\(duplicates)}"
    return .json(Array(body.utf8), status: .accepted)
  }
}
