import Events
import Formats
import HTTP
import Inbound
import Testing

@Suite struct SalesforceEventTests {
  private func take(
    _ text: String, id: String? = nil, key: String? = nil, fields: [String: [ChangeEventField]] = [:],
    headers: Fields = ["Content-Type": "application/json"]
  ) throws -> [TakenEvent] {
    let settings = Messages.settings("salesforce-event", id: id, key: key, fields: fields)
    return try SourceCatalogue.open(settings).take(Messages.json(text, fields: headers))
  }

  private static func header(
    _ type: String, records: String = #"["0067F00000ABCDE"]"#, changed: String = #"["StageName"]"#, more: String = ""
  ) -> String {
    """
    {"entityName":"Opportunity","recordIds":\(records),"changeType":"\(type)","changedFields":\(changed),"changeOrigin":"",
    "transactionKey":"0000be70-a756","sequenceNumber":3,"commitTimestamp":1795000000123,"commitNumber":1745500706683617281\(more)}
    """
  }

  @Test func `a change is one event a record, its numbers unharmed`() throws {
    let header = Self.header("UPDATE", records: #"["0067F00000ABCDE","0067F00000ABCDFQA5","0067F00000ABCDE"]"#)
    let events = try take(
      #"{"channel":"/data/ChangeEvents","data":{"schema":"s1","event":{"replayId":7},"payload":{"StageName":"Closed Won","Fax":null,"Amount":12.50,"ChangeEventHeader":\#(header)}}}"#
    )
    #expect(events.map(\.key) == ["0067F00000ABCDEQA5", "0067F00000ABCDFQA5"])
    #expect(events[0].id == "0000be70-a756/3/Opportunity/0067F00000ABCDEQA5/UPDATE")
    #expect(events[0].event.kind == .changeEvent)
    #expect((events[0].subject, events[0].change) == ("Opportunity", .update))
    let payload = events[1].payload
    #expect(payload["record"] == ["type": "Opportunity", "id": "0067F00000ABCDFQA5"])
    #expect(payload["fields"]?.text == #"{"StageName":"Closed Won","Fax":null,"Amount":12.50}"#)
    #expect(payload["fieldsSelected"] == true)
    #expect(payload["at"] == "2026-11-18T17:46:40.123Z" || payload["at"]?.string.flatMap { Instant($0) } != nil)
    #expect(payload["source"]?["header"]?["commitNumber"]?.int == 1_745_500_706_683_617_281)
    #expect(payload["source"]?["replayId"] == "7")
    #expect(payload["source"]?["changed"] == ["StageName"])
  }

  @Test func `every shape of a change gives the same events`() throws {
    let payload = #"{"StageName":"Won","ChangeEventHeader":\#(Self.header("UPDATE"))}"#
    let shapes = [
      payload, #"{"schema":"s","payload":\#(payload),"event":{"replayId":1}}"#,
      #"{"data":{"schema":"s","payload":\#(payload),"event":{"replayId":1}},"channel":"/data/ChangeEvents"}"#,
      #"{"version":"0","id":"e","detail-type":"OpportunityChangeEvent","source":"aws.partner/salesforce.com/00D7F00000107XsUAI/0YL","detail":{"payload":\#(payload)}}"#,
      #"{"id":"e","detail-type":"OpportunityChangeEvent","source":"aws.partner/appflow/salesforce.com/3642/x","detail":\#(payload)}"#,
    ]
    for shape in shapes {
      let event = try #require(try take(shape).first)
      #expect(event.id == "0000be70-a756/3/Opportunity/0067F00000ABCDEQA5/UPDATE")
      #expect(event.payload["fields"] == ["StageName": "Won"])
    }
    #expect(try take("[" + shapes.joined(separator: ",") + "]").count == 5)
  }

  @Test func `a lost change is a gap, and a lost transaction is the entity's`() throws {
    let gap = try #require(try take(#"{"ChangeEventHeader":\#(Self.header("GAP_UPDATE")),"StageName":null}"#).first)
    #expect((gap.key, gap.change) == ("0067F00000ABCDEQA5", .gap))
    #expect(gap.payload["fields"] == [:])
    for (type, record) in [("GAP_OVERFLOW", "000000000000000AAA"), ("GAP_UPDATE", "006*")] {
      let header = Self.header(type, records: #"["\#(record)"]"#)
      let event = try #require(try take(#"{"ChangeEventHeader":\#(header)}"#).first)
      #expect((event.key, event.change) == ("Opportunity", .overflow))
      #expect(event.id == "0000be70-a756/3/Opportunity/\(record)/\(type)")
      #expect(event.payload["record"] == nil)
    }
    for (type, change) in [
      ("CREATE", Event.Change.create), ("DELETE", .delete), ("UNDELETE", .undelete), ("SNAPSHOT", .unknown),
    ] {
      let event = try #require(try take(#"{"ChangeEventHeader":\#(Self.header(type)),"Name":null}"#).first)
      #expect(event.change == change)
      #expect(event.payload["fieldsSelected"]?.bool == (type != "CREATE" && type != "UNDELETE"))
    }
  }

  @Test func `bitmaps are names where the schema is known, and kept where it is not`() throws {
    let header = Self.header("UPDATE", changed: #"["0x0a","3-0x2"]"#, more: #","nulledFields":["0x4"],"diffFields":[]"#)
    let text = #"{"ChangeEventHeader":\#(header),"Name":"N","Fax":null,"Address":{"City":"C"},"Site":null}"#
    let schema: [ChangeEventField] = [
      ChangeEventField("ChangeEventHeader"), ChangeEventField("Name"), ChangeEventField("Fax"),
      ChangeEventField("Address", parts: ["Street", "City"]), ChangeEventField("Site"),
    ]
    let known = try #require(try take(text, fields: ["Opportunity": schema]).first)
    #expect(known.payload["source"]?["changed"] == ["Name", "Address", "Address.City"])
    #expect(known.payload["fields"] == ["Name": "N", "Fax": nil, "Address": ["City": "C"]])
    let unknown = try #require(try take(text).first)
    #expect(unknown.payload["source"]?["changed"] == nil)
    #expect(unknown.payload["source"]?["header"]?["changedFields"] == ["0x0a", "3-0x2"])
    #expect(unknown.payload["fields"] == ["Name": "N", "Address": ["City": "C"]])
  }

  @Test func `a platform event is told apart by the best identity it brings`() throws {
    let cases: [(String, String)] = [
      (#"{"channel":"/event/Low_Ink__e","data":{"payload":{"A":1},"event":{"replayId":2,"EventUuid":"u-1"}}}"#, "u-1"),
      (#"{"channel":"/event/Low_Ink__e","data":{"payload":{"A":1},"event":{"replayId":2}}}"#, "/event/Low_Ink__e/2"),
      (#"{"id":"eb-1","detail-type":"Low_Ink__e","source":"x","detail":{"payload":{"A":1}}}"#, "eb-1"),
      (#"{"payload":{"A":1,"EventUuid":"u-2"},"schema":"s"}"#, "u-2"),
      (#"{"A":1}"#, "hook-1"),
    ]
    for (text, id) in cases {
      let event = try #require(
        try take(text, headers: ["Content-Type": "application/json", "webhook-id": "hook-1"]).first)
      #expect(event.event.kind == .platformEvent)
      #expect(event.id == id)
      #expect(event.key == id)
      #expect(event.payload["body"]?["A"] == 1)
    }
    let named = try #require(try take(cases[1].0, id: "body.data.payload.A", key: "body.channel").first)
    #expect(named.id == "/event/Low_Ink__e/2")
    #expect(named.key == "/event/Low_Ink__e")
    #expect(named.subject == "Low_Ink__e")
    #expect(try take(#"{"A":1}"#, id: "body.A").first?.id == "1")
  }

  @Test func `events of one request keep apart where the request brings the only identity`() throws {
    let events = try take(
      #"[{"A":1},{"A":2}]"#, headers: ["Content-Type": "application/json", "webhook-id": "hook-1"])
    #expect(events.map(\.id) == ["hook-1#0", "hook-1#1"])
  }

  @Test func `a header that lacks its identity is stored as it is`() throws {
    let text = #"{"ChangeEventHeader":{"entityName":"Account","changeType":"UPDATE","recordIds":[]},"Name":"N"}"#
    let event = try #require(try take(text).first)
    #expect(event.event.kind == .platformEvent)
    #expect(event.payload["body"]?["Name"] == "N")
  }

  @Test(arguments: [
    ("", 400), ("[]", 400), ("[1]", 400), ("\"text\"", 400), ("{\"a\":1,\"a\":2}", 400), ("\u{FEFF}{}", 400),
    ("{\"a\":1,}", 400),
    (
      #"{"id":"e","detail-type":"t","source":"aws.partner/salesforce.com/00D7F00000107XtUAI/0YL","detail":{"payload":{}}}"#,
      403
    ),
  ])
  func `what is no event, or another organization's, is refused`(text: String, status: UInt16) throws {
    do {
      _ = try take(text)
      Issue.record("it was taken")
    } catch let rejection as Rejection {
      #expect(rejection.status.rawValue == status)
    }
  }
}
