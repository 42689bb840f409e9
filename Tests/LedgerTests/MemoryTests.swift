import Events
import Formats
import Testing

@testable import Ledger

@Suite struct MemoryTests {
  static let values: [FieldValue] = [
    .null, .bool(true), .bool(false), .text(""), .text("Ä \"quoted\"\n😀"), .reference(id: "7", name: "Net 30"),
    .reference(id: nil, name: "Net 30"), .reference(id: "7", name: nil), .reference(id: nil, name: nil),
  ]

  @Test func `values keep their types and their digits`() throws {
    var values = Self.values
    for text in ["0", "-0.10", "19.990", "79228162514264337593543950335.25"] {
      values.append(.number(try #require(ExactDecimal(text))))
    }
    values.append(.date(try #require(CalendarDate("2026-02-28"))))
    values.append(.instant(try #require(Instant("2026-11-24T10:11:12.123456789Z"))))
    for value in values {
      let text = value.typedJSON.text
      let back = try #require(FieldValue(typedJSON: try JSON.parse(text)))
      #expect(back == value)
      #expect(back.typedJSON.text == text)
    }
    for text in [#"{"text":1}"#, #"{"float":1}"#, "{}", "1", #"{"date":"2026-02-30"}"#, #"{"text":"a","bool":true}"#] {
      #expect(FieldValue(typedJSON: try JSON.parse(text)) == nil, "\(text)")
    }
  }

  @Test func `a reason comes back whole or not at all`() throws {
    let short = Reason("busy", .busy, "the record is locked")
    #expect(Reason(json: short.json) == short)
    #expect(Reason(json: ["code": "a", "class": "nonsense", "sentence": "b"]) == nil)
    for kind in Reason.Class.allCases { #expect(Reason(json: Reason("a", kind, "b").json)?.kind == kind) }
  }

  @Test func `what was agreed is remembered by pair, side and field`() async throws {
    let ledger = try Ledger.inMemory()
    let po = Agreement(side: .netsuite, field: "otherRefNum", wanted: .text(" PO-1 "), stored: .text("PO-1"))
    var rate = Agreement(
      side: .netsuite, field: "lines[00k1].rate", wanted: .number(try #require(ExactDecimal("1.005"))),
      stored: .number(try #require(ExactDecimal("1.01"))))
    let status = Agreement(side: .salesforce, field: "otherRefNum", wanted: .null, stored: .text(""))
    try await ledger.remember([po, rate, status], entity: "order", pair: "006A")
    try await ledger.remember([po], entity: "order", pair: "006B")
    #expect(try await ledger.agreed(entity: "order", pair: "006A") == [rate, po, status])
    rate.stored = .number(try #require(ExactDecimal("1.00")))
    try await ledger.remember([rate], entity: "order", pair: "006A")
    #expect(try await ledger.agreed(entity: "order", pair: "006A") == [rate, po, status])
    #expect(try await ledger.agreed(entity: "quote", pair: "006A") == [])
    try await ledger.forgetAgreed(entity: "order", pair: "006A")
    #expect(try await ledger.agreed(entity: "order", pair: "006A") == [])
    #expect(try await ledger.agreed(entity: "order", pair: "006B") == [po])
  }

  @Test func `a record has one partner in an entity`() async throws {
    let ledger = try Ledger.inMemory()
    let link = { Link(entity: $0, salesforce: $1, netsuite: $2, since: $3) }
    try await ledger.link(link("customer", "001A", "1", instant(1)))
    try await ledger.link(link("customer", "001A", "1", instant(2)))
    try await ledger.link(link("contact", "001A", "9", instant(1)))
    #expect(try await ledger.link(entity: "customer", side: .salesforce, id: "001A")?.since == instant(1))
    #expect(try await ledger.link(entity: "customer", side: .netsuite, id: "1")?.salesforce == "001A")
    try await ledger.link(link("customer", "001B", "2", instant(3)))
    try await ledger.link(link("customer", "001A", "2", instant(4)))
    #expect(try await ledger.links(entity: "customer") == [link("customer", "001A", "2", instant(4))])
    #expect(try await ledger.link(entity: "contact", side: .netsuite, id: "9")?.salesforce == "001A")
  }

  @Test func `an ended link forgets what was agreed`() async throws {
    let ledger = try Ledger.inMemory()
    for id in ["001A", "001B", "001C"] {
      try await ledger.link(Link(entity: "customer", salesforce: id, netsuite: "n\(id)", since: instant(1)))
      try await ledger.remember(
        [Agreement(side: .netsuite, field: "f", wanted: .null, stored: .null)], entity: "customer", pair: id)
    }
    try await ledger.unlink(entity: "customer", side: .netsuite, id: "n001A")
    try await ledger.unlink(entity: "customer", side: .salesforce, id: "001B")
    #expect(try await ledger.links(entity: "customer").map(\.salesforce) == ["001C"])
    #expect(try await ledger.links(entity: "customer", after: "001C") == [])
    #expect(try await ledger.agreed(entity: "customer", pair: "001A") == [])
    #expect(try await ledger.agreed(entity: "customer", pair: "001B") == [])
    #expect(try await ledger.agreed(entity: "customer", pair: "001C").count == 1)
  }

  @Test func `what a record touched last time is replaced by what it touches now`() async throws {
    let ledger = try Ledger.inMemory()
    let erp = System(.netsuite, "1234567_SB1")
    let payment = RecordID(type: "customerpayment", id: "5")
    let pairs = [Pair(salesforce: nil, netsuite: "2"), Pair(salesforce: "006A", netsuite: "1")]
    try await ledger.remember(touched: pairs, flow: "order", system: erp, record: payment)
    let spelled = RecordID(type: "customerPayment", id: "5")
    #expect(try await ledger.touched(flow: "order", system: erp, record: spelled) == pairs)
    #expect(try await ledger.touched(flow: "customer", system: erp, record: payment) == [])
    #expect(try await ledger.touched(flow: "order", system: System(.netsuite, "2"), record: payment) == [])
    try await ledger.remember(touched: [pairs[1]], flow: "order", system: erp, record: spelled)
    #expect(try await ledger.touched(flow: "order", system: erp, record: payment) == [pairs[1]])
    try await ledger.remember(touched: [], flow: "order", system: erp, record: payment)
    #expect(try await ledger.touched(flow: "order", system: erp, record: payment) == [])
  }

  @Test func `cursors move and are forgotten`() async throws {
    let ledger = try Ledger.inMemory()
    #expect(try await ledger.cursor("order/netsuite.salesOrder") == nil)
    try await ledger.setCursor("order/netsuite.salesOrder", to: "2026-11-24T10:00:00Z 1")
    try await ledger.setCursor("order/netsuite.salesOrder", to: "2026-11-24T10:15:00Z 9")
    #expect(try await ledger.cursor("order/netsuite.salesOrder") == "2026-11-24T10:15:00Z 9")
    try await ledger.setCursor("order/netsuite.salesOrder", to: nil)
    #expect(try await ledger.cursor("order/netsuite.salesOrder") == nil)
  }
}
