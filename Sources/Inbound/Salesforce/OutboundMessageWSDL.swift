import Formats

/// The WSDL that Salesforce generates for one outbound message (Setup, Outbound Messages, "Click for WSDL"): the object
/// and the fields that its author selected. Salesforce leaves a blank field out of the message, so without this list a
/// field that is not there may be blank or not selected.
public struct OutboundMessageWSDL: Hashable, Sendable {
  /// `Opportunity`, `ns__Object__c`.
  public let object: String
  /// The names of the selected fields, without `Id`, in the order of their bytes.
  public let fields: [String]
  /// The same, for the reader of messages.
  let names: [[UInt8]]

  /// - Throws: what is wrong, with its line, where the text is not the WSDL of an outbound message.
  public init(_ bytes: [UInt8]) throws(XMLError) {
    var reader = try WSDLReader(bytes)
    let found = try reader.read()
    object = found.object
    names = found.fields.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    fields = names.map { String(decoding: $0, as: UTF8.self) }
  }
}

/// Which WSDL a message is read with. A WSDL does not name its action, the message does not name its WSDL.
public enum FieldLists: Hashable, Sendable {
  case none
  /// By the object's name: one message an object.
  case byObject([String: OutboundMessageWSDL])
  /// By the action's id, 18 characters: where several messages are about one object.
  case byAction([String: OutboundMessageWSDL])

  /// Nil where nothing is known of this message.
  func list(action: String?, object: String) -> OutboundMessageWSDL? {
    switch self {
    case .none: nil
    case .byObject(let lists): lists[object]
    case .byAction(let lists): action.flatMap { lists[$0] }.flatMap { $0.object == object ? $0 : nil }
    }
  }
}

/// Finds the object that `sObject` is of, and the elements of its type.
private struct WSDLReader {
  private var xml: XMLReader
  private var object: (namespace: Int, local: String)?
  /// The elements of each type that extends the base of all objects.
  private var types: [String: [String]] = [:]

  private static let vocabulary = XMLVocabulary([
    "http://schemas.xmlsoap.org/wsdl/", "http://www.w3.org/2001/XMLSchema", "urn:sobject.enterprise.soap.sforce.com",
    "http://soap.sforce.com/2005/09/outbound",
  ])
  private static let wsdl = 0
  private static let schema = 1
  private static let sobject = 2
  private static let outbound = "http://soap.sforce.com/2005/09/outbound"
  private static let objects = "urn:sobject.enterprise.soap.sforce.com"

  init(_ bytes: [UInt8]) throws(XMLError) { xml = try XMLReader(bytes, Self.vocabulary) }

  mutating func read() throws(XMLError) -> (object: String, fields: [String]) {
    guard try xml.nextElement() == .start, xml.isNamed("definitions", Self.wsdl),
      xml.attribute("targetNamespace") == Self.outbound
    else { throw xml.error("this is not the WSDL of an outbound message") }
    while try xml.nextElement() == .start {
      guard xml.isNamed("types", Self.wsdl) else {
        try xml.skip()
        continue
      }
      while try xml.nextElement() == .start {
        if xml.isNamed("schema", Self.schema) { try readSchema() } else { try xml.skip() }
      }
    }
    guard try xml.next() == .finish else { throw xml.error("the WSDL does not end here") }
    guard let object, object.namespace == Self.sobject else {
      throw xml.error("the WSDL does not say which object its notifications are about")
    }
    guard let fields = types[object.local] else {
      throw xml.error("the WSDL does not say which fields its object has")
    }
    return (object.local, fields)
  }

  private mutating func readSchema() throws(XMLError) {
    let target = xml.attribute("targetNamespace")
    while try xml.nextElement() == .start {
      guard xml.isNamed("complexType", Self.schema), let name = xml.attribute("name") else {
        try xml.skip()
        continue
      }
      switch target {
      case Self.objects: types[name] = try readFields()
      case Self.outbound: try readNotification()
      default: try xml.skip()
      }
    }
  }

  /// The names of all elements inside of a type, however deep its sequence lies.
  private mutating func readFields() throws(XMLError) -> [String] {
    var fields: [String] = []
    let outside = xml.depth - 1
    while xml.depth > outside {
      guard try xml.next() == .start, xml.isNamed("element", Self.schema) else { continue }
      guard let name = xml.attribute("name"), Self.isName(name), !fields.contains(name) else {
        throw xml.error("a field of the object needs a name of its own")
      }
      guard fields.count < Limits.fieldsOfAnObject else {
        throw xml.error("the object has more than \(Limits.fieldsOfAnObject) fields")
      }
      fields.append(name)
    }
    return fields
  }

  /// As Salesforce names fields: `Amount`, `ns__Field__c`, `Loc__Latitude__s`.
  private static func isName(_ name: String) -> Bool {
    let bytes = name.utf8
    return (1...Limits.salesforceName).contains(bytes.count)
      && bytes.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
        default: false
        }
      }
  }

  /// The type of the element `sObject` inside of a notification's type.
  private mutating func readNotification() throws(XMLError) {
    let outside = xml.depth - 1
    while xml.depth > outside {
      guard try xml.next() == .start, xml.isNamed("element", Self.schema), xml.attribute("name") == "sObject"
      else { continue }
      guard object == nil else { throw xml.error("the WSDL is about more than one object") }
      object = try xml.qualifiedName(inAttribute: "type", XMLReader.noNamespace)
    }
  }
}
