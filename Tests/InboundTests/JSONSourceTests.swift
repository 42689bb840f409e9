import Events
import Formats
import HTTP
import Inbound
import Testing

@Suite struct JSONSourceTests {
  private func take(_ text: String, id: String? = nil, key: String? = nil, headers: Fields = [:]) throws -> TakenEvent {
    let source = try SourceCatalogue.open(Messages.settings("json", id: id, key: key))
    return try #require(try source.take(Messages.json(text, fields: headers)).first)
  }

  @Test func `id and key are what the expressions say`() throws {
    let event = try take(
      #"{"id":7,"order":"SO-1","n":[1.10]}"#, id: "body.id", key: "body.order + '/' + headers['x-part']",
      headers: ["X-Part": "a"])
    #expect((event.id, event.key, event.subject) == ("7", "SO-1/a", "endpoint"))
    #expect(event.event.kind == .json)
    #expect(event.event.system == System(.json, "endpoint"))
    #expect(event.event.payload == Array(#"{"body":{"id":7,"order":"SO-1","n":[1.10]}}"#.utf8))
  }

  @Test(arguments: [
    ("body.id", "a"), ("(body).order.id", "b"), ("body.order.number", "7"), ("body['id']", "a"),
    ("body.order.id + ''", "b"), ("headers.body", "h"),
  ])
  func `a text deep in the body is the same id, however the expression gets at it`(id: String, found: String) throws {
    let text = #"{"id":"a","order":{"id":"b","number":7}}"#
    #expect(try take(text, id: id, headers: ["Body": "h"]).id == found)
  }

  @Test func `without an expression the header is the id, and without that each request is an event of its own`() throws
  {
    #expect(try take("1", headers: ["webhook-id": "w1"]).id == "w1")
    #expect(try take("1", headers: ["webhook-id": "w1"]).key == "w1")
    #expect(try take("1").id != take("1").id)
    #expect(try take("[1]", id: "body-hash").id == take("[1]", id: "body-hash").id)
    #expect(try take("[1]", id: "body-hash").id != take("[2]", id: "body-hash").id)
  }

  @Test(arguments: [
    #"{"x":1}"#, #"{"x":{"id":"a"}}"#, #"{"id":null}"#, #"{"id":""}"#, #"{"id":[1]}"#, "7",
    #"{"id":"\#(String(repeating: "i", count: 1025))"}"#,
  ])
  func `a body without its id is refused`(text: String) {
    #expect(throws: Rejection.self) { try take(text, id: "body.id") }
  }

  @Test func `wrong settings are told before anything is opened`() {
    let problems = { (settings: SourceSettings) in
      SourceCatalogue.problems(with: settings).map { $0.place + ($0.isWarning ? "?" : "") }
    }
    #expect(problems(Messages.settings("json", id: "body.id")) == [])
    #expect(problems(Messages.settings("json")) == ["id?"])
    #expect(problems(Messages.settings("json", id: "body.")) == ["id"])
    #expect(problems(Messages.settings("json", id: "body.id", key: "nothing.x")) == ["key"])
    #expect(problems(Messages.settings("json", id: "body.id", verify: nil)) == ["verify"])
    #expect(problems(Messages.settings("json", id: "body.id", verify: .all([]))) == ["verify"])
    #expect(problems(Messages.settings("soap")) == ["kind"])
    #expect(problems(Messages.settings("netsuite", account: nil)) == ["account"])
    #expect(problems(Messages.settings("salesforce-event", organization: nil)) == ["organization"])
    #expect(problems(Messages.settings("salesforce-event", organization: "00D7F00000107XsUAJ")) == ["organization"])
    #expect(throws: SettingsProblem.self) { try SourceCatalogue.open(Messages.settings("json", id: "body.")) }
  }

