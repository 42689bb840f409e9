import Events

/// Transactions: their headers, lines, packages and applications.
extension NetSuiteReadings {
  static let transactions: [String: RecordReadings] = [
    "salesOrder": sale("SalesOrd", order, lines: lineList(only: nil)),
    "estimate": sale("Estimate", estimate, lines: lineList(only: nil)),
    "invoice": sale("CustInvc", bill, lines: lineList(only: posting)),
    "cashSale": sale("CashSale", created(from: ["salesOrder"]), lines: lineList(only: posting)),
    "creditMemo": creditMemo, "itemFulfillment": itemFulfillment, "customerPayment": payment(code: "CustPymt"),
    "customerDeposit": payment(code: "CustDep"),
  ]

  // MARK: headers

  private static func transaction(
    _ code: String, _ fields: [String: Reading], _ lists: [String: ListReadings]
  ) -> RecordReadings {
    RecordReadings(
      table: "transaction", group: .transaction, only: "t.type = '\(code)'", fields: Reading.union(body, fields),
      lists: lists, custom: "custbody")
  }

  private static func sale(_ code: String, _ fields: [String: Reading], lines: ListReadings) -> RecordReadings {
    transaction(code, Reading.union(sold, fields), ["item": lines])
  }

  private static let body = Reading.union(
    common(created: "createddate"), Reading.fields("tranId memo", .text), Reading.fields("tranDate", .date),
    Reading.fields("exchangeRate", .number), currencyField,
    Reading.fields("status", .choice(list: nil), .status, readOnly: true),
    Reading.fields("location", .choice(list: "location"), .displayed, of: "m", join: mainLine),
    Reading.fields("department", .choice(list: "department"), .displayed, of: "m", join: mainLine),
    Reading.fields("class", .choice(list: "classification"), .displayed, of: "m", join: mainLine),
    Reading.one(
      "subsidiary", .choice(list: "subsidiary"), "m.subsidiary", .named("sub.name"), join: mainSubsidiary))

  private static let sold = Reading.union(
    Reading.fields("entity", .record(["customer"]), .displayed),
    Reading.fields("otherRefNum email", .text), Reading.fields("startDate endDate shipDate", .date),
    Reading.fields("shipComplete", .bool),
    Reading.fields("terms", .choice(list: "term"), .displayed),
    Reading.fields("shipMethod", .choice(list: "shipItem"), .displayed),
    Reading.fields("salesRep", .record(["employee"]), .displayed),
    Reading.one("total", .money, "t.foreigntotal", readOnly: true),
    Reading.one(
      "subtotal", .money, "l.foreignamount",
      .sum("l.mainline = 'F' AND l.taxline = 'F' AND l.itemtype NOT IN ('ShipItem', 'TaxItem', 'TaxGroup')"),
      readOnly: true),
    Reading.one("taxTotal", .money, "l.foreignamount", .sum("l.taxline = 'T'"), readOnly: true),
    Reading.one(
      "shippingCost", .money, "l.foreignamount", .sum("l.mainline = 'F' AND l.itemtype = 'ShipItem'"),
      readOnly: false),
    address("shippingAddress", "transactionshippingaddress", "sa"),
    address("billingAddress", "transactionbillingaddress", "ba"))

  private static func address(_ name: String, _ table: String, _ alias: String) -> [String: Reading] {
    let join = Join(text: "\(table) \(alias) ON \(alias).nkey = t.\(name.lowercased())")
    var fields = Reading.fields(addressParts, .text, of: alias, join: join)
    fields.merge(Reading.fields("country", .text, of: alias, join: join, wire: .code([:]))) { $1 }
    return Dictionary(uniqueKeysWithValues: fields.map { ("\(name).\($0)", $1) })
  }

  private static func created(from types: [String]) -> [String: Reading] {
    Reading.fields("createdFrom", .record(types), .displayed, of: "m", join: mainLine, readOnly: true)
  }

  private static let order = Reading.union(
    created(from: ["estimate", "opportunity"]),
    Reading.one("orderStatus", .text, "t.status", .letter, wire: .code([:])))

  private static let estimate = Reading.union(
    Reading.fields("title", .text), Reading.fields("dueDate expectedCloseDate", .date),
    Reading.fields("probability", .number),
    Reading.fields("entityStatus", .choice(list: "customerStatus"), .displayed))

