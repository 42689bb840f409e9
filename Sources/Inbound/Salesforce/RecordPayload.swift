import Events
import Formats

/// The payload of a notification while its record is read: the fields are written as they come, the rest at the end.
///
/// `{"fields":{…},"record":{"type","id"},"fieldsSelected":true,"at","change","source":{"notification","action"}}`.
/// `fields` holds what the message's author selected: one that is not there may be blank or not selected.
struct RecordPayload {
  var type = ""
  /// 18 characters.
  var id: String?
  private var bytes: [UInt8]
  private var names: [Range<Int>] = []
  private var isSorted = true
  /// Where the values stand that say when the record was made and changed, without their quotes.
  private var created: Range<Int>?
  private var modified: Range<Int>?
  private var stamped: Range<Int>?

  init() {
    bytes = Array(#"{"fields":{"#.utf8)
    bytes.reserveCapacity(1024)
  }

  var isEmpty: Bool { id == nil && names.isEmpty }

  /// Whether the element that began is nil (`xsi:nil`); then it is read to its end.
  func readNil(_ xml: inout XMLReader) throws(XMLError) -> Bool {
    let value = xml.attribute("nil", OutboundMessageReader.instance)
    guard value == "true" || value == "1" else { return false }
    guard try xml.nextElement() == .end else { throw xml.error("a field that is nil holds nothing") }
    return true
  }

  /// Reads the element that began as a field: its text, null where it is nil. `isNull`: it names a field that is null.
  mutating func readField(_ xml: inout XMLReader, isNull: Bool) throws(XMLError) {
    if !names.isEmpty { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    let start = bytes.count
    if isNull {
      try readText(&xml)
    } else {
      xml.withName { bytes.append(contentsOf: $0) }
    }
    let name = start..<bytes.count
    guard isNew(name) else { throw xml.error("the record has a field twice") }
    names.append(name)
    bytes.append(contentsOf: #"":"#.utf8)
    if isNull {
      bytes.append(contentsOf: "null".utf8)
    } else if try readNil(&xml) {
      bytes.append(contentsOf: "null".utf8)
    } else {
      try readValue(&xml, name)
    }
  }

  private mutating func readValue(_ xml: inout XMLReader, _ name: Range<Int>) throws(XMLError) {
    bytes.append(UInt8(ascii: "\""))
    let start = bytes.count
    try readText(&xml)
    let value = start..<bytes.count
    bytes.append(UInt8(ascii: "\""))
    switch name.count {
    case 11 where holds(name, "CreatedDate"): created = value
    case 16 where holds(name, "LastModifiedDate"): modified = value
    case 14 where holds(name, "SystemModstamp"): stamped = value
    default: break
    }
  }

  private mutating func readText(_ xml: inout XMLReader) throws(XMLError) {
    while true {
      switch try xml.next() {
      case .text: xml.withText { JSON.escape($0, into: &bytes) }
      case .end: return
      case .start, .finish: throw xml.error("a field of the record holds text only")
      }
    }
  }

  /// Salesforce sends fields in the order of their names: while that holds, one look at the last is enough.
  private mutating func isNew(_ name: Range<Int>) -> Bool {
    guard let last = names.last else { return true }
    if isSorted, bytes[last].lexicographicallyPrecedes(bytes[name]) { return true }
    isSorted = false
    return !names.contains { same($0, name) }
  }

  private func same(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
    one.count == other.count && bytes[one].elementsEqual(bytes[other])
  }

  private func holds(_ range: Range<Int>, _ text: StaticString) -> Bool {
    bytes[range].elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  // MARK: The end

  mutating func notification(id notification: String, action: String?) -> OutboundMessage.Notification {
    let change = change
    bytes.append(UInt8(ascii: "}"))
    if let id {
      append(#","record":{"type":""#, type, #"","id":""#, id, #""}"#)
    }
    append(#","fieldsSelected":true"#)
    if let at = stamped ?? modified, let instant = Instant(String(decoding: bytes[at], as: UTF8.self)) {
      append(#","at":""#, instant.description, #"""#)
    }
    append(#","change":""#, change.rawValue, #"","source":{"notification":""#, notification, #"""#)
    if let action { append(#","action":""#, action, #"""#) }
    append("}}")
    return OutboundMessage.Notification(id: notification, type: type, record: id, change: change, payload: bytes)
  }

  /// A message does not say what happened. A record that is made has both dates alike; one that is gone brings nothing.
  private var change: Event.Change {
    guard id != nil else { return .delete }
    guard let created, let modified else { return .unknown }
    return same(created, modified) ? .create : .update
  }

  /// Texts that need no escaping: names, ids, our own words.
  private mutating func append(_ texts: String...) {
    for text in texts { bytes.append(contentsOf: text.utf8) }
  }
}
