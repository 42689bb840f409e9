import Client
import Events
import Formats

/// What an error of the REST API means for the event (facts 4). The body is an array of errors, or one object.
enum SalesforceErrors {
  static func failure(_ response: ClientResponse, _ purpose: Purpose, _ record: RecordID?) -> Failure {
    let body = (try? JSON.parse(response.body)) ?? .null
    let all = body.array ?? (body.object == nil ? [] : [body])
    // The innocent of a transaction are told that it was halted; the culprit says why.
    let error = all.first { $0["errorCode"]?.string != "PROCESSING_HALTED" } ?? all.first ?? .null
    let code = error["errorCode"]?.string ?? error["statusCode"]?.string ?? "HTTP_\(response.status)"
    let message = error["message"]?.string ?? "status \(response.status)"
    let field = error["fields"]?.array?.first?.string
    func reason(_ kind: Reason.Class, _ sentence: String) -> Reason {
      Reason(code, kind, sentence, quoted: [message], side: .salesforce, record: record, field: field)
    }
    if isLock(code, message) {
      return .later(after: nil, .event, reason(.busy, "Salesforce has the record locked for somebody else: {0}"))
    }
    let after = retryAfter(response.fields)
    switch (code, response.status) {
    case ("REQUEST_LIMIT_EXCEEDED", _), (_, 429):
      return .later(after: after, .destination, reason(.limit, "Salesforce takes no more calls for now: {0}"))
    case ("INVALID_SESSION_ID", _), ("INVALID_AUTH_HEADER", _), (_, 401):
      return .later(after: after, .destination, reason(.authentication, "Salesforce refused a fresh session: {0}"))
    case ("API_DISABLED_FOR_ORG", _):
      return .later(after: after, .destination, reason(.unavailable, "Salesforce is not available: {0}"))
    // Of a call that names a record it is the record; else it is the resource that a configuration names.
    case ("NOT_FOUND", _) where record != nil:
      return .never(reason(.reference, "The record is not there in Salesforce: {0}"))
    case ("QUERY_TIMEOUT", _): return .later(after: nil, .event, reason(.timeOut, "A query took too long: {0}"))
    // 503 too: what stands before the system says it of a request that went on and was done.
    case (_, 500...):
      let reason = reason(.unavailable, "Salesforce failed: {0}")
      return purpose == .write ? .unknown(reason) : .later(after: after, .destination, reason)
    default: return refused(code, response.status, reason)
    }
  }

  /// Its own code, or inside the message of a trigger that met the lock.
  private static func isLock(_ code: String, _ message: String) -> Bool {
    if code == "UNABLE_TO_LOCK_ROW" { return true }
    let message = message.lowercased()
    return ["unable to obtain exclusive access", "record currently unavailable", "unable_to_lock_row"].contains {
      message.contains($0)
    }
  }

  private static let permission: Set<String> = [
    "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    "CANNOT_UPDATE_CONVERTED_LEAD", "OPERATION_NOT_ALLOWED", "API_CURRENTLY_DISABLED", "FUNCTIONALITY_NOT_ENABLED",
    "INVALID_FIELD_FOR_INSERT_UPDATE",
  ]
  private static let configuration: Set<String> = [
    "INVALID_FIELD", "INVALID_TYPE", "MALFORMED_QUERY", "NOT_FOUND", "INVALID_QUERY_FILTER_OPERATOR",
    "METHOD_NOT_ALLOWED", "JSON_PARSER_ERROR", "INVALID_QUERY_LOCATOR", "UNSUPPORTED_MEDIA_TYPE", "URL_TOO_LONG",
  ]

  private static func refused(
    _ code: String, _ status: Int, _ reason: (Reason.Class, String) -> Reason
  ) -> Failure {
    switch code {
    case "DUPLICATES_DETECTED":
      return .held(reason(.conflict, "A duplicate rule of Salesforce stopped the write: {0}"))
    case "DUPLICATE_VALUE": return .never(reason(.conflict, "Salesforce has a record with this value already: {0}"))
    case "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID":
      return .never(reason(.reference, "A record is not there in Salesforce: {0}"))
    case _ where permission.contains(code):
      return .held(reason(.permission, "The integration user may not do this in Salesforce: {0}"))
    case _ where configuration.contains(code):
      return .never(reason(.configuration, "Salesforce does not know what was asked for: {0}"))
    default: break
    }
    switch status {
    case 300: return .held(reason(.conflict, "Several records of Salesforce have this key: {0}"))
    case 403: return .held(reason(.permission, "The integration user may not do this in Salesforce: {0}"))
    case 404, 410: return .never(reason(.reference, "A record is not there in Salesforce: {0}"))
    case 409, 412: return .later(after: nil, .event, reason(.conflict, "The record changed meanwhile: {0}"))
    default: return .never(reason(.validation, "Salesforce refused the write: {0}"))
    }
  }
}