  @Test func `answers are JSON`() throws {
    let source = try SourceCatalogue.open(Messages.settings("json", id: "body.id"))
    let answer = source.acknowledge([
      Accepted(sequence: 1, verdict: .stored), Accepted(sequence: 1, verdict: .duplicate),
      Accepted(sequence: 2, verdict: .stored),
    ])
    #expect(answer.status == .accepted)
    #expect(answer.text == #"{"accepted":2,"duplicates":1}"#)
    let refusal = source.refuse(.unavailable(retryAfter: 3))
    #expect(refusal.status == .serviceUnavailable)
    #expect(refusal.fields["Retry-After"] == "3")
    #expect(refusal.fields["Content-Type"] == "application/problem+json")
  }

  @Test(arguments: [
    ("application/json", true), ("application/json; charset=utf-8", true), ("Application/JSON;charset=\"UTF-8\"", true),
    ("application/cloudevents+json", true), ("text/plain", false), ("application/json; charset=latin1", false),
    ("text/xml", false), ("application/jsonx", false), ("", false),
  ])
  func `only JSON in UTF-8 is taken`(type: String, isTaken: Bool) throws {
    do {
      _ = try take("{}", headers: ["Content-Type": type])
      #expect(isTaken)
    } catch let rejection as Rejection {
      #expect(!isTaken)
      #expect(rejection.status == .unsupportedMediaType)
    }
  }
}

@Suite struct NetSuiteSourceTests {
  private func take(_ text: String, headers: Fields = ["webhook-id": "w1"]) throws -> TakenEvent {
    let source = try SourceCatalogue.open(Messages.settings("netsuite"))
    return try #require(try source.take(Messages.json(text, fields: headers)).first)
  }

  @Test func `a callback becomes an event of its record`() throws {
    let event = try take(
      #"{"account":"1234567_SB1","record":{"type":"salesOrder","id":"4711"},"event":"edit","context":"USERINTERFACE","at":"2026-11-20T10:11:12Z","changed":["status"],"fields":{"status":"Pending Fulfillment"}}"#
    )
    #expect((event.id, event.key, event.subject, event.change) == ("w1", "salesorder/4711", "salesOrder", .update))
    #expect(event.event.system == System(.netsuite, "1234567_SB1"))
    #expect(
      event.payload == [
        "record": ["type": "salesOrder", "id": "4711"], "fields": ["status": "Pending Fulfillment"],
        "fieldsSelected": true, "at": "2026-11-20T10:11:12Z", "change": "update",
        "source": ["event": "edit", "context": "USERINTERFACE", "changed": ["status"]],
      ])
  }

  @Test func `three members are enough, and ids may be numbers`() throws {
    let event = try take(#"{"account":"1234567_sb1","record":{"type":"invoice","id":12},"event":"delete"}"#)
    #expect((event.key, event.change) == ("invoice/12", .delete))
    #expect(event.payload["fields"] == [:])
  }

  @Test(arguments: [
    (#"{"account":"1234567_SB2","record":{"type":"a","id":"1"},"event":"edit"}"#, "w", 403),
    (#"{"record":{"type":"a","id":"1"},"event":"edit"}"#, "w", 400),
    (#"{"account":"1234567_SB1","event":"edit"}"#, "w", 400),
    (#"{"account":"1234567_SB1","record":{"type":"a","id":""},"event":"edit"}"#, "w", 400),
    (#"{"account":"1234567_SB1","record":{"type":"a","id":1.5},"event":"edit"}"#, "w", 400),
    (#"{"account":"1234567_SB1","record":{"type":"a","id":"1"}}"#, "w", 400), ("[]", "w", 400),
    (#"{"account":"1234567_SB1","record":{"type":"a","id":"1"},"event":"edit"}"#, "", 400),
  ])
  func `what lacks something, or is another account's, is refused`(text: String, id: String, status: UInt16) throws {
    do {
      _ = try take(text, headers: id.isEmpty ? [:] : ["webhook-id": id])
      Issue.record("it was taken")
    } catch let rejection as Rejection {
      #expect(rejection.status.rawValue == status)
    }
  }
}
