import Crypto
import Events
import Formats
import Web

/// What our own SuiteScript posts after a record was submitted: Standard Webhooks headers, and
/// `{"account", "record": {"type", "id"}, "event", "context", "at", "changed", "fields"}`, of which the first three must
/// be there.
struct NetSuiteSource: JSONAnswers {
  let bodyLimits: BodyLimits
  private let endpoint: String
  private let account: String
  let verifier: Verifier

  init(_ settings: SourceSettings, _ verifier: Verifier) throws(SettingsProblem) {
    guard let account = settings.account, !account.isEmpty else {
      throw SettingsProblem("account", "say which account the endpoint belongs to")
    }
    bodyLimits = settings.bodyLimits()
    endpoint = settings.name
    self.account = account
    self.verifier = verifier
  }

  func events(in request: Request, _ proof: Proof) throws(Rejection) -> [Event] {
    let body = try body(of: request).value
    guard let account = body["account"]?.string, let type = body["record"]?["type"]?.string, !type.isEmpty,
      let id = Self.recordID(body["record"]?["id"]), let event = body["event"]?.string
    else { throw .malformed("account, record.type, record.id and event have to be there.") }
    guard Self.isSame(account, self.account) else {
      throw .foreign("The request is from another account than the endpoint's.")
    }
    // Record types are spelled in both cases by NetSuite itself; a lane must not depend on it.
    let key = "\(type.lowercased())/\(id)"
    guard key.utf8.count <= Limits.identity else { throw .malformed("The record's type and id are too long.") }
    let change = Self.change(event)
    return [
      Event(
        system: System(.netsuite, self.account), endpoint: endpoint, id: try Identity.header(of: request),
        kind: .netsuite, key: key, subject: type, change: change, receivedAt: proof.at,
        payload: Self.payload(body, type, id, change))
    ]
  }

  /// One account is `1234567_SB1` in NetSuite's pages and `1234567-sb1` in its host names.
  private static func isSame(_ one: String, _ other: String) -> Bool {
    func plain(_ text: String) -> [UInt8] { text.lowercased().utf8.map { $0 == 0x2D ? 0x5F : $0 } }
    return constantTimeEqual(plain(one), plain(other))
  }

  private static func payload(_ body: JSON, _ type: String, _ id: String, _ change: Event.Change) -> [UInt8] {
    var payload: JSONObject = [
      "record": ["type": .string(type), "id": .string(id)], "fields": body["fields"]?.object.map(JSON.object) ?? [:],
      "fieldsSelected": true, "change": .string(change.rawValue),
    ]
    if let at = body["at"]?.string, let instant = Instant(at) { payload["at"] = .string(instant.description) }
    var source: JSONObject = [:]
    for name in ["event", "context", "changed"] { source[name] = body[name] }
    payload["source"] = .object(source)
    return payload.bytes
  }

  /// A text, or a number as SuiteScript's own record ids are.
  private static func recordID(_ json: JSON?) -> String? {
    if let text = json?.string { return text.isEmpty ? nil : text }
    return json?.int.map(String.init)
  }

  /// SuiteScript's `context.type` (N/record, UserEventType).
  private static func change(_ event: String) -> Event.Change {
    switch event.lowercased() {
    case "create", "copy": .create
    case "delete": .delete
    case "edit", "xedit", "approve", "cancel", "changepassword", "dropship", "editforecast", "markcomplete",
      "orderitems",
      "pack", "paybills", "reassign", "reject", "ship", "specialorder", "transform":
      .update
    default: .unknown
    }
  }
}
