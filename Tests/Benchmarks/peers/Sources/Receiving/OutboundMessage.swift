import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What a peer reads of an outbound message, by Foundation's parser.
struct OutboundMessage {
  var organization = ""
  var notifications: [Notification] = []

  struct Notification: Encodable {
    var id = ""
    var fields: [String: String] = [:]
  }

  init?(_ body: Data) {
    let parser = XMLParser(data: body)
    parser.shouldProcessNamespaces = true
    let reader = Reader()
    parser.delegate = reader
    guard parser.parse(), !reader.message.notifications.isEmpty else { return nil }
    self = reader.message
  }

  init() {}

  private final class Reader: NSObject, XMLParserDelegate {
    var message = OutboundMessage()
    private var text = ""
    private var isInRecord = false

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      text = ""
      if name == "Notification" { message.notifications.append(Notification()) }
      if name == "sObject" { isInRecord = true }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
      if name == "sObject" {
        isInRecord = false
      } else if isInRecord {
        message.notifications[message.notifications.count - 1].fields[name] = text
      } else if name == "OrganizationId" {
        message.organization = text
      } else if name == "Id", !message.notifications.isEmpty {
        message.notifications[message.notifications.count - 1].id = text
      }
    }
  }
}
