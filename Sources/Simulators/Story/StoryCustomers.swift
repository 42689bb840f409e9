import Formats

/// Chapters 1 and 4: an account and its customer.
extension Story {
  static let address: JSONObject = [
    "BillingStreet": "12 Mill Road\nFloor 3", "BillingCity": "Portland", "BillingStateCode": "OR",
    "BillingPostalCode": "97201", "BillingCountryCode": "US", "ShippingStreet": "4 Dock Street",
    "ShippingCity": "Seattle", "ShippingStateCode": "WA", "ShippingPostalCode": "98101", "ShippingCountryCode": "US",
  ]

  static let linkFields = ["NetSuite_Id__c", "Sync_State__c", "Sync_Message__c"]

  @Sendable static func accountBecomesCustomer(_ story: Story, _ scene: inout Scene) async throws {
    var account: JSONObject = [
      "Name": "Ardent Tools, Inc.", "Phone": "+1 503 555 0100", "Fax": "+1 503 555 0101",
      "Website": "www.ardent.example", "Description": "Pays on time & likes “early” deliveries", "VAT__c": "US-771-204",
    ]
    for (name, value) in address.members { account[name] = value }
    scene.say("an account is made in Salesforce")
    let id = try story.sandbox.salesforce.create("Account", account)
    scene.account = id
    scene.customer = try await story.customer(of: id)
    try await story.settled()
    let customer = try await story.erp.record("customer", scene.customer)
    scene.findings.expect(
      "customer", customer,
      has: [
        "companyName": "Ardent Tools, Inc.", "phone": "+1 503 555 0100", "fax": "+1 503 555 0101",
        "comments": "Pays on time & likes “early” deliveries", "vatRegNumber": "US-771-204",
        "externalId": .string("crm-\(id)"), "subsidiary": "Parent Company", "currency": "USD", "isPerson": false,
      ])
    expectAddresses(of: customer, &scene.findings, billing: ("Portland", "97201"))
    let row = try await story.crm.record("Account", id, linkFields)
    scene.findings.expect("account", row, has: ["Sync_State__c": "synced", "Sync_Message__c": .null])
    scene.findings.expect("writes to the customer", .number(Int64(story.writes("customer \(scene.customer)"))), is: 1)
    scene.findings.expect("writes to the account", .number(Int64(story.writes("Account \(id)"))), is: 1)

    scene.say("the account moves: the address that is there is changed, no other is added")
    let move: JSONObject = ["BillingCity": "Salem", "BillingPostalCode": "97301", "Phone": "+1 503 555 0188"]
    try story.sandbox.salesforce.update("Account", id, move)
    let number = scene.customer
    try await Probe.wait(for: "the customer's new phone number") {
      try await story.erp.record("customer", number)["phone"]?.string == "+1 503 555 0188"
    }
    try await story.settled()
    let moved = try await story.erp.record("customer", scene.customer)
    expectAddresses(of: moved, &scene.findings, billing: ("Salem", "97301"))
    scene.findings.expect("writes to the customer", .number(Int64(story.writes("customer \(scene.customer)"))), is: 2)
    scene.findings.expect("writes to the account", .number(Int64(story.writes("Account \(id)"))), is: 1)
  }

  @Sendable static func creditLimitAndWebsite(_ story: Story, _ scene: inout Scene) async throws {
    let (account, customer) = (scene.account, scene.customer)
    let before = (account: story.writes("Account \(account)"), customer: story.writes("customer \(customer)"))
    scene.say("finance sets credit limit and terms in NetSuite")
    try story.sandbox.netsuite.update(
      "customer", customer, ["creditLimit": "25000.50", "terms": ["refName": "Net 30"]])
    try await Probe.wait(for: "the account's credit limit") {
      try await story.crm.record("Account", account, ["Credit_Limit__c"])["Credit_Limit__c"]?.isNull == false
    }
    try await story.settled()
    let row = try await story.crm.record("Account", account, ["Credit_Limit__c", "Payment_Terms__c", "Website"])
    scene.findings.expect(
      "account", row,
      has: [
        "Credit_Limit__c": .number(JSONNumber(text: "25000.5") ?? JSONNumber(0)), "Payment_Terms__c": "Net 30",
        "Website": "www.ardent.example",
      ])
    scene.findings.expect(
      "writes to the account", .number(Int64(story.writes("Account \(account)") - before.account)), is: 1)
    scene.findings.expect(
      "writes to the customer", .number(Int64(story.writes("customer \(customer)") - before.customer)), is: 0)

    scene.say("the web address changes; NetSuite keeps it in a form of its own")
    try story.sandbox.salesforce.update("Account", account, ["Website": "Shop.Ardent.Example/start"])
    try await Probe.wait(for: "the customer's web address") {
      try await story.erp.record("customer", customer)["url"]?.string?.lowercased().contains("shop.ardent") ?? false
    }
    try await story.settled()
    let after = try await story.crm.record("Account", account, ["Website"])
    scene.findings.expect("the account's web address", after["Website"], is: "Shop.Ardent.Example/start")
    scene.findings.expect(
      "writes to the customer", .number(Int64(story.writes("customer \(customer)") - before.customer)), is: 1)
    scene.findings.expect(
      "writes to the account", .number(Int64(story.writes("Account \(account)") - before.account)), is: 1)
    scene.say("a person saves both without a change: no echo")
    let writes = story.allWrites
    try story.sandbox.salesforce.update("Account", account, ["Description": row["Description"] ?? "Pays on time"])
    try story.sandbox.netsuite.update("customer", customer, ["creditLimit": "25000.50"])
    try await story.settled()
    let changed = story.allWrites.filter { writes[$0.key] != $0.value }
    scene.findings.expect(
      "records written", .array(changed.keys.sorted().map { .string($0) }), is: [.string("customer \(customer)")])
  }

  /// The customer's id, once the account has it.
  func customer(of account: String) async throws -> String {
    try await Probe.wait(for: "the account \(account) to have its customer") {
      try await crm.record("Account", account, Self.linkFields)["NetSuite_Id__c"]?.string
    }
  }

  private static func expectAddresses(
    of customer: JSON, _ findings: inout Findings, billing: (city: String, zip: String)
  ) {
    let addresses = customer["addressBook"]?["items"]?.array ?? []
    findings.expect("the customer's addresses", .number(Int64(addresses.count)), is: 2)
    func address(_ flag: String) -> JSON {
      addresses.first { $0[flag]?.bool == true }?["addressBookAddress"] ?? .null
    }
    findings.expect(
      "billing address", address("defaultBilling"),
      has: [
        "addr1": "12 Mill Road", "addr2": "Floor 3", "city": .string(billing.city), "state": "OR",
        "zip": .string(billing.zip), "country": "US",
      ])
    findings.expect(
      "shipping address", address("defaultShipping"),
      has: [
        "addr1": "4 Dock Street", "addr2": nil, "city": "Seattle", "state": "WA", "zip": "98101", "country": "US",
      ])
  }
}
