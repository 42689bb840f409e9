import Events
import Formats
import HTTP
import Inbound
import Support
import Testing
import Web

/// Real messages: each is read right, or refused right.
@Suite(.enabled(if: SharedData.fixtures != nil, "set CAUSEWAY_FIXTURES to run over real messages"))
struct FixtureTests {
  private func read(_ name: String) throws -> [UInt8] {
    try SharedData.read(#require(SharedData.fixtures) + "/salesforce/" + name)
  }

  private func outbound(_ name: String, _ organization: String) throws -> [TakenEvent] {
    let source = try SourceCatalogue.open(
      Messages.settings("salesforce-outbound-message", organization: String(organization.prefix(15))))
    return try source.take(SignedRequest.outboundMessage(try read(name)))
  }

  private func change(_ name: String, _ organization: String = Messages.organization) throws -> [TakenEvent] {
    let source = try SourceCatalogue.open(Messages.settings("salesforce-event", organization: organization))
    return try source.take(Messages.json(String(decoding: try read(name), as: UTF8.self)))
  }

  struct Message: Sendable {
    let name: String
    let organization: String
    let type: String
    /// Of the first event.
    let id: String
    let record: String
    let fields: JSON
    var count = 1
    var change = Event.Change.unknown
  }

  private static let messages: [Message] = [
    Message(
      name: "om-account-standalone-no-attr-order.xml", organization: "ABC90000000gNcmEAE", type: "Account",
      id: "04l9000001olR84AAE", record: "0019000001KwyWtAAJ",
      fields: [
        "BillingCity": "San Francisco", "BillingCountry": "United States", "BillingPostalCode": "CA 94105",
        "BillingStreet": "The Landmark @ One Market, Suite 300", "Name": "Salesforce.com Inc.",
      ]),
    Message(
      name: "om-captured2026-account-create.xml", organization: "00Dxx0000001gPFEAY", type: "Account",
      id: "04lxx000000CaSdAAK", record: "001xx000003DGb2AAG",
      fields: ["CreatedDate": "2026-09-08T23:40:33.000Z", "LastModifiedDate": "2026-09-08T23:40:33.000Z"],
      change: .create),
    Message(
      name: "om-captured2026-account-field-populated.xml", organization: "00Dxx0000001gPFEAY", type: "Account",
      id: "04lxx000000CaSiAAK", record: "001xx000003DGb4AAG",
      fields: [
        "CreatedDate": "2026-09-09T19:01:52.000Z", "Industry": "Agriculture",
        "LastModifiedDate": "2026-09-09T19:10:58.000Z",
      ], change: .update),
    Message(
      name: "om-captured2026-account-null-field-omitted.xml", organization: "00Dxx0000001gPFEAY", type: "Account",
      id: "04lxx000000CaShAAK", record: "001xx000003DGb4AAG",
      fields: ["CreatedDate": "2026-09-09T19:01:52.000Z", "LastModifiedDate": "2026-09-09T19:01:52.000Z"],
      change: .create),
    Message(
      name: "om-captured2026-contacts-batch-update.xml", organization: "00Dxx0000001gPFEAY", type: "Contact",
      id: "04lxx000000CaSeAAK", record: "003xx000004TmiQAAS",
      fields: ["CreatedDate": "2026-08-26T23:25:15.000Z", "LastModifiedDate": "2026-09-09T00:41:57.000Z"],
      count: 3, change: .update),
    Message(
      name: "om-contact-two-notifications.xml", organization: "012345678901234", type: "Contact",
      id: "04l1I000000fztEQAQ", record: "0031I0000081tbPQAQ",
      fields: [
        "CreatedDate": "2017-12-11T21:49:24.000Z", "FirstName": "Jeraldine", "LastName": "Black", "Title": "White",
      ], count: 2),
    Message(
      name: "om-custom-DiscountRule__c.xml", organization: "00DD0000000muCUMAY", type: "DiscountRule__c",
      id: "04l570000176YSmAAM", record: "a025700000OPgOjAAL",
      fields: [
        "ContractTerm__c": "24", "CreatedDate": "2017-05-02T11:53:53.000Z", "Discount__c": "0.0", "IsDeleted": "false",
        "LastModifiedDate": "2018-05-04T11:35:40.000Z", "Name": "244 Months", "Price__c": "419.0",
        "Product__c": "01t57000006qVLRAA2", "Type__c": "Wholesale",
      ], change: .update),
    Message(
      name: "om-custom-State_Province__c-two-mixed-id-length.xml", organization: "00De0000000pmu1EAA",
      type: "State_Province__c", id: "04le0000004lnFFAAY", record: "a29e0000000K4P0AAK",
      fields: ["Abbrev__c": "AR", "Country__c": "a28e00000002hMtAAI", "Name": "Arkansas"], count: 2),
    Message(
      name: "om-custom-State_Province__c.xml", organization: "00De0000000pmu1EAA", type: "State_Province__c",
      id: "04le0000004lnFFAAY", record: "a29e0000000K4P0AAK",
      fields: ["Abbrev__c": "AR", "Country__c": "a28e00000002hMtAAI", "Name": "Arkansas"]),
    Message(
      name: "om-opportunity-15char-ids-mulesoft.xml", organization: "00DQ0000000EB93", type: "Opportunity",
      id: "04lV0000001ALshIAG", record: "006Q0000009N3gfIAC",
      fields: ["AccountId": "001Q000000SvOoG", "Billing_Contact_Email__c": "Test email value"]),
    Message(
      name: "synthetic/prefix-SOAP-ENV.xml", organization: "00D5w000004qGTOEA2", type: "Opportunity",
      id: "04l5w00005286hAAAQ", record: "0065w000023STAmAAO", fields: [:]),
    Message(
      name: "synthetic/notifications-100.xml", organization: "00D5w000004qGTOEA2", type: "Opportunity",
      id: "04l5w0000000000AAA", record: "0065w0000000000AAA", fields: ["Name": "Deal 0"], count: 100),
  ]

  @Test(arguments: messages)
  func `an outbound message is read right`(message: Message) throws {
    let events = try outbound(message.name, message.organization)
    #expect(events.count == message.count)
    let first = try #require(events.first)
    #expect(first.id == message.id)
    #expect(first.key == message.record)
    #expect(first.subject == message.type)
    #expect(first.change == message.change)
    #expect(first.payload["record"] == ["type": .string(message.type), "id": .string(message.record)])
    #expect(first.payload["fields"] == message.fields)
    #expect(Set(events.map(\.id)).count == message.count)
    for event in events {
      #expect(!String(decoding: event.event.payload, as: UTF8.self).contains("REDACTED"))
    }
  }

  @Test func `every notification of a message keeps its own record`() throws {
    let leads = try outbound("om-lead-three-notifications-bom.xml", "0123456789ABCDENNN")
    #expect(leads.map(\.subject) == ["Lead1", "Lead2", "Lead3"])
    #expect(leads.map(\.key) == ["0123456789ABCDEEAE", "1123456789ABCDEEAE", "2123456789ABCDEEAE"])
    #expect(leads.allSatisfy { $0.payload["fields"]?.object?.count == 27 })
    #expect(leads.allSatisfy { $0.field("LastName") == "Nielsen" && $0.change == .create })
    #expect(leads.last?.field("FirstName") == "Nora")
    #expect(leads.last?.payload["at"] == "2015-08-14T18:27:02Z")
    let contacts = try outbound("om-contact-two-notifications.xml", "012345678901234")
    #expect(contacts.map { $0.field("Email") } == [nil, "doug@example.com"])
    let provinces = try outbound("om-custom-State_Province__c-two-mixed-id-length.xml", "00De0000000pmu1")
    #expect(provinces.map(\.key) == ["a29e0000000K4P0AAK", "a29e0000000Jz3mAAC"])
    let many = try outbound("synthetic/notifications-100.xml", "00D5w000004qGTO")
    #expect(many.last?.field("Name") == "Deal 99")
  }

  @Test func `a deleted record's notification is an event`() throws {
    let event = try #require(try outbound("synthetic/deleted-record-empty-sobject.xml", "00D5w000004qGTO").first)
    #expect((event.id, event.key) == ("04l5w00005286hAAAQ", "04l5w00005286hAAAQ"))
    #expect((event.subject, event.change) == ("Opportunity", .delete))
    #expect(event.payload["record"] == nil)
  }

  @Test(arguments: [
    "om-empty-notifications-bom.xml", "om-missing-sobject-undeclared-sf-prefix.xml", "synthetic/xxe.xml",
    "ack-true-aspnet.xml", "ack-false-nack.xml", "fault-soapenv-client-aspnet.xml", "om-wsdl-DiscountRule__c.wsdl",
  ])
  func `what is no message is refused without an acknowledgement`(name: String) throws {
    do {
      _ = try outbound(name, "00DD0000000muCU")
      Issue.record("it was taken")
    } catch let rejection as Rejection {
      #expect(rejection.status == .badRequest)
    }
  }

  @Test func `the acknowledgement is Salesforce's own`() throws {
    let source = try SourceCatalogue.open(Messages.settings("salesforce-outbound-message"))
    let answer = source.acknowledge([]).text
    let wanted = String(decoding: try read("ack-true-minimal-kb000381752.xml"), as: UTF8.self)
    #expect(answer.split(separator: "\n") == wanted.split(separator: "\n"))
  }

  @Test func `change events of CometD are read right`() throws {
    let deleted = try #require(try change("cdc-cometd-account-delete-enriched.json").first)
    #expect(deleted.id == "0005e1af-70bd-cce1-59c2-00f45864bbfb/1/Account/001RM000004UF9sYAG/DELETE")
    #expect((deleted.key, deleted.change) == ("001RM000004UF9sYAG", .delete))
    #expect(deleted.payload["fields"] == ["Industry": "Biotechnology", "External_Account_ID__c": "1ABC"])
    let wrapped = try #require(try change("cdc-cometd-account-update-custom-channel-wrapped.json").first)
    #expect((wrapped.key, wrapped.change) == ("001RM000005a9tGYAQ", .update))
    #expect(wrapped.payload["source"]?["channel"] == "/data/SalesEvents__chn")
    #expect(wrapped.payload["source"]?["replayId"] == "32859")
    #expect(wrapped.field("BillingAddress")?["City"] == "San Francisco")
    #expect(wrapped.field("Fax") == "4155551212")
    #expect(wrapped.payload["source"]?["changed"] == ["Fax", "LastModifiedDate"])
    let enriched = try #require(try change("cdc-cometd-account-update-enriched.json").first)
    #expect(enriched.payload["fields"]?.object?.count == 4)
    #expect(enriched.payload["at"] == "2020-12-15T23:09:18Z")
    #expect(throws: Rejection.self) { try change("cdc-cometd-employee-create-docs-invalid-trailing-comma.json") }
  }

  @Test func `change events of the Pub Sub API are read right`() throws {
    let merged = try change("cdc-pubsub-account-update-merged-three-records.json")
    #expect(merged.map(\.key) == ["0015f00002JUZPDAA5", "0015f00002JUZPXAA5", "0015f00002JUZPcAAP"])
    #expect(merged[2].id == "00065380-d1a9-a64a-9341-14f6f12f674c/1/Account/0015f00002JUZPcAAP/UPDATE")
    #expect(merged[0].payload["fields"]?.text == #"{"Industry":"Apparel","LastModifiedDate":1714170102000}"#)
    #expect(merged[0].payload["source"]?["header"]?["changedFields"] == ["0x400800"])
    #expect(merged[0].payload["source"]?["changed"] == ["Industry", "LastModifiedDate"])
    let gap = try #require(try change("cdc-pubsub-gap-create.json").first)
    #expect((gap.key, gap.change) == ("001ZM000001n4n5YAA", .gap))
    #expect(gap.payload["fields"] == [:])
    let overflow = try #require(try change("cdc-pubsub-gap-overflow.json").first)
    #expect((overflow.key, overflow.change) == ("Account", .overflow))
    #expect(overflow.id == "000a5148-405c-21fe-86ce-03205d7404ad/6/Account/000000000000000AAA/GAP_OVERFLOW")
    let made = try #require(try change("cdc-amplabs-new_account.json").first)
    #expect((made.key, made.change) == ("0015f00002J9YYEAA3", .create))
    #expect(made.field("Name") == "Acme")
    #expect(made.field("Phone") == JSON.null)
    #expect(made.payload["fieldsSelected"] == false)
  }

  @Test func `change events keep their numbers and their compound fields`() throws {
    let contact = try #require(try change("cdc-amplabs-update_contact.json").first)
    #expect(contact.payload["source"]?["header"]?["commitNumber"]?.int == 1_745_500_706_683_617_281)
    #expect(contact.field("Name") == ["LastName": "Youngest"])
    let address = try #require(try change("cdc-amplabs-update_contact_compound_address.json").first)
    #expect(address.key == "003bm000016htgPAAQ")
    #expect(address.payload["source"]?["changed"]?.array?.count == 4)
    #expect(address.field("MailingAddress") == ["Street": "1235 wildwood St", "City": nil])
    #expect(address.field("OtherAddress") == ["PostalCode": nil])
    let lead = try #require(try change("cdc-amplabs-update_lead_compound_address.json").first)
    #expect(
      lead.payload["fields"] == [
        "LastModifiedDate": "2026-05-07T22:29:47.000Z", "Address": ["Street": nil, "PostalCode": nil],
      ])
    let user = try #require(try change("cdc-amplabs-update_user.json").first)
    #expect((user.key, user.subject) == ("005ak00000GGsRRAA1", "User"))
  }

