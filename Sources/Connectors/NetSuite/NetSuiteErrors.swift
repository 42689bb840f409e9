import Client
import Events
import Formats

/// What an error of SuiteTalk REST means for the event (facts 2.7). Most are `USER_ERROR`, told apart by their text only.
enum NetSuiteErrors {
  private struct Details {
    var code: String
    var detail: String
    var path: String?
  }

  static func failure(
    _ response: ClientResponse, _ purpose: Purpose, _ record: RecordID?, isBusy: Bool, isQuery: Bool
  ) -> Failure {
    let details = details(response)
    func reason(_ kind: Reason.Class, _ sentence: String) -> Reason {
      Reason(
        details.code, kind, sentence, quoted: [details.detail], side: .netsuite, record: record,
        field: details.path ?? field(in: details.detail))
    }
    let after = retryAfter(response.fields)
    let text = details.detail.lowercased()
    if response.status == 429 || details.code == "CONCURRENCY_LIMIT_EXCEEDED"
      || details.code == "SSS_REQUEST_LIMIT_EXCEEDED"
      || text.contains("concurrent request limit")
    {
      return .later(after: after, .destination, reason(.limit, "NetSuite takes no more requests at a time: {0}"))
    }
    switch response.status {
    // An account that is over its limit says that the login is invalid, to a token that is a moment old.
    case 401 where isBusy:
      return .later(after: after, .destination, reason(.limit, "NetSuite turned a fresh token away under load: {0}"))
    case 401:
      return .later(after: after, .destination, reason(.authentication, "NetSuite refused a fresh token: {0}"))
    // 503 too: what stands before the system says it of a request that went on and was done.
    case 500...:
      let reason = reason(.unavailable, "NetSuite failed: {0}")
      return purpose == .write ? .unknown(reason) : .later(after: after, .destination, reason)
    default: break
    }
    if text.contains("does not have permission") || details.code == "INSUFFICIENT_PERMISSION" || response.status == 403
    {
      return .held(reason(.permission, "The integration's role may not do this in NetSuite: {0}"))
    }
    if isQuery { return .never(reason(.configuration, "NetSuite does not understand a query: {0}")) }
    return refused(details.code, text, response.status, reason)
  }

  private static func refused(
    _ code: String, _ text: String, _ status: Int, _ reason: (Reason.Class, String) -> Reason
  ) -> Failure {
    func says(_ parts: String...) -> Bool { parts.contains { text.contains($0) } }
    if code == "RCRD_HAS_BEEN_CHANGED" || says("record has been changed") {
      return .later(after: nil, .event, reason(.conflict, "The record was changed meanwhile: {0}"))
    }
    if says("locked by a user defined workflow", "record has been locked") {
      return .later(after: nil, .event, reason(.busy, "NetSuite has the record locked: {0}"))
    }
    if ["UNIQUE_RCRD_ID_REQD", "DUP_RCRD", "DUP_CSTM_RCRD_ENTRY", "DUP_ITEM"].contains(code) || says("already exists") {
      return .never(reason(.conflict, "NetSuite has such a record already: {0}"))
    }
    if says("period") && says("closed", "locked") {
      return .held(reason(.validation, "The accounting period is closed in NetSuite: {0}"))
    }
    if status == 404 || code == "NONEXISTENT_ID" || code == "RCRD_DSNT_EXIST" {
      return .never(reason(.reference, "The record is not there in NetSuite: {0}"))
    }
    if says("invalid property name") {
      return .never(reason(.configuration, "NetSuite does not know a field: {0}"))
    }
    if says("invalid field value") || code == "INVALID_FLD_VALUE" || code == "INVALID_KEY_OR_REF" {
      return .never(reason(.reference, "NetSuite does not take a value: {0}"))
    }
    return .never(reason(.validation, "NetSuite refused the write: {0}"))
  }

  /// Of a create: whether the text speaks of a duplicate.
  static func isDuplicate(_ failure: Failure) -> Bool {
    guard case .never(let reason) = failure else { return false }
    return reason.kind == .conflict && reason.side == .netsuite
  }

  // MARK: the body

  private static func details(_ response: ClientResponse) -> Details {
    let none = Details(code: "HTTP_\(response.status)", detail: "status \(response.status)")
    guard let json = try? JSON.parse(response.body) else {
      // Oracle prints one of its samples without a comma; what can be found is used.
      let text = String(decoding: response.body.prefix(16_384), as: UTF8.self)
      guard let code = member("o:errorCode", in: text, last: true) else { return none }
      return Details(code: code, detail: member("detail", in: text, last: false) ?? none.detail)
    }
    let all = json["o:errorDetails"]?.array ?? []
    guard let first = all.first else {
      return Details(
        code: json["o:errorCode"]?.string ?? none.code, detail: json["title"]?.string ?? none.detail)
    }
    return Details(
      code: first["o:errorCode"]?.string ?? json["o:errorCode"]?.string ?? none.code,
      detail: all.compactMap { $0["detail"]?.string }.joined(separator: " "), path: first["o:errorPath"]?.string)
  }

  private static func member(_ name: String, in text: String, last: Bool) -> String? {
    let ranges = text.ranges(of: "\"\(name)\"")
    guard let range = last ? ranges.last : ranges.first else { return nil }
    let rest = text[range.upperBound...].drop { $0 == ":" || $0.isWhitespace }
    guard rest.first == "\"" else { return nil }
    return String(rest.dropFirst().prefix { $0 != "\"" })
  }

  /// `You must enter a value for Company Name.` and `… for the following field: item` name the field in words.
  private static func field(in detail: String) -> String? {
    for start in ["You must enter a value for ", "for the following field: "] {
      guard let range = detail.firstRange(of: start) else { continue }
      let name = detail[range.upperBound...].prefix { $0 != "." && $0 != "\n" }
      if !name.isEmpty { return String(name) }
    }
    return nil
  }
}
