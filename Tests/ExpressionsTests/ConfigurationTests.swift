import Testing

@testable import Expressions

/// Expressions as configurations have them.
@Suite struct ConfigurationTests {
  @Test(arguments: [
    "salesforce.RecordType.DeveloperName in ['Customer', 'Reseller'] && !salesforce.IsPersonAccount",
    "netsuite.quantityFulfilled.or(0) > 0 || netsuite.quantityBilled.or(0) > 0 || netsuite.isClosed.or(false)",
    "contracts.size() > 0 ? contracts[0].number : null", "contracts.exists(c, c.ends >= today())",
    "orders.size() > 0 ? orders[0].number + ' ' + orders[0].status : null",
    "linked('customer', salesforce.AccountId) && roles.exists(r, r.role in ['Billing', 'Shipping'])",
    "shipments.map(s, s.shipped).max()", "join(shipments.map(s, s.tracking), ', ')", "sum(bills.map(b, b.due))",
    "first([netsuite.packageTrackingNumber, netsuite.packageTrackingNumberUps])", "netsuite.amount / netsuite.quantity",
    "salesforce.Status == 'Accepted' ? named('Closed Won') : named('Proposal')",
    "!head.netsuite.isInactive && netsuite.price != null",
    "line(salesforce.ShippingStreet.or(salesforce.BillingStreet), 1)", "split(salesforce.Billing_Currencies__c, ';')",
    "lists.packages.exists(p, p.salesforce.Tracking__c != null)", "percent(-salesforce.Discount.or(0))", "'NetSuite'",
    "true", "0",
  ])
  func `are read, and check with variables of unknown type`(text: String) throws {
    let names = [
      "salesforce", "netsuite", "head", "contracts", "orders", "roles", "shipments", "bills", "lists",
    ]
    _ = try Expression(parsing: text).check(Scope(Dictionary(uniqueKeysWithValues: names.map { ($0, .dyn) })))
  }

  @Test func `a won opportunity is decided`() throws {
    let variables: [String: Value] = [
      "salesforce": .record([
        "IsWon": true, "Discount": .null, "Ship_Street__c": .null, "Account.ShippingStreet": "1 High Street\nLondon",
      ]),
      "netsuite": .record(["subtotal": try decimal("30.00"), "status": "Billed"]),
      "lines": [
        ["salesforce": .record(["TotalPrice": try decimal("10.00")])],
        ["salesforce": .record(["TotalPrice": try decimal("20")])],
      ],
    ]
    for text in [
      "salesforce.IsWon", "sum(lines.map(l, l.salesforce.TotalPrice)) == netsuite.subtotal",
      "salesforce.Discount.or(0) == 0",
      "line(salesforce.Ship_Street__c.or(salesforce.Account.ShippingStreet), 1) == '1 High Street'",
      "netsuite.status in ['Billed']",
    ] { #expect(try evaluate(text, variables) == true, "\(text)") }
  }
}
