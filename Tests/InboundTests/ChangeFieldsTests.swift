import Events
import Formats
import Inbound
import Testing

/// Null, unchanged and blank, told apart in each of the four transports.
@Suite struct ChangeFieldsTests {
  private func take(_ text: String, fields: [String: [ChangeEventField]] = [:]) throws -> TakenEvent {
    let source = try SourceCatalogue.open(Messages.settings("salesforce-event", fields: fields))
    return try #require(try source.take(Messages.json(text)).first)
  }

  private static func header(_ type: String = "UPDATE", changed: String?, more: String = "") -> String {
    let fields = changed.map { #","changedFields":\#($0)"# } ?? ""
    return #"{"entityName":"Contact","recordIds":["0037F00000ABCDE"],"changeType":"\#(type)","transactionKey":"t-1","#
      + #""sequenceNumber":1,"commitNumber":9223372036854775807\#(fields)\#(more)}"#
  }

  /// How each transport that names fields wraps a body.
  private static let wraps: [@Sendable (String) -> String] = [
    { #"{"data":{"schema":"s","payload":\#($0),"event":{"replayId":1}},"channel":"/data/ContactChangeEvent"}"# },
    {
      #"{"id":"e","detail-type":"ContactChangeEvent","source":"aws.partner/salesforce.com/00D7F00000107XsUAI/0YL","detail":{"payload":\#($0)}}"#
    },
    {
      #"{"id":"e","detail-type":"ContactChangeEvent","source":"aws.partner/appflow/salesforce.com/3642/x","detail":\#($0)}"#
    },
  ]

  @Test(arguments: 0..<3)
  func `a field that is named and not there became null, what is not named is not said`(transport: Int) throws {
    let names =
      #"["LastModifiedDate","Fax","Name.LastName","MailingAddress.Street","MailingAddress.City","OtherAddress.PostalCode"]"#
    let body =
      #"{"LastModifiedDate":"2026-05-07T22:29:47.000Z","Name":{"LastName":"Youngest"},"MailingAddress":{"Street":"1 Wild"},"Enriched__c":"x","ChangeEventHeader":\#(Self.header(changed: names))}"#
    let event = try take(Self.wraps[transport](body))
    #expect(
      event.payload["fields"] == [
        "LastModifiedDate": "2026-05-07T22:29:47.000Z", "Name": ["LastName": "Youngest"],
        "MailingAddress": ["Street": "1 Wild", "City": nil], "Enriched__c": "x", "Fax": nil,
        "OtherAddress": ["PostalCode": nil],
      ])
    #expect(event.payload["source"]?["header"]?["commitNumber"]?.int == .max)
    #expect(event.payload["source"]?["changed"]?.array?.count == 6)
  }

  @Test(arguments: 0..<3)
  func `a null that is there counts, with names and without`(transport: Int) throws {
    for changed in [#"["Fax"]"#, #"[]"#, nil] {
      let body = #"{"Fax":null,"Name":"N","ChangeEventHeader":\#(Self.header(changed: changed))}"#
      #expect(try take(Self.wraps[transport](body)).payload["fields"] == ["Fax": nil, "Name": "N"])
    }
  }

  @Test func `names on anything but an update say nothing of nulls`() throws {
    for type in ["CREATE", "DELETE", "GAP_UPDATE"] {
      let body = #"{"Name":"N","ChangeEventHeader":\#(Self.header(type, changed: #"["Fax","Name.First"]"#))}"#
      #expect(try take(body).payload["fields"] == ["Name": "N"])
    }
    let made = #"{"Name":null,"Address":{"City":null},"ChangeEventHeader":\#(Self.header("CREATE", changed: "[]"))}"#
    #expect(try take(made).payload["fields"] == ["Name": nil, "Address": ["City": nil]])
  }

  /// As a Pub/Sub client decodes it: every field of the schema, nulls where nothing changed.
  private static func pubSub(_ changed: String, nulled: String = "[]", diff: String = "[]", sorted: Bool = false)
    -> String
  {
    let header = header(changed: changed, more: #","nulledFields":\#(nulled),"diffFields":\#(diff)"#)
    let members = [
      #""ChangeEventHeader":\#(header)"#, #""Name":{"Salutation":null,"FirstName":null,"LastName":"L"}"#,
      #""AccountId":null"#,
      #""MailingAddress":{"Street":"1 Wild","City":null,"State":null}"#, #""OtherAddress":null"#, #""Fax":null"#,
      #""Description":"--- \n+++ \n@@ -1,1 +1,1 @@\n-a\n+b""#, #""Email":"a@b.example""#,
    ]
    return "{" + (sorted ? members.sorted() : members).joined(separator: ",") + "}"
  }

  // Fields 1 Name, 3 MailingAddress, 5 Fax, 6 Description, 7 Email; parts 1-LastName, 3-Street, 3-City.
  private static let changed = #"["0xe0","1-0x4","3-0x3"]"#

  @Test func `bitmaps are read by the body's own order, parts and all`() throws {
    let event = try take(Self.pubSub(Self.changed, nulled: #"["0x20","3-0x2"]"#, diff: #"["0x40"]"#))
    #expect(
      event.payload["source"]?["changed"] == [
        "Fax", "Description", "Email", "Name.LastName", "MailingAddress.Street", "MailingAddress.City",
      ])
    #expect(
      event.payload["fields"] == [
        "Name": ["LastName": "L"], "MailingAddress": ["Street": "1 Wild", "City": nil], "Fax": nil,
        "Email": "a@b.example",
      ])
    #expect(event.payload["source"]?["diffs"]?["Description"]?.string?.hasPrefix("--- ") == true)
  }

  @Test func `a compound field that became null as a whole is null`() throws {
    let event = try take(Self.pubSub(#"["0x80","1-0x4","3-0x1","4-0x7"]"#, nulled: #"["4-0x7"]"#))
    #expect(event.payload["fields"]?["OtherAddress"] == JSON.null)
    #expect(event.payload["fields"]?["MailingAddress"] == ["Street": "1 Wild"])
  }

  @Test(arguments: [
    // The order was lost; a bit beyond the fields; not hexadecimal; a null that changed and is not said to be nulled; a
    // value that is said to be nulled.
    pubSub(changed, nulled: #"["0x20","3-0x2"]"#, sorted: true), pubSub(#"["0x100"]"#), pubSub(#"["0xgg"]"#),
    pubSub(#"["0xa0"]"#), pubSub(#"["0x80"]"#, nulled: #"["0x80"]"#), pubSub(#"["99-0x1"]"#), pubSub(#"["2-"]"#),
  ])
  func `bitmaps that do not fit the body are kept as they came, and no null is made of them`(text: String) throws {
    let event = try take(text)
    #expect(event.payload["fields"]?["Fax"] == nil)
    #expect(event.payload["fields"]?["Email"] == "a@b.example")
    #expect(event.payload["source"]?["header"]?["changedFields"]?.array?.isEmpty == false)
  }

  @Test func `texts that may be differences are no values`() throws {
    let event = try take(Self.pubSub(#"["0xgg"]"#, diff: #"["0xgg"]"#))
    #expect(event.payload["fields"] == [:])
    #expect(event.payload["source"]?["diffs"]?["Email"] == "a@b.example")
  }

  @Test func `names beside unchanged nulls say which nulls count`() throws {
    let header = Self.header(changed: #"["Fax","Name.LastName"]"#, more: #","nulledFields":["Phone"],"diffFields":[]"#)
    let body =
      #"{"ChangeEventHeader":\#(header),"Name":{"FirstName":null,"LastName":"L"},"Fax":null,"Phone":null,"Site":null}"#
    #expect(try take(body).payload["fields"] == ["Name": ["LastName": "L"], "Fax": nil, "Phone": nil])
  }

  @Test func `an event of the Pub Sub API is read with its envelope too`() throws {
    let body = #"{"ChangeEventHeader":\#(Self.header(changed: #"["Fax"]"#)),"Fax":"1"}"#
    for text in [
      #"{"event":{"id":"u-1","schema_id":"s","payload":\#(body)},"replay_id":"AAAB"}"#,
      #"{"replayId":"AAAB","payload":\#(body)}"#, #"{"payload":\#(body)}"#,
    ] {
      let event = try take(text)
      #expect(event.id == "t-1/1/Contact/0037F00000ABCDEQA5/UPDATE")
      #expect(event.payload["fields"] == ["Fax": "1"])
    }
    let ink = try take(#"{"event":{"id":"u-2","payload":{"Ink__c":1}},"replay_id":"AAAB"}"#)
    #expect((ink.id, ink.payload["source"]?["replayId"]) == ("u-2", "AAAB"))
    #expect(try take(#"{"payload":{"Ink__c":1},"EventUuid":"u-3"}"#).payload["body"]?["payload"] != nil)
  }

  @Test func `events of several records do not carry each other's ids`() throws {
    let ids = (0..<200).map { "\"0037F00000\(10_000 + $0)\"" }.joined(separator: ",")
    let header = Self.header(changed: "[]").replacing("\"0037F00000ABCDE\"", with: ids)
    let source = try SourceCatalogue.open(Messages.settings("salesforce-event"))
    let events = try source.take(Messages.json(#"{"ChangeEventHeader":\#(header),"Fax":"1"}"#))
    #expect(events.count == 200)
    #expect(events.allSatisfy { $0.payload["source"]?["header"]?["recordIds"] == nil && $0.event.payload.count < 600 })
  }
}
