import Events
import Testing

@testable import Flows

@Suite struct LoadingTests {
  static let head = """
    entity: customer
    salesforce: { record: Account }
    netsuite: { record: customer }
    link: { salesforce: Website, netsuite: externalId }

    """

  func problems(_ body: String, head: String = head, others: [String: String] = [:]) throws -> [String] {
    var files = others
    files["entities/customer.yaml"] = head + body
    return try SmallFolder(files).load().1
  }

  @Test func `the folder of lead to cash has no problem`() {
    let (blueprint, problems) = SmallFolder.leadToCash()
    #expect(problems == [])
    #expect(blueprint?.entities.map(\.name) == ["customer", "item", "order-from-opportunity"])
    #expect(blueprint?.flows.count == 3)
  }

  @Test func `one field more is one row more`() throws {
    let body = "fields:\n  name: { salesforce: Name, netsuite: companyName, owner: salesforce }\n"
    #expect(try problems(body) == [])
  }

  @Test(arguments: [
    ("phases: { a: b }", "entities/customer.yaml:5: `phases` is not supported yet"),
    ("feilds: {}", "entities/customer.yaml:5: unknown key `feilds`; did you mean `fields`?"),
    ("stamps: { netsuite: { id: x } }", "entities/customer.yaml:5: `netsuite` is not supported yet"),
    ("uses: [ x ]", "entities/customer.yaml:5: shared block `x` is not known"),
    ("after: x", "entities/customer.yaml:5: `after` is not supported yet"),
  ])
  func `keys that are not known or not done are refused by name`(_ body: String, _ problem: String) throws {
    #expect(try problems(body + "\n") == [problem])
  }

  @Test(arguments: [
    (
      "{ salesforce: Nam, netsuite: companyName, owner: salesforce }",
      "field `Account.Nam` is not known; did you mean `Account.Name`?"
    ),
    (
      "{ salesforce: Name, netsuite: companyName, owner: salesforc }",
      "`salesforc` is no owner: it is `salesforce`, `netsuite`, `causeway` or `none`; did you mean `salesforce`?"
    ),
    (
      "{ salesforce: Name, netsuite: companyName, owner: salesforce until shipped }",
      "`until` in `owner` is not supported yet"
    ),
    ("{ salesforce: Name, netsuite: companyName, owner: shared }", "`shared` in `owner` is not supported yet"),
    (
      "{ salesforce: Name, netsuite: entityId, owner: salesforce }",
      "`customer.entityId` cannot be written: the system sets it"
    ),
    (
      "{ salesforce: Name, netsuite: isPerson, owner: salesforce }",
      "`x` is a text, and goes to a bool: compute it with `value`"
    ),
    (
      "{ salesforce: Name, netsuite: creditLimit, owner: salesforce, type: money, currency: \"'USD'\" }",
      "`x` is a text, and goes to a money: compute it with `value`"
    ),
    (
      "{ salesforce: Employees, netsuite: creditLimit, owner: salesforce }",
      "`x` is money: say `type: money` and `currency`"
    ),
    (
      "{ salesforce: Employees, netsuite: creditLimit, owner: salesforce, type: money }",
      "`currency` is missing: money says its currency"
    ),
    (
      "{ salesforce: ParentId, netsuite: parent, owner: salesforce }",
      "`x` is a reference: say with `refers` to which entity"
    ),
    (
      "{ salesforce: ParentId, netsuite: parent, owner: salesforce, refers: custmer }",
      "entity `custmer` is not known; did you mean `customer`?"
    ),
    (
      "{ salesforce: ParentId, netsuite: parent, owner: salesforce, refers: customer, missing: bring }",
      "`missing: bring`, but `customer` is never made in NetSuite"
    ),
    (
      "{ netsuite: phone, value: \"netsuite.companyName\", owner: salesforce }",
      "`value` of `x` may not read netsuite: salesforce owns it"
    ),
    (
      "{ netsuite: phone, value: \"salesforce.Active\", owner: salesforce }",
      "`value`: expected text that may be blank, got bool"
    ),
    ("{ salesforce: Name, netsuite: companyName, owner: salesforce, table: tterms }", "table `tterms` is not known"),
    ("{ salesforce: Name, netsuite: companyName, owner: salesforce, when: \"true\" }", "`when` is not supported yet"),
    (
      "{ salesforce: Name, netsuite: companyName, owner: salesforce, drift: hold }",
      "`drift: hold` is not supported yet; it is `restore` or left out"
    ),
  ])
  func `a row that does not fit is refused with its line`(_ row: String, _ problem: String) throws {
    #expect(try problems("fields:\n  x: \(row)\n") == ["entities/customer.yaml:6: \(problem)"])
  }

