import Formats

/// An error as Salesforce's REST API answers it: `[{"message":…,"errorCode":…,"fields":[…]}]`.
struct SalesforceError: Error, Hashable {
  let status: UInt16
  let code: String
  let message: String
  /// Nil: the key is left out, as it is for errors that concern no record.
  let fields: [String]?

  init(_ code: String, _ message: String, fields: [String]? = nil) {
    self.init(400, code, message, fields: fields)
  }

  init(_ status: UInt16, _ code: String, _ message: String, fields: [String]? = nil) {
    self.status = status
    self.code = code
    self.message = message
    self.fields = fields
  }

  var body: JSON {
    var entry = JSONObject()
    entry["message"] = .string(message)
    entry["errorCode"] = .string(code)
    if let fields { entry["fields"] = .array(fields.map { .string($0) }) }
    return .array([.object(entry)])
  }

  static let notFound = SalesforceError(404, "NOT_FOUND", "The requested resource does not exist")
  static let deleted = SalesforceError(404, "ENTITY_IS_DELETED", "entity is deleted")
  static let badReference = "invalid cross reference id"

  static func malformedID(_ field: String, _ value: String) -> SalesforceError {
    SalesforceError("MALFORMED_ID", "\(field): id value of incorrect type: \(value)", fields: [field])
  }

  static func noColumn(_ name: String, _ object: String) -> SalesforceError {
    SalesforceError("INVALID_FIELD", "No such column '\(name)' on sobject of type \(object)")
  }

  static func integrity(_ field: String, _ why: String) -> SalesforceError {
    SalesforceError("FIELD_INTEGRITY_EXCEPTION", "field integrity exception: \(field) (\(why))", fields: [field])
  }
}
