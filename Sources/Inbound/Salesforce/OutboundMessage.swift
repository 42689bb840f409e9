import Events

/// An outbound message, read. Its SessionId, a live credential, is never kept.
struct OutboundMessage {
  /// As it came: 15 or 18 characters.
  var organization: String
  var notifications: [Notification]

  struct Notification {
    /// 18 characters.
    var id: String
    /// The record's type; empty where the message does not say.
    var type: String
    /// The record's id, 18 characters; nil where the message brings none: the record was deleted before it was sent.
    var record: String?
    var change: Event.Change
    /// The event's payload, JSON.
    var payload: [UInt8]
    /// Fields that the message's WSDL does not have.
    var unlisted: [String]
  }
}
