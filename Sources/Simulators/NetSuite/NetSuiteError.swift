import Formats

/// An error as SuiteTalk REST answers it: `{"type":…,"title":…,"status":…,"o:errorDetails":[{"detail":…,"o:errorCode":…}]}`.
struct NetSuiteError: Error, Hashable {
  var status: UInt16 = 400
  var code = "USER_ERROR"
  var detail: String
  /// Where in the body: `item.items[0].item`.
  var path: String?
  /// SuiteQL answers in a shape of its own.
  var isSearch = false

  init(_ detail: String, code: String = "USER_ERROR", status: UInt16 = 400, path: String? = nil) {
    self.detail = detail
    self.code = code
    self.status = status
    self.path = path
  }

  var body: JSON {
    var entry: JSONObject = ["detail": .string(detail), "o:errorCode": .string(code)]
    if let path { entry["o:errorPath"] = .string(path) }
    var body = JSONObject()
    if !isSearch {
      body["type"] = .string("https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html" + anchor)
    }
    body["title"] = .string(title)
    if !isSearch { body["status"] = .number(Int64(status)) }
    if status == 429 { body["o:errorCode"] = "USER_ERROR" }
    body["o:errorDetails"] = .array([.object(entry)])
    return .object(body)
  }

  private var anchor: String { code == "USER_ERROR" || code == "INVALID_CONTENT" ? "#sec10.4.1" : "" }

  private var title: String {
    if isSearch { return "Invalid search query." }
    switch status {
    case 401: return "Unauthorized"
    case 404: return "Not Found"
    case 405: return "Method Not Allowed"
    case 500: return "Internal Server Error"
    default: return "Bad Request"
    }
  }

  /// What business rules say: `USER_ERROR` with the sentence a person would see.
  static func user(_ sentence: String, path: String? = nil) -> NetSuiteError {
    NetSuiteError("Error while accessing a resource. " + sentence, path: path)
  }

  static func content(_ sentence: String, path: String?) -> NetSuiteError {
    NetSuiteError("Error while accessing resource: " + sentence, code: "INVALID_CONTENT", path: path)
  }

  static func mustEnter(_ label: String, path: String? = nil) -> NetSuiteError {
    user("You must enter a value for \(label).", path: path)
  }

  static func invalidValue(_ value: String, _ field: String, path: String) -> NetSuiteError {
    content("You have entered an Invalid Field Value \(value) for the following field: \(field)", path: path)
  }

  static func search(_ sentence: String) -> NetSuiteError {
    var error = NetSuiteError(sentence)
    error.isSearch = true
    return error
  }

  static let missing = NetSuiteError("Record does not exist.", code: "NONEXISTENT_ID", status: 404)
  static let busy = NetSuiteError(
    "Concurrent request limit exceeded. Request blocked.", code: "CONCURRENCY_LIMIT_EXCEEDED", status: 429)
  static let malformed = NetSuiteError(
    "The request could not be understood by the server due to malformed syntax.", code: "INVALID_REQUEST")
  static let unexpected = NetSuiteError(
    "An unexpected error occurred. Error ID: jrgbpyylphhishmmlxyt", code: "UNEXPECTED_ERROR", status: 500)
  static let locked = NetSuiteError.user("This record has been locked by a user defined workflow.")
  static let invalidLogin = NetSuiteError(
    "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at Setup > Users/Roles > User "
      + "Management > View Login Audit Trail.", code: "INVALID_LOGIN", status: 401)
}
