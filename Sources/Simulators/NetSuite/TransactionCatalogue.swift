/// The transactions of the sandbox account.
enum TransactionCatalogue {
  static let all = [salesOrder, invoice, cashSale, creditMemo, itemFulfillment, customerPayment, customerDeposit]

  /// What `status` says, by letter.
  static let orderStatus = [
    "A": "Pending Approval", "B": "Pending Fulfillment", "C": "Cancelled", "D": "Partially Fulfilled",
    "E": "Pending Billing/Partially Fulfilled", "F": "Pending Billing", "G": "Billed", "H": "Closed",
  ]
  static let openStatus = ["A": "Open", "B": "Paid In Full", "V": "Voided"]
  static let creditStatus = ["A": "Open", "B": "Fully Applied", "V": "Voided"]
  static let paymentStatus = ["A": "Unapproved Payment", "B": "Not Deposited", "C": "Deposited"]
  static let shipStatus = ["A": "Picked", "B": "Packed", "C": "Shipped"]

  private static func body(_ status: [String: String]) -> [RecordField] {
    [
      RecordField("tranDate", "Date", .date), RecordField("tranId", "Transaction Number", .text(45)),
      RecordField("memo", .text(999)), RecordField("subsidiary", .reference(["subsidiary"])),
      RecordField("currency", .reference(["currency"])), RecordField("exchangeRate", .number(scale: 8)),
      RecordField("location", .reference(["location"])), RecordField("department", .reference(["department"])),
      RecordField("class", .reference(["classification"])), RecordField("status", .choice(status)).readOnly(),
      RecordField("createdDate", .dateTime).readOnly(), RecordField("custbody_crm_link", "CRM Link", .text(300)),
    ]
  }

  private static let sale: [RecordField] = [
    RecordField("entity", "Customer", .reference(["customer"])).required(),
    RecordField("otherRefNum", "PO #", .text(45)),
    RecordField("terms", .reference(["term"])), RecordField("salesRep", .reference(["employee"])),
    RecordField("email", .email), RecordField("startDate", .date), RecordField("endDate", .date),
    RecordField("shipDate", .date), RecordField("shipMethod", .reference(["shipItem"])),
    RecordField("shippingCost", .money), RecordField("message", .text(999)), RecordField("fob", .text(45)),
    RecordField("shipComplete", .bool), RecordField("toBeEmailed", .bool),
    RecordField("total", .money).readOnly(), RecordField("subtotal", .money).readOnly(),
    RecordField("taxTotal", .money).readOnly(), RecordField("discountTotal", .money).readOnly(),
    RecordField.subrecord("shippingAddress", RecordCatalogue.address),
    RecordField.subrecord("billingAddress", RecordCatalogue.address),
  ]

  static let lineFields: [RecordField] = [
    RecordField("item", .reference(RecordCatalogue.items)).required(), RecordField("quantity", .number(scale: 5)),
    RecordField("rate", .rate), RecordField("amount", .money),
    RecordField("price", "Price Level", .reference(["priceLevel"])),
    RecordField("description", .text(4000)), RecordField("location", .reference(["location"])),
    RecordField("department", .reference(["department"])), RecordField("class", .reference(["classification"])),
    RecordField("isClosed", .bool), RecordField("expectedShipDate", .date), RecordField("isTaxable", .bool),
    RecordField("custcol_crm_line", "CRM Line", .text(300)), RecordField("orderLine", .integer),
    RecordField("quantityFulfilled", .number(scale: 5)).readOnly(),
    RecordField("quantityBilled", .number(scale: 5)).readOnly(), RecordField("lineUniqueKey", .integer).readOnly(),
    RecordField("itemType", .text(20)).readOnly(), RecordField("inGroup", .bool).readOnly(),
  ]

  private static let items = Sublist(name: "item", key: "line", fields: lineFields)

  private static let applied = Sublist(
    name: "apply", key: "line",
    fields: [
      RecordField("doc", .reference(["invoice"])).required(), RecordField("apply", .bool),
      RecordField("amount", .money),
      RecordField("applyDate", .date), RecordField("refNum", .text(45)).readOnly(),
      RecordField("total", .money).readOnly(),
      RecordField("due", .money).readOnly(),
    ])