  @Test func `events through EventBridge are read right`() throws {
    let relayed = try change("eb-event-relay-account-create.json", "00D5f000005KcCn")
    #expect(relayed.map(\.key) == ["0015f00002J9YYEAA3", "0015f00002J9YYFAA3"])
    #expect(relayed[0].event.system == System(.salesforce, "00D5f000005KcCnEAK"))
    #expect(throws: Rejection.self) { try change("eb-event-relay-account-create.json") }
    let flown = try #require(try change("eb-appflow-account-update.json").first)
    #expect(flown.id == "000035af-b239-0581-9f14-461e4187de11/1/Account/0016g00000MLhLeAAL/UPDATE")
    #expect(flown.field("Region__c") == "America")
    let platform = try #require(try change("eb-platform-event-case-handmade.json", "00DgP0000023yjF").first)
    #expect((platform.id, platform.subject) == ("test-event-123", "Case Created"))
    #expect(platform.payload["body"]?["Case_Number__c"] == "00001234")
  }

  @Test func `platform events of CometD are read right`() throws {
    let ink = try #require(try change("pe-cometd-low-ink.json").first)
    #expect((ink.id, ink.subject) == ("/event/Low_Ink__e/2", "Low_Ink__e"))
    #expect(ink.payload["body"]?["Ink_Percentage__c"]?.decimal == ExactDecimal("0.2"))
    #expect(ink.payload["at"] == "2017-04-09T18:31:40Z")
    let topic = try #require(try change("pt-cometd-pushtopic-created.json").first)
    #expect(topic.id == "/topic/InvoiceStatementUpdates/1")
    #expect(topic.payload["body"]?["sobject"]?["Status__c"] == "Open")
  }
}
