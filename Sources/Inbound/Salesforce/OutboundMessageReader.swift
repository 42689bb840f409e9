import Events
import Formats

/// Reads an outbound message in one pass and writes each notification's payload as it goes. This is the hot path of the
/// whole product: no value of a record becomes a `String` here.
///
/// Shape: the WSDL that Salesforce generates for a message. Unknown elements beside the known ones are skipped.
struct OutboundMessageReader: ~Copyable {
  private var xml: XMLReader
  private var organization: String?
  private var action: String?
  private var notifications: [OutboundMessage.Notification] = []
  /// Of the notification in hand; its memory is used again for the next one.
  private var record = RecordPayload()
  private let lists: FieldLists

  private static let vocabulary = XMLVocabulary([
    SOAP.envelope, "http://soap.sforce.com/2005/09/outbound", "urn:sobject.enterprise.soap.sforce.com",
    "http://www.w3.org/2001/XMLSchema-instance",
  ])
  private static let soap = 0
  private static let outbound = 1
  private static let sobject = 2
  static let instance = 3

  private init(_ bytes: UnsafeBufferPointer<UInt8>, _ lists: FieldLists) throws(XMLError) {
    self.lists = lists
    xml = try XMLReader(lent: bytes, Self.vocabulary)
  }

  static func read(_ bytes: [UInt8], _ lists: FieldLists = .none) throws(XMLError) -> OutboundMessage {
    try bytes.withUnsafeBufferPointer { (all) throws(XMLError) in
      var reader = try OutboundMessageReader(all, lists)
      return try reader.read()
    }
  }

  private mutating func read() throws(XMLError) -> OutboundMessage {
    guard try xml.nextElement() == .start, xml.isNamed("Envelope", Self.soap) else {
      throw xml.error("a SOAP envelope is expected")
    }
    var hasBody = false
    while try xml.nextElement() == .start {
      if xml.isNamed("Body", Self.soap), !hasBody {
        hasBody = true
        try readBody()
      } else {
        try xml.skip()
      }
    }
    guard try xml.next() == .finish else { throw xml.error("the message does not end here") }
    guard let organization, !notifications.isEmpty else { throw xml.error("the message holds no notification") }
    return OutboundMessage(organization: organization, notifications: notifications)
  }

  private mutating func readBody() throws(XMLError) {
    guard try xml.nextElement() == .start, xml.isNamed("notifications", Self.outbound) else {
      throw xml.error("notifications are expected")
    }
    while try xml.nextElement() == .start {
      if xml.isNamed("Notification", Self.outbound) {
        guard organization != nil else { throw xml.error("the organization is expected before its notifications") }
        guard notifications.count < Limits.eventsOfARequest else {
          throw xml.error("the message holds more than \(Limits.eventsOfARequest) notifications")
        }
        notifications.append(try readNotification())
      } else if xml.isNamed("OrganizationId", Self.outbound) {
        guard organization == nil else { throw xml.error("the message names two organizations") }
        organization = try xml.content(limit: Limits.salesforceID)
      } else if xml.isNamed("ActionId", Self.outbound) {
        guard action == nil else { throw xml.error("the message names two actions") }
        action = try readID()
      } else {
        try xml.skip()
      }
    }
    guard try xml.nextElement() == .end else { throw xml.error("one element is expected in the body") }
  }

  private mutating func readNotification() throws(XMLError) -> OutboundMessage.Notification {
    var id: String?
    var hasRecord = false
    record.begin()
    while try xml.nextElement() == .start {
      if xml.isNamed("Id", Self.outbound), id == nil {
        id = try readID()
      } else if xml.isNamed("sObject", Self.outbound), !hasRecord {
        hasRecord = true
        try readRecord()
      } else if xml.isNamed("Id", Self.outbound) || xml.isNamed("sObject", Self.outbound) {
        throw xml.error("a notification has one id and one record")
      } else {
        try xml.skip()
      }
    }
    guard let id else { throw xml.error("a notification without its id") }
    var unlisted: [String] = []
    if record.id != nil, let list = lists.list(action: action, object: record.type) {
      unlisted = record.complete(by: list.names)
    }
    return record.notification(id: id, action: action, unlisted: unlisted)
  }

  private mutating func readRecord() throws(XMLError) {
    if let type = try xml.qualifiedName(inAttribute: "type", Self.instance) {
      guard type.namespace == Self.sobject else { throw xml.error("the record's type is not one of Salesforce's") }
      record.type = type.local
    }
    while try xml.nextElement() == .start {
      guard xml.namespace == Self.sobject else { throw xml.error("a field of the record is expected") }
      if xml.isNamed("Id", Self.sobject) {
        guard record.id == nil else { throw xml.error("the record has two ids") }
        if try RecordPayload.readNil(&xml) { continue }
        record.id = try readID()
      } else {
        try record.readField(&xml, isNull: xml.isNamed("fieldsToNull", Self.sobject))
      }
    }
    guard record.isEmpty || (record.id != nil && !record.type.isEmpty) else {
      throw xml.error("a record without its type or its id")
    }
  }

  private mutating func readID() throws(XMLError) -> String {
    let id =
      if let plain = try xml.plainContent(limit: Limits.salesforceID) {
        SalesforceID.normalized(plain)
      } else {
        SalesforceID.normalized(try xml.content(limit: Limits.salesforceID))
      }
    guard let id else { throw xml.error("an id of 15 or 18 characters is expected") }
    return id
  }
}