  private static let salesOrder = RecordType(
    "salesOrder", "Sales Order", .transaction, code: "SalesOrd",
    body(orderStatus) + sale + [
      RecordField("orderStatus", .choice(["A": "Pending Approval", "B": "Pending Fulfillment", "C": "Cancelled"])),
      RecordField("linkedTrackingNumbers", .text(4000)).readOnly(),
    ], sublists: [items])

  private static let invoice = RecordType(
    "invoice", "Invoice", .transaction, code: "CustInvc",
    body(openStatus) + sale + [
      RecordField("createdFrom", .reference(["salesOrder"])).readOnly(), RecordField("dueDate", .date),
      RecordField("amountPaid", .money).readOnly(), RecordField("amountRemaining", .money).readOnly(),
    ], sublists: [items])

  private static let cashSale = RecordType(
    "cashSale", "Cash Sale", .transaction, code: "CashSale",
    body(paymentStatus) + sale + [RecordField("createdFrom", .reference(["salesOrder"])).readOnly()], sublists: [items])

  private static let creditMemo = RecordType(
    "creditMemo", "Credit Memo", .transaction, code: "CustCred",
    body(creditStatus) + sale + [
      RecordField("createdFrom", .reference(["invoice"])), RecordField("applied", .money).readOnly(),
      RecordField("unapplied", .money).readOnly(), RecordField("amountRemaining", .money).readOnly(),
    ], sublists: [items, applied])

  private static let itemFulfillment = RecordType(
    "itemFulfillment", "Item Fulfillment", .transaction, code: "ItemShip",
    body(shipStatus) + [
      RecordField("createdFrom", .reference(["salesOrder"])).required().readOnly(),
      RecordField("entity", .reference(["customer"])).readOnly(),
      RecordField("shipStatus", .choice(shipStatus)), RecordField("shippedDate", .date),
      RecordField("packedDate", .date),
      RecordField("pickedDate", .date), RecordField("shipMethod", .reference(["shipItem"])),
      RecordField("inventoryLocation", .reference(["location"])),
      RecordField.subrecord("shippingAddress", RecordCatalogue.address),
    ],
    sublists: [
      Sublist(
        name: "item", key: "line",
        fields: [
          RecordField("orderLine", .integer), RecordField("item", .reference(RecordCatalogue.items)),
          RecordField("quantity", .number(scale: 5)), RecordField("itemReceive", .bool),
          RecordField("location", .reference(["location"])), RecordField("description", .text(4000)),
          RecordField("lineUniqueKey", .integer).readOnly(), RecordField("itemType", .text(20)).readOnly(),
          RecordField("custcol_crm_line", "CRM Line", .text(300)),
        ]),
      Sublist(
        name: "package", key: "line",
        fields: [
          RecordField("packageTrackingNumber", .text(64)), RecordField("packageDescr", .text(300)),
          RecordField("packageWeight", .number(scale: 3)), RecordField("packageCartonNumber", .integer),
        ]),
    ])

  private static let customerPayment = RecordType(
    "customerPayment", "Payment", .transaction, code: "CustPymt",
    body(paymentStatus) + [
      RecordField("customer", .reference(["customer"])).required(), RecordField("payment", "Payment Amount", .money),
      RecordField("account", .reference(["account"])), RecordField("undepFunds", .bool),
      RecordField("arAcct", .reference(["account"])),
      RecordField("checkNumber", .text(45)), RecordField("paymentMethod", .reference(["paymentMethod"])),
      RecordField("autoApply", .bool), RecordField("applied", .money).readOnly(),
      RecordField("unapplied", .money).readOnly(),
      RecordField("total", .money).readOnly(),
    ], sublists: [applied])

  private static let customerDeposit = RecordType(
    "customerDeposit", "Customer Deposit", .transaction, code: "CustDep",
    body(paymentStatus) + [
      RecordField("customer", .reference(["customer"])).required(),
      RecordField("payment", "Payment Amount", .money).required(),
      RecordField("salesOrder", .reference(["salesOrder"])), RecordField("account", .reference(["account"])),
      RecordField("undepFunds", .bool), RecordField("total", .money).readOnly(),
    ])
}