  @Test func `a field has one writer`() throws {
    let body = """
      fields:
        a: { salesforce: Name, netsuite: companyName, owner: salesforce }
        b: { netsuite: companyName, value: "salesforce.Phone", owner: salesforce }
        c: { netsuite: externalId, value: "salesforce.Phone", owner: salesforce }

      """
    #expect(
      try problems(body) == [
        "entities/customer.yaml:7: `customer.companyName` of `erp` has two writers: here, and entities/customer.yaml:6",
        "entities/customer.yaml:8: `customer.externalId` of `erp` has two writers: here, and entities/customer.yaml:1",
      ])
  }

  @Test func `two entities over one record type have one writer a field`() throws {
    let other =
      Self.head.replacing("entity: customer", with: "entity: other") + """
        fields:
          a: { salesforce: Name, netsuite: companyName, owner: salesforce }

        """
    let found = try problems(
      "fields:\n  a: { salesforce: Name, netsuite: companyName, owner: salesforce }\n",
      others: ["entities/other.yaml": other])
    #expect(found.contains { $0.contains("`customer.companyName` of `erp` has two writers") })
  }

  @Test func `a value goes in no circle`() throws {
    let body = """
      fields:
        a: { salesforce: Name, netsuite: companyName, owner: salesforce }
        b: { salesforce: Name, netsuite: companyName, owner: netsuite }

      """
    #expect(
      try problems(body).contains {
        $0.contains("a value goes in a circle: salesforce.Name → netsuite.companyName → salesforce.Name")
      })
  }

  @Test func `flows are refused for what they cannot do yet`() throws {
    let flow = """
      flow: customer
      entity: customer
      settle: 5s
      live: shadow
      on:
        - { event: netsuite.Customer }
        - { changed: netsuite.customer, every: 1h }
        - { event: netsuite.invoice }
        - { event: netsuite.invoice, of: "netsuite.createdFrm" }
        - { event: netsuite.invoise }
      since: 2026-12-01

      """
    #expect(
      try problems("", others: ["flows/customer.yaml": flow]) == [
        "flows/customer.yaml:3: `settle` other than `0s` is not supported yet",
        "flows/customer.yaml:4: `live: shadow` is not supported yet; it is `on` or left out",
        "flows/customer.yaml:7: `changed` is not supported yet", "flows/customer.yaml:7: `every` is not supported yet",
        "flows/customer.yaml:8: `invoice` is no record of `customer`: say with `of` how it leads to one",
        "flows/customer.yaml:9: field `invoice.createdFrm` is not known; did you mean `invoice.createdFrom`?",
        "flows/customer.yaml:10: event `netsuite.invoise` is not known; did you mean `netsuite.invoice`?",
        "flows/customer.yaml:11: `since` is not supported yet",
      ])
  }

  @Test func `an event leads to pairs, whatever the case of its type`() throws {
    let blueprint = try #require(SmallFolder.leadToCash().0)
    let order = blueprint.wants(RecordID(type: "salesorder", id: "7"), from: "erp")
    #expect(order.map(\.way) == [.itself])
    #expect(order.first?.event.type == "salesOrder")
    let invoice = blueprint.wants(RecordID(type: "invoice", id: "8"), from: "erp")
    #expect(invoice.map(\.way) == [.field("createdFrom")])
    #expect(invoice.first?.record("7") == RecordID(type: "salesOrder", id: "7"))
    let payment = blueprint.wants(RecordID(type: "customerpayment", id: "9"), from: "erp")
    guard case .query(let text, let parameters)? = payment.first?.way else {
      Issue.record("no query")
      return
    }
    #expect(text.contains("k.nextdoc = ? AND"))
    #expect(parameters == [.text("9")])
    #expect(blueprint.wants(RecordID(type: "Lead", id: "1"), from: "crm").isEmpty)
  }
}
