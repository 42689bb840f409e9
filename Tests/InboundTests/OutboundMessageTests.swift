import Events
import Formats
import HTTP
import Inbound
import Support
import Testing
import Web

@Suite struct OutboundMessageTests {
  private func source(_ organization: String = Messages.organization) throws -> any Source {
    try SourceCatalogue.open(Messages.settings("salesforce-outbound-message", organization: organization))
  }

  private func take(_ body: [UInt8]) throws -> [TakenEvent] {
    try source().take(SignedRequest.outboundMessage(body))
  }

  private static let won = Messages.notification(
    "04l7F0000001AAAQAY",
    """
    <sf:Id>0067F00000ABCDE</sf:Id><sf:Amount>120000.0</sf:Amount><sf:CloseDate>2026-11-24</sf:CloseDate>
    <sf:CreatedDate>2026-11-01T10:00:00.000Z</sf:CreatedDate><sf:Description>a &lt;b&gt; "c"
    \\ d\u{E9}</sf:Description><sf:LastModifiedDate>2026-11-24T10:11:12.000Z</sf:LastModifiedDate>
    <sf:Name/><sf:NextStep xsi:nil="true"/>
    """)

  @Test func `a notification becomes an event with its fields as they came`() throws {
    let events = try take(Messages.outbound(Self.won))
    #expect(events.count == 1)
    let event = try #require(events.first)
    #expect(event.event.system == System(.salesforce, "00D7F00000107XsUAI"))
    #expect(event.event.kind == .outboundMessage)
    #expect(event.event.receivedAt == Messages.now)
    #expect((event.id, event.key, event.subject) == ("04l7F0000001AAAQAY", "0067F00000ABCDEQA5", "Opportunity"))
    #expect(event.change == .update)
    #expect(
      event.payload == [
        "record": ["type": "Opportunity", "id": "0067F00000ABCDEQA5"],
        "fields": [
          "Amount": "120000.0", "CloseDate": "2026-11-24", "CreatedDate": "2026-11-01T10:00:00.000Z",
          "Description": "a <b> \"c\"\n\\ d\u{E9}", "LastModifiedDate": "2026-11-24T10:11:12.000Z", "Name": "",
          "NextStep": nil,
        ],
        "fieldsSelected": true, "at": "2026-11-24T10:11:12Z", "change": "update",
        "source": ["notification": "04l7F0000001AAAQAY", "action": "04k7F000000CaSPQA0"],
      ])
    #expect(!String(decoding: event.event.payload, as: UTF8.self).contains("CREDENTIAL"))
  }

  @Test func `all notifications of a message are events, in order`() throws {
    let many = (0..<100).map {
      Messages.notification("04l7F0000001\($0 + 100)", "<sf:Id>0067F0000000\($0 + 100)</sf:Id>")
    }
    let events = try take(Messages.outbound(many.joined(), prefix: "S"))
    #expect(events.count == 100)
    #expect(events.map(\.id).prefix(2) == ["04l7F0000001100QAA", "04l7F0000001101QAA"])
    #expect(Set(events.map(\.key)).count == 100)
  }

  @Test(arguments: [
    "<Notification><Id>04l7F0000001AAAQAY</Id></Notification>",
    Messages.notification("04l7F0000001AAAQAY", ""),
    "<Notification><Id>04l7F0000001AAAQAY</Id><sObject xsi:nil=\"true\"/></Notification>",
  ])
  func `a notification without its record is a deleted record's`(text: String) throws {
    let event = try #require(try take(Messages.outbound(text)).first)
    #expect((event.id, event.key, event.change) == ("04l7F0000001AAAQAY", "04l7F0000001AAAQAY", .delete))
    #expect(event.payload["record"] == nil)
    #expect(event.payload["fields"] == [:])
  }

  @Test func `dates say what happened, and fields are named null in two ways`() throws {
    let event = try #require(
      try take(
        Messages.outbound(
          Messages.notification(
            "04l7F0000001AAAQAY",
            """
            <sf:fieldsToNull>Fax</sf:fieldsToNull><sf:Id>0067F00000ABCDEQA5</sf:Id><sf:CreatedDate>2026-11-24T10:11:12.000Z</sf:CreatedDate>
            <sf:LastModifiedDate>2026-11-24T10:11:12.000Z</sf:LastModifiedDate><sf:SystemModstamp>2026-11-24T10:11:13.000Z</sf:SystemModstamp>
            <sf:Zip__c xsi:nil="1"/>
            """))
      ).first)
    #expect(event.change == .create)
    #expect(event.payload["at"] == "2026-11-24T10:11:13Z")
    #expect(event.field("Fax") == JSON.null)
    #expect(event.field("Zip__c") == JSON.null)
  }

  @Test func `a message that sends no session is read too`() throws {
    let text = String(decoding: Messages.outbound(Self.won), as: UTF8.self)
    let session = "<SessionId>00D7F00000107Xs!LIVE.CREDENTIAL</SessionId>"
    #expect(text.contains(session))
    let without = text.split(separator: session).joined(separator: "<SessionId xsi:nil=\"true\"/>")
    #expect(try take(Array(without.utf8)).map(\.event) == take(Array(text.utf8)).map(\.event))
  }

  private static let fine = "<sf:Id>0067F00000ABCDEQA5</sf:Id>"

  @Test(arguments: [
    Messages.outbound(""), Messages.outbound("<Notification></Notification>"),
    Messages.outbound(Messages.notification("04l", fine)),
    Messages.outbound(Messages.notification("04l7F0000001AAAQA\u{E9}", fine)),
    Messages.outbound(Messages.notification("04l7F0000001AAAQAY", "<sf:Name>no id</sf:Name>")),
    Messages.outbound(Messages.notification("04l7F0000001AAAQAY", fine + fine)),
    Messages.outbound(Messages.notification("04l7F0000001AAAQAY", fine + "<sf:A>1</sf:A><sf:A>2</sf:A>")),
    Messages.outbound(Messages.notification("04l7F0000001AAAQAY", fine + "<sf:B>1</sf:B><sf:A>2</sf:A><sf:B>2</sf:B>")),
    Messages.outbound(Messages.notification("04l7F0000001AAAQAY", fine + "<sf:A><sf:B/></sf:A>")),
    Messages.outbound(Messages.notification("04l7F0000001AAAQAY", fine + "<zz:A>1</zz:A>")),
    Messages.outbound(Messages.notification("04l7F0000001AAAQAY", fine + "<A>1</A>")),
    Messages.outbound(Messages.notification("04l7F0000001AAAQAY", type: "zz:A", fine)),
    Messages.outbound(Messages.notification("04l7F0000001AAAQAY", fine) + "text"),
    Messages.outbound(
      "<OrganizationId>00D7F00000107XsUAI</OrganizationId>" + Messages.notification("04l7F0000001AAAQAY", fine)),
    Array("<html/>".utf8), [], Array("{}".utf8),
    Array(#"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>"#.utf8),
  ])
  func `what is no whole outbound message is refused`(body: [UInt8]) throws {
    let source = try source()
    do throws(Rejection) {
      _ = try source.take(SignedRequest.outboundMessage(body))
      Issue.record("it was taken")
    } catch {
      #expect(error.status == .badRequest)
      let response = source.refuse(error)
      #expect(response.status == .badRequest)
      #expect(response.fields["Content-Type"] == "text/xml; charset=utf-8")
      let text = response.text
      #expect(text.contains("<faultcode>soapenv:Client</faultcode>"))
      #expect(!text.contains("Ack"))
      var reader = try XMLReader(Array(text.utf8))
      while try reader.next() != .finish {}
    }
  }

  @Test func `another organization is 403, another media type 415`() throws {
    let source = try source()
    let other = Messages.outbound(Self.won, organization: "00D7F00000107XtUAI")
    #expect(throws: Rejection.self) { try source.take(SignedRequest.outboundMessage(other)) }
    do throws(Rejection) { _ = try source.take(SignedRequest.outboundMessage(other)) } catch {
      #expect(error.status == .forbidden)
    }
    let longer = Messages.outbound(Self.won, organization: "00D7F00000107XsUAI0")
    #expect(throws: Rejection.self) { try source.take(SignedRequest.outboundMessage(longer)) }
    let cased = Messages.outbound(Self.won, organization: "00d7F00000107Xs")
    #expect(throws: Rejection.self) { try source.take(SignedRequest.outboundMessage(cased)) }
    let fine = SignedRequest.outboundMessage(Messages.outbound(Self.won, organization: "00D7F00000107Xs"))
    #expect(try source.take(fine).count == 1)
    for type in ["application/json", "text/xml; charset=latin1", "text/html"] {
      do throws(Rejection) {
        _ = try source.take(SignedRequest.replacing(fine, "Content-Type", type))
        Issue.record("\(type) was taken")
      } catch {
        #expect(error.status == .unsupportedMediaType)
      }
    }
    #expect(try source.take(SignedRequest.replacing(fine, "Content-Type", nil)).count == 1)
  }

  @Test func `the acknowledgement is the one that Salesforce expects`() throws {
    let response = try source().acknowledge([Accepted(sequence: 1, verdict: .duplicate)])
    #expect(response.status == .ok)
    #expect(response.fields["Content-Type"] == "text/xml; charset=utf-8")
    #expect(
      response.text == """
        <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">
        <soapenv:Body>
        <notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound">
        <Ack>true</Ack>
        </notificationsResponse>
        </soapenv:Body>
        </soapenv:Envelope>

        """)
  }

  @Test func `what cannot be stored is 503, with a time to come back`() throws {
    let response = try source().refuse(.unavailable(retryAfter: 7))
    #expect(response.status == .serviceUnavailable)
    #expect(response.fields["Retry-After"] == "7")
    #expect(response.text.contains("<faultcode>soapenv:Server</faultcode>"))
  }

  @Test func `a cut message is refused at every cut and no byte makes the reader fall`() throws {
    let body = Messages.outbound(Self.won)
    let source = try source()
    for end in 0..<body.count {
      #expect(throws: Rejection.self) { try source.take(SignedRequest.outboundMessage(Array(body[..<end]))) }
    }
    for index in body.indices {
      for byte: UInt8 in [0, 0x20, 0x22, 0x26, 0x2F, 0x3C, 0x3E, 0x41, 0x80, 0xFF] {
        var changed = body
        changed[index] = byte
        for event in (try? source.take(SignedRequest.outboundMessage(changed))) ?? [] {
          #expect(event.payload["fields"] != nil, "the payload is no JSON")
        }
      }
    }
  }

  @Test(arguments: [
    ("00D7F00000107Xs", "00D7F00000107XsUAI"), ("00Do0000000e0vQ", "00Do0000000e0vQEAQ"),
    ("00DD0000000muCU", "00DD0000000muCUMAY"), ("00D70000000IVNp", "00D70000000IVNpEAO"),
    ("00Dn00000008y2t", "00Dn00000008y2tEAA"), ("00Dq0000000Br2G", "00Dq0000000Br2GEAS"),
  ])
  func `an id of 15 characters has one form of 18`(short: String, long: String) {
    #expect(SalesforceID.normalized(short) == long)
    #expect(SalesforceID.normalized(long) == long)
    #expect(SalesforceID.normalized(String(short.dropLast())) == nil)
    #expect(SalesforceID.normalized(short.dropLast() + "-") == nil)
  }
}

extension Response {
  var text: String {
    guard case .bytes(let bytes) = body else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}
