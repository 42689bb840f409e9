import Events
import Formats
import HTTP
import Inbound
import Posix
import Support
import Testing

/// Outbound messages beside their WSDL: blank told from not selected.
@Suite final class FieldListTests: Sendable {
  static func wsdl(
    _ object: String = "Opportunity", fields: [String] = ["Amount", "Fax__c", "NextStep"], prefix: String = "ens"
  ) -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <!-- Generated. -->
    <definitions targetNamespace="http://soap.sforce.com/2005/09/outbound" xmlns="http://schemas.xmlsoap.org/wsdl/"
      xmlns:tns="http://soap.sforce.com/2005/09/outbound" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
      xmlns:\(prefix)="urn:sobject.enterprise.soap.sforce.com">
    <types>
    <schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:sobject.enterprise.soap.sforce.com">
    <import namespace="urn:enterprise.soap.sforce.com"/>
    <complexType name="sObject"><sequence><element name="fieldsToNull"/><element name="Id"/></sequence></complexType>
    <complexType name="AggregateResult"><complexContent><extension base="\(prefix):sObject"><sequence><any/></sequence>
    </extension></complexContent></complexType>
    <complexType name="\(object)"><complexContent><extension base="\(prefix):sObject"><sequence>
    \(fields.map { "<element name=\"\($0)\" nillable=\"true\" minOccurs=\"0\" type=\"xsd:string\"/>" }.joined())
    </sequence></extension></complexContent></complexType>
    </schema>
    <xsd:schema targetNamespace="http://soap.sforce.com/2005/09/outbound">
    <xsd:element name="notifications"><xsd:complexType><xsd:sequence><xsd:element name="Notification"/></xsd:sequence>
    </xsd:complexType></xsd:element>
    <xsd:complexType name="\(object)Notification"><xsd:sequence><xsd:element name="Id"/>
    <xsd:element name="sObject" type="\(prefix):\(object)"/></xsd:sequence></xsd:complexType>
    </xsd:schema>
    </types>
    <message name="notificationsRequest"><part element="tns:notifications" name="request"/></message>
    </definitions>
    """
  }

  private let notices = Lock<[SourceNotice]>([])

  private func take(
    _ fields: String, action: String = "04k7F000000CaSPQA0", type: String = "Opportunity", _ lists: FieldLists
  ) throws -> TakenEvent {
    var settings = Messages.settings("salesforce-outbound-message")
    settings.fieldLists = lists
    settings.notice = { [self] notice in notices.withLock { $0.append(notice) } }
    let text = String(
      decoding: Messages.outbound(Messages.notification("04l7F0000001AAAQAY", type: type, fields)), as: UTF8.self)
    let body = text.split(separator: "04k7F000000CaSPQA0").joined(separator: action)
    let source = try SourceCatalogue.open(settings)
    return try #require(try source.take(SignedRequest.outboundMessage(Array(body.utf8))).first)
  }

  private static let id = "<sf:Id>0067F00000ABCDEQA5</sf:Id>"

  private func list(_ object: String = "Opportunity", _ fields: [String] = ["Amount", "Fax__c", "NextStep"]) throws
    -> OutboundMessageWSDL
  {
    try OutboundMessageWSDL(Array(Self.wsdl(object, fields: fields).utf8))
  }

  @Test func `a WSDL says its object and its fields, whatever its prefixes`() throws {
    for prefix in ["ens", "q"] {
      let wsdl = try OutboundMessageWSDL(
        [0xEF, 0xBB, 0xBF] + Array(Self.wsdl("ns__Thing__c", fields: ["Zip__c", "ns__A__c", "B"], prefix: prefix).utf8))
      #expect(wsdl.object == "ns__Thing__c")
      #expect(wsdl.fields == ["B", "Zip__c", "ns__A__c"])
    }
    #expect(try list("Account", []).fields == [])
  }

  @Test(arguments: [
    "", "<definitions/>", "<html/>",
    wsdl().replacing("targetNamespace=\"http://soap", with: "targetNamespace=\"http://s"),
    wsdl().replacing("\"sObject\" type=\"ens:", with: "\"sObject\" type=\"tns:"),
    wsdl().replacing("name=\"sObject\" ", with: ""),
    wsdl().replacing("name=\"Opportunity\"", with: "name=\"Other\""), wsdl(fields: ["A", "A"]), wsdl(fields: ["A b"]),
    wsdl(fields: ["A&quot;"]), wsdl().replacing("</definitions>", with: ""), wsdl() + "<more/>",
    wsdl(fields: (0...2_000).map { "F\($0)" }),
  ])
  func `what is no WSDL of an outbound message is refused, with its line`(text: String) {
    do throws(XMLError) {
      _ = try OutboundMessageWSDL(Array(text.utf8))
      Issue.record("it was taken")
    } catch {
      #expect(error.line > 0 && !error.message.isEmpty)
    }
  }

  @Test func `a field of the list that the message left out is null, one that is not in the list stays out`() throws {
    let lists = FieldLists.byObject(["Opportunity": try list()])
    let event = try take(Self.id + "<sf:Amount>1.0E7</sf:Amount>", lists)
    #expect(event.payload["fields"]?.text == #"{"Amount":"1.0E7","Fax__c":null,"NextStep":null}"#)
    #expect(event.payload["fieldsSelected"] == true)
    #expect(event.payload["source"]?["fieldList"] == "wsdl")
    let none = try take(Self.id, lists)
    #expect(none.payload["fields"]?.text == #"{"Amount":null,"Fax__c":null,"NextStep":null}"#)
    let unsorted = try take(Self.id + "<sf:NextStep>n</sf:NextStep><sf:Amount xsi:nil=\"true\"/>", lists)
    #expect(unsorted.payload["fields"] == ["NextStep": "n", "Amount": nil, "Fax__c": nil])
    let whole = try take(Self.id + "<sf:Amount>1</sf:Amount><sf:Fax__c/><sf:NextStep>n</sf:NextStep>", lists)
    #expect(whole.payload["fields"] == ["Amount": "1", "Fax__c": "", "NextStep": "n"])
    #expect(notices.withLock { $0 } == [])
  }

  @Test func `without a WSDL, or with another object's, unknown stays unknown`() throws {
    for lists in [FieldLists.none, .byObject(["Account": try list("Account")]), .byAction([:])] {
      let event = try take(Self.id + "<sf:Amount>1.0</sf:Amount>", lists)
      #expect(event.payload["fields"] == ["Amount": "1.0"])
      #expect(event.payload["source"]?["fieldList"] == nil)
    }
  }

  @Test func `a list by action counts for that action and that object only`() throws {
    let lists = FieldLists.byAction(["04k7F000000CaSPQA0": try list("Opportunity", ["Amount"])])
    #expect(try take(Self.id, lists).payload["fields"] == ["Amount": nil])
    #expect(try take(Self.id, action: "04k7F000000CaSP", lists).payload["fields"] == ["Amount": nil])
    #expect(try take(Self.id, action: "04k7F000000CaSQQA0", lists).payload["fields"] == [:])
    #expect(try take(Self.id, type: "Account", lists).payload["fields"] == [:])
  }

  @Test func `a field that is not in the list is kept, told of, and nothing is made null beside it`() throws {
    let lists = FieldLists.byObject(["Opportunity": try list()])
    let event = try take(Self.id + "<sf:Amount>1</sf:Amount><sf:StageName>Won</sf:StageName>", lists)
    #expect(event.payload["fields"] == ["Amount": "1", "StageName": "Won"])
    #expect(event.payload["source"]?["fieldList"] == nil)
    let told = notices.withLock { $0 }
    #expect(told.map(\.subject) == ["Opportunity.StageName"])
    #expect(told.first?.code == "field-not-listed")
    #expect(told.first?.sentence.contains("Won") == false)
  }

  @Test func `a record that was deleted before it was sent has no fields, whatever the list says`() throws {
    let event = try take("", .byObject(["Opportunity": try list()]))
    #expect(event.payload["fields"] == [:])
    #expect(event.change == .delete)
  }
}

/// The same over WSDLs that Salesforce made.
@Suite(.enabled(if: SharedData.fixtures != nil, "set CAUSEWAY_FIXTURES to run over real messages"))
struct FieldListFixtureTests {
  private func wsdl(_ name: String) throws -> OutboundMessageWSDL {
    try OutboundMessageWSDL(try SharedData.read(#require(SharedData.fixtures) + "/salesforce/om-wsdl-\(name).wsdl"))
  }

  @Test func `WSDLs of Salesforce are read`() throws {
    let rule = try wsdl("DiscountRule__c")
    #expect(rule.object == "DiscountRule__c")
    #expect(
      rule.fields == [
        "ContractTerm__c", "CreatedDate", "Discount__c", "IsDeleted", "LastModifiedDate", "Name", "Price__c",
        "Product__c", "Type__c",
      ])
    #expect(try wsdl("Opportunity-mulesoft").fields == ["AccountId", "Billing_Contact_Email__c"])
    #expect(try wsdl("ObjectToBeRemoved__c").fields == ["ObjectClass__c", "ObjectId__c"])
  }

  @Test func `a message of Salesforce is whole beside its WSDL`() throws {
    var settings = Messages.settings("salesforce-outbound-message", organization: "00DD0000000muCUMAY")
    settings.fieldLists = .byObject(["DiscountRule__c": try wsdl("DiscountRule__c")])
    let body = try SharedData.read(#require(SharedData.fixtures) + "/salesforce/om-custom-DiscountRule__c.xml")
    let event = try #require(
      try SourceCatalogue.open(settings).take(SignedRequest.outboundMessage(body)).first)
    #expect(event.payload["source"]?["fieldList"] == "wsdl")
    #expect(event.payload["fields"]?.object?.count == 9)
  }
}
