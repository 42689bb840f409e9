import Formats

/// What is around an event's own fields, whichever way it came.
///
/// - CometD: `{"channel", "data": {"schema", "payload", "event": {"replayId", "EventUuid"}}}`, or only what is in `data`.
/// - EventBridge: `{"id", "detail-type", "source", "detail"}`; an event relay puts the fields in `detail.payload`,
///   AppFlow in `detail` itself.
/// - Pub/Sub API, decoded: the fields alone; with `replayId` and `event.id` beside a `payload`; or the payload inside of
///   the `event`, as `ConsumerEvent` has it.
struct EventEnvelope {
  /// The event's own fields; the whole message where no envelope is known.
  private(set) var body: JSONObject
  private(set) var channel: String?
  private(set) var replayID: String?
  private(set) var uuid: String?
  private(set) var schema: String?
  private(set) var bridgeID: String?
  private(set) var detailType: String?
  /// Where the envelope names it.
  private(set) var organization: String?

  init(_ message: JSONObject) {
    body = message
    if let detail = message["detail"]?.object, let type = message["detail-type"]?.string {
      detailType = type
      bridgeID = message["id"]?.string
      organization = Self.organization(message["source"]?.string)
      open(detail)
    } else if let data = message["data"]?.object, let channel = message["channel"]?.string {
      self.channel = channel
      open(data)
    } else if let payload = message["payload"]?.object, Self.isAround(payload, message) {
      open(message)
    } else if let event = message["event"]?.object, let payload = event["payload"]?.object {
      open(event)
      body = payload
      replayID = Self.text(message["replayId"] ?? message["replay_id"])
      uuid = event["id"]?.string
    }
  }

  /// A platform event may have a field called `payload`: something has to show that this one is an envelope's.
  private static func isAround(_ payload: JSONObject, _ message: JSONObject) -> Bool {
    ["event", "schema", "schemaId", "replayId"].contains { message[$0] != nil } || payload["ChangeEventHeader"] != nil
  }

  private mutating func open(_ data: JSONObject) {
    body = data["payload"]?.object ?? data
    schema = data["schema"]?.string ?? data["schemaId"]?.string ?? data["schema_id"]?.string
    let event = data["event"]
    replayID = Self.text(event?["replayId"] ?? data["replayId"])
    uuid = event?["EventUuid"]?.string ?? body["EventUuid"]?.string ?? event?["id"]?.string
  }

  /// `aws.partner/salesforce.com/<organization>/<channel>`.
  private static func organization(_ source: String?) -> String? {
    guard let parts = source?.split(separator: "/"), parts.count >= 3, parts[0] == "aws.partner",
      parts[1] == "salesforce.com"
    else { return nil }
    return String(parts[2])
  }

  private static func text(_ json: JSON?) -> String? {
    switch json {
    case .number(let number): number.text
    case .string(let text) where !text.isEmpty: text
    default: nil
    }
  }

  /// What tells one platform event from all others.
  var identity: String? {
    if let uuid, !uuid.isEmpty { return uuid }
    if let channel, let replayID { return "\(channel)/\(replayID)" }
    return bridgeID.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The event's API name, as far as it can be known: `Low_Ink__e`.
  var name: String { detailType ?? channel?.split(separator: "/").last.map(String.init) ?? "" }

  /// A platform event's payload: `{"body": …, "at"?, "source": {…}}`.
  var payload: [UInt8] {
    var payload: JSONObject = ["body": .object(body)]
    if let at = Self.instant(body["CreatedDate"]) { payload["at"] = .string(at.description) }
    payload["source"] = .object(source)
    return payload.bytes
  }

  var source: JSONObject {
    var source: JSONObject = [:]
    let texts = [
      ("channel", channel), ("replayId", replayID), ("EventUuid", uuid), ("schema", schema),
      ("eventBridgeId", bridgeID),
      ("detailType", detailType),
    ]
    for (name, text) in texts { source[name] = text.map(JSON.string) }
    return source
  }

  /// A time as the Pub/Sub API (milliseconds) or all others (ISO 8601) write it.
  static func instant(_ json: JSON?) -> Instant? {
    if let text = json?.string { return Instant(text) }
    return json?.int.map { Instant(millisecondsSince1970: $0) }
  }
}
