import Formats

/// An outbound message as an administrator sets it up: an object, the fields it carries, and where it goes.
public struct OutboundMessage: Sendable, Hashable {
  public var object: String
  public var fields: [String]
  public var url: String

  public init(object: String, fields: [String], url: String) {
    self.object = object
    self.fields = fields
    self.url = url
  }
}

/// The envelope of facts page "What Salesforce sends", 1.1: fields in ASCII order, a blank one left out, a record that is
/// gone without data.
struct OutboundEnvelope {
  let org: Org
  let message: OutboundMessage
  let action: String
  let host: String

  struct Notification {
    let id: String
    let record: String
  }

  func text(_ notifications: [Notification]) -> String {
    let short = org.organization.prefix(15)
    var text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" \
      xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
       <soapenv:Body>
        <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
         <OrganizationId>\(org.organization)</OrganizationId>
         <ActionId>\(action)</ActionId>
         <SessionId xsi:nil="true"/>
         <EnterpriseUrl>https://\(host)/services/Soap/c/62.0/\(short)</EnterpriseUrl>
         <PartnerUrl>https://\(host)/services/Soap/u/62.0/\(short)</PartnerUrl>

      """
    for notification in notifications { text += show(notification) }
    return text + "  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>"
  }

  private func show(_ notification: Notification) -> String {
    var text = "   <Notification>\n    <Id>\(notification.id)</Id>\n"
    text += "    <sObject xsi:type=\"sf:\(message.object)\" xmlns:sf=\"urn:sobject.enterprise.soap.sforce.com\">\n"
    if let row = org.live(notification.record), let object = org.objects[row.object.lowercased()] {
      text += "     <sf:Id>\(row.id)</sf:Id>\n"
      for name in Set(message.fields).sorted(by: { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }) {
        guard name != "Id", let field = object[name], let value = FieldShowing.xml(row[field.name], field.kind) else {
          continue
        }
        text += "     <sf:\(field.name)>\(value)</sf:\(field.name)>\n"
      }
    }
    return text + "    </sObject>\n   </Notification>\n"
  }

  /// Whether a body is the one acknowledgement that Salesforce knows: anything else is a failure, and is sent again.
  static func isAcknowledgement(_ body: [UInt8]) -> Bool {
    let vocabulary = XMLVocabulary([
      "http://schemas.xmlsoap.org/soap/envelope/", "http://soap.sforce.com/2005/09/outbound",
    ])
    var reader: XMLReader
    do {
      reader = try XMLReader(body, vocabulary)
      let path: [(StaticString, Int)] = [("Envelope", 0), ("Body", 0), ("notificationsResponse", 1), ("Ack", 1)]
      var depth = 0
      var answer: Bool?
      while true {
        switch try reader.next() {
        case .start:
          guard depth < path.count, reader.isNamed(path[depth].0, path[depth].1) else { return false }
          depth += 1
          if depth == path.count {
            let text = try reader.content(limit: 100).trimmed()
            answer = text == "true" || text == "1"
            depth -= 1
          }
        case .end: depth -= 1
        case .text: continue
        default: return answer ?? false
        }
      }
    } catch {
      return false
    }
  }
}
