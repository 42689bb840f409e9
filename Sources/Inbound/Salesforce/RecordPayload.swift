import Events
import Formats

/// The payload of a notification while its record is read: the fields are written as they come, the rest at the end.
///
/// `{"fields":{…},"record":{"type","id"},"fieldsSelected":true,"at","change","source":{"notification","action"}}`.
/// `fields` holds what the message's author selected. Salesforce leaves blank fields out: where the message's WSDL says
/// which fields were selected, those are null here, and `source` has `"fieldList":"wsdl"`; a field that is not there
/// was not selected. Without a WSDL it may be blank or not selected.
struct RecordPayload {
  var type = ""
  /// 18 characters.
  var id: String?
  private var bytes: [UInt8] = []
  private var names: [Range<Int>] = []
  private var isSorted = true
  /// The names, once they do not come sorted.
  private var known: Set<String> = []
  private var isListed = false
  /// Where the values stand that say when the record was made and changed, without their quotes.
  private var created: Range<Int>?
  private var modified: Range<Int>?
  private var stamped: Range<Int>?

  /// Begins the next one, in the same memory.
  mutating func begin() {
    bytes.removeAll(keepingCapacity: true)
    bytes.reserveCapacity(1024)
    names.removeAll(keepingCapacity: true)
    names.reserveCapacity(16)
    (type, id, isSorted, known, isListed) = ("", nil, true, [], false)
    (created, modified, stamped) = (nil, nil, nil)
    write(#"{"fields":{"#)
  }

  var isEmpty: Bool { id == nil && names.isEmpty }

  /// Whether the element that began is nil (`xsi:nil`); then it is read to its end.
  static func readNil(_ xml: inout XMLReader) throws(XMLError) -> Bool {
    guard xml.hasAttributes, let value = xml.attribute("nil", OutboundMessageReader.instance) else { return false }
    guard value == "true" || value == "1" else { return false }
    guard try xml.nextElement() == .end else { throw xml.error("a field that is nil holds nothing") }
    return true
  }

  /// Reads the element that began as a field: its text, null where it is nil. `isNull`: it names a field that is null.
  mutating func readField(_ xml: inout XMLReader, isNull: Bool) throws(XMLError) {
    write(names.isEmpty ? #"""# : #",""#)
    let start = bytes.count
    if isNull {
      try readText(&xml)
    } else {
      xml.withName { bytes.append(contentsOf: $0) }
    }
    let name = start..<bytes.count
    guard isNew(name) else { throw xml.error("the record has a field twice") }
    names.append(name)
    if isNull {
      write(#"":null"#)
    } else if try Self.readNil(&xml) {
      write(#"":null"#)
    } else {
      write(#"":""#)
      try readValue(&xml, name)
    }
  }

  private mutating func readValue(_ xml: inout XMLReader, _ name: Range<Int>) throws(XMLError) {
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
    if let plain = try xml.plainContent() { return JSON.escape(plain, into: &bytes) }
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
    if isSorted {
      if bytes[last].lexicographicallyPrecedes(bytes[name]) { return true }
      isSorted = false
      known = Set(names.map { text(of: $0) })
    }
    return known.insert(text(of: name)).inserted
  }

  private func text(of range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private func same(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
    one.count == other.count && bytes[one].elementsEqual(bytes[other])
  }

  private func holds(_ range: Range<Int>, _ text: StaticString) -> Bool {
    bytes[range].elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  // MARK: The list of selected fields

  /// Adds a null for each field of the list that the message left out.
  ///
  /// A field that the list does not have shows that the message is not the one that the list was made for, or was
  /// changed since. Then nothing is added, for what is not there may not have been selected; what is there is kept.
  ///
  /// - Returns: the fields that the list does not have.
  mutating func complete(by list: [[UInt8]]) -> [String] {
    var own = names
    if !isSorted { own.sort { bytes[$0].lexicographicallyPrecedes(bytes[$1]) } }
    var missing: [[UInt8]] = []
    var outside: [String] = []
    var place = own.startIndex
    for name in list {
      while place < own.endIndex, bytes[own[place]].lexicographicallyPrecedes(name) {
        outside.append(text(of: own[place]))
        place += 1
      }
      if place < own.endIndex, bytes[own[place]].elementsEqual(name) { place += 1 } else { missing.append(name) }
    }
    outside += own[place...].map { text(of: $0) }
    guard outside.isEmpty else { return outside }
    isListed = true
    for name in missing { appendNull(name) }
    return []
  }

  private mutating func appendNull(_ name: [UInt8]) {
    if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: name)
    write("\":null")
  }

  // MARK: The end

  mutating func notification(
    id notification: String, action: String?, unlisted: [String]
  ) -> OutboundMessage.Notification {
    let change = change
    write("}")
    if let id {
      write(#","record":{"type":""#)
      append(type)
      write(#"","id":""#)
      append(id)
      write(#""}"#)
    }
    write(#","fieldsSelected":true"#)
    if let at = stamped ?? modified, let instant = Instant(String(decoding: bytes[at], as: UTF8.self)) {
      write(#","at":""#)
      append(instant.description)
      write(#"""#)
    }
    write(#","change":""#)
    append(change.rawValue)
    write(#"","source":{"notification":""#)
    append(notification)
    write(#"""#)
    if let action {
      write(#","action":""#)
      append(action)
      write(#"""#)
    }
    if isListed { write(#","fieldList":"wsdl""#) }
    write("}}")
    return OutboundMessage.Notification(
      id: notification, type: type, record: id, change: change, payload: bytes.withUnsafeBufferPointer { Array($0) },
      unlisted: unlisted)
  }

  /// A message does not say what happened. A record that is made has both dates alike; one that is gone brings nothing.
  private var change: Event.Change {
    guard id != nil else { return .delete }
    guard let created, let modified else { return .unknown }
    return same(created, modified) ? .create : .update
  }

  /// A text that needs no escaping: a name, an id.
  private mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { bytes.append(contentsOf: $0) }
  }

  /// Our own words.
  private mutating func write(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