  private static let bill = Reading.union(
    created(from: ["salesOrder"]), Reading.fields("dueDate", .date),
    Reading.fields("amountPaid=foreignamountpaid amountRemaining=foreignamountunpaid", .money, readOnly: true))

  /// Credit stands in the tables with the sign of what is given back, in the header only.
  private static let creditMemo = transaction(
    "CustCred",
    Reading.union(
      sold, created(from: ["invoice", "salesOrder"]),
      Reading.one("total", .money, "t.foreigntotal", .negated, readOnly: true),
      Reading.fields(
        "amountRemaining=foreignpaymentamountunused unapplied=foreignpaymentamountunused", .money, readOnly: true)),
    ["item": lineList(only: posting, sign: .plain), "apply": apply])

  private static func payment(code: String) -> RecordReadings {
    transaction(
      code,
      Reading.union(
        Reading.fields("customer=entity", .record(["customer"]), .displayed),
        Reading.fields("payment=foreigntotal", .money), Reading.fields("checkNumber", .text),
        Reading.fields("total=foreigntotal unapplied=foreignpaymentamountunused", .money, readOnly: true),
        code == "CustDep" ? Reading.fields("salesOrder", .record(["salesOrder"]), .displayed) : [:]),
      code == "CustPymt" ? ["apply": apply] : [:])
  }

  private static let ship = ["Picked": "A", "Packed": "B", "Shipped": "C"]

  private static let itemFulfillment = transaction(
    "ItemShip",
    Reading.union(
      created(from: ["salesOrder"]), Reading.fields("entity", .record(["customer"]), .displayed, readOnly: true),
      Reading.one("shipStatus", .choice(list: nil), "t.status", .status, wire: .code(ship)),
      Reading.fields("shippedDate packedDate pickedDate", .date),
      Reading.fields("shipMethod", .choice(list: "shipItem"), .displayed)),
    ["item": lineList(only: posting), "package": packages])

  // MARK: lists

  /// Lines that are posted come with the lines of their cost.
  private static let posting = "l.iscogs = 'F'"

  private static func lineList(only: String?, sign: Reading.Form = .negated) -> ListReadings {
    let own = "l.mainline = 'F' AND l.taxline = 'F' AND l.itemtype NOT IN ('ShipItem', 'TaxItem', 'TaxGroup')"
    return ListReadings(
      from: "transactionline l", parent: "l.transaction",
      only: [own, only].compactMap { $0 }.joined(separator: " AND "),
      key: ("line", "l.id"), order: "l.linesequencenumber, l.id",
      fields: Reading.union(
        Reading.fields("item", .record(itemNames), .displayed, of: "l"),
        Reading.fields("quantity", .number, sign, of: "l"), Reading.fields("rate", .money, of: "l"),
        Reading.fields("amount=foreignamount", .money, sign, of: "l"),
        Reading.fields("price", .choice(list: "priceLevel"), .displayed, of: "l"),
        Reading.fields("description=memo", .text, of: "l"), Reading.fields("isClosed", .bool, of: "l"),
        Reading.fields("expectedShipDate", .date, of: "l"),
        Reading.fields("location", .choice(list: "location"), .displayed, of: "l"),
        Reading.fields("department", .choice(list: "department"), .displayed, of: "l"),
        Reading.fields("class", .choice(list: "classification"), .displayed, of: "l"),
        Reading.fields("quantityFulfilled=quantityshiprecv quantityBilled", .number, of: "l", readOnly: true),
        Reading.fields("line=id lineUniqueKey=uniquekey itemType", .text, of: "l", readOnly: true)),
      custom: "custcol")
  }

  /// SuiteQL has a package's number only.
  private static let packages = ListReadings(
    from: "trackingnumbermap l JOIN trackingnumber n ON n.id = l.trackingnumber", parent: "l.transaction",
    key: nil, order: "l.trackingnumber", fields: Reading.fields("packageTrackingNumber=trackingnumber", .text, of: "n"))

  private static let apply = ListReadings(
    from: "previoustransactionlinelink l", parent: "l.nextdoc", key: nil, order: "l.previousdoc",
    fields: Reading.union(
      Reading.fields("doc=previousdoc", .record(["invoice"]), of: "l", readOnly: true),
      Reading.fields("amount=foreignamount", .money, of: "l", readOnly: true)))
}
