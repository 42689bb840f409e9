/// The record types of the sandbox account, with the fields of the REST API Browser that the product and its checks meet.
enum RecordCatalogue {
  static let items = [
    "inventoryItem", "nonInventorySaleItem", "nonInventoryResaleItem", "serviceSaleItem", "serviceResaleItem",
    "assemblyItem", "kitItem", "discountItem", "otherChargeSaleItem",
  ]
  static let transactions = [
    "salesOrder", "invoice", "cashSale", "itemFulfillment", "customerPayment", "creditMemo", "customerDeposit",
  ]

  static func all() -> [RecordType] {
    [customer, contact, employee] + itemTypes + TransactionCatalogue.all + lists
  }

  static let address: [RecordField] = [
    RecordField("addressee", .text(83)), RecordField("attention", .text(83)), RecordField("addr1", .text(150)),
    RecordField("addr2", .text(150)), RecordField("addr3", .text(150)), RecordField("city", .text(50)),
    RecordField("state", .text(50)), RecordField("zip", .text(36)),
    RecordField("country", .choice(Places.countries)), RecordField("addrPhone", .phone),
    RecordField("override", .bool), RecordField("addrText", .text(999)).readOnly(),
  ]

  private static let addressBook = Sublist(
    name: "addressBook", key: "internalId",
    fields: [
      RecordField("defaultBilling", .bool), RecordField("defaultShipping", .bool), RecordField("label", .text(150)),
      RecordField("isResidential", .bool), RecordField("addressId", .text(20)).readOnly(),
    ], subrecord: "addressBookAddress", subfields: address)

  private static let customer = RecordType(
    "customer", "Customer", .entity, code: "CustJob",
    [
      RecordField("entityId", "Customer ID", .text(80)), RecordField("isPerson", .bool),
      RecordField("companyName", .text(83)), RecordField("salutation", .text(30)), RecordField("firstName", .text(32)),
      RecordField("lastName", .text(32)), RecordField("altName", .text(83)).readOnly(), RecordField("email", .email),
      RecordField("altEmail", .email), RecordField("phone", .phone), RecordField("altPhone", .phone),
      RecordField("mobilePhone", .phone), RecordField("fax", .phone), RecordField("url", "Web Address", .url),
      RecordField("subsidiary", "Primary Subsidiary", .reference(["subsidiary"])).required(),
      RecordField("currency", .reference(["currency"])), RecordField("terms", .reference(["term"])),
      RecordField("priceLevel", .reference(["priceLevel"])), RecordField("category", .reference(["customerCategory"])),
      RecordField("salesRep", .reference(["employee"])), RecordField("parent", .reference(["customer"])),
      RecordField("entityStatus", .reference(["customerStatus"])), RecordField("creditLimit", .money),
      RecordField("creditHoldOverride", .choice(["AUTO": "Auto", "ON": "On", "OFF": "Off"])),
      RecordField("taxable", .bool), RecordField("vatRegNumber", "Tax Reg. Number", .text(30)),
      RecordField("accountNumber", .text(50)), RecordField("homePhone", .phone),
      RecordField("printOnCheckAs", .text(83)), RecordField("title", .text(50)), RecordField("startDate", .date),
      RecordField("endDate", .date), RecordField("reminderDays", .integer), RecordField("resaleNumber", .text(20)),
      RecordField("shipComplete", .bool), RecordField("receivablesAccount", .reference(["account"])),
      RecordField("shippingItem", .reference(["shipItem"])), RecordField("comments", .text(4000)),
      RecordField("isInactive", .bool), RecordField("defaultAddress", .text(999)).readOnly(),
      RecordField("balance", .money).readOnly(), RecordField("overdueBalance", .money).readOnly(),
      RecordField("custentity_crm_link", "CRM Link", .text(300)),
    ],
    sublists: [
      addressBook,
      Sublist(
        name: "currencyList", key: "line", fields: [RecordField("currency", .reference(["currency"])).required()]),
    ])

  private static let contact = RecordType(
    "contact", "Contact", .entity, code: "Contact",
    [
      RecordField("entityId", "Name", .text(83)), RecordField("firstName", .text(32)),
      RecordField("lastName", .text(32)),
      RecordField("email", .email), RecordField("phone", .phone), RecordField("title", .text(50)),
      RecordField("company", .reference(["customer"])),
      RecordField("subsidiary", .reference(["subsidiary"])).required(), RecordField("comments", .text(4000)),
      RecordField("isInactive", .bool), RecordField("custentity_crm_link", "CRM Link", .text(300)),
    ])

  private static let employee = RecordType(
    "employee", "Employee", .entity, code: "Employee",
    [
      RecordField("entityId", "Employee ID", .text(80)), RecordField("firstName", .text(32)).required(),
      RecordField("lastName", .text(32)).required(), RecordField("email", .email), RecordField("phone", .phone),
      RecordField("title", .text(50)), RecordField("subsidiary", .reference(["subsidiary"])).required(),
      RecordField("isSalesRep", .bool), RecordField("isInactive", .bool),
      RecordField("custentity_crm_link", "CRM Link", .text(300)),
    ])

  private static let itemTypes: [RecordType] = [
    ("inventoryItem", "Inventory Item", "InvtPart"),
    ("nonInventorySaleItem", "Non-inventory Item for Sale", "NonInvtPart"),
    ("nonInventoryResaleItem", "Non-inventory Item for Resale", "NonInvtPart"),
    ("serviceSaleItem", "Service for Sale", "Service"), ("serviceResaleItem", "Service for Resale", "Service"),
    ("assemblyItem", "Assembly/Bill of Materials", "Assembly"), ("kitItem", "Kit/Package", "Kit"),
    ("discountItem", "Discount", "Discount"), ("otherChargeSaleItem", "Other Charge for Sale", "OthCharge"),
  ].map { name, label, code in
    RecordType(
      name, label, .item, code: code,
      [
        RecordField("itemId", "Item Name/Number", .text(60)).required(), RecordField("displayName", .text(60)),
        RecordField("salesDescription", .text(4000)), RecordField("upcCode", "UPC Code", .text(60)),
        RecordField("parent", .reference(items)), RecordField("class", .reference(["classification"])),
        RecordField("subsidiary", .reference(["subsidiary"])), RecordField("isInactive", .bool),
        RecordField("isFulfillable", "Can be Fulfilled", .bool), RecordField("weight", .number(scale: 5)),
        RecordField("incomeAccount", .reference(["account"])), RecordField("rate", .rate),
        RecordField("custitem_crm_link", "CRM Link", .text(300)),
        RecordField("itemType", .text(20)).readOnly(),
      ],
      sublists: [
        Sublist(
          name: "price", key: "line",
          fields: [
            RecordField("currencyPage", .reference(["currency"])).required(),
            RecordField("priceLevel", .reference(["priceLevel"])).required(), RecordField("quantity", .breakpoint),
            RecordField("price", .money),
          ])
      ])
  }

  private static func list(_ name: String, _ label: String, _ more: [RecordField] = []) -> RecordType {
    RecordType(
      name, label, .list(name),
      [RecordField("name", .text(100)).required(), RecordField("isInactive", .bool)] + more)
  }

  private static let lists = [
    list(
      "subsidiary", "Subsidiary",
      [
        RecordField("currency", .reference(["currency"])), RecordField("country", .choice(Places.countries)),
        RecordField("parent", .reference(["subsidiary"])),
      ]),
    list("currency", "Currency", [RecordField("symbol", .text(3)), RecordField("exchangeRate", .number(scale: 8))]),
    list("term", "Term", [RecordField("daysUntilNetDue", .integer)]),
    list("priceLevel", "Price Level", [RecordField("discountPct", .number(scale: 2))]),
    list("customerCategory", "Customer Category"), list("customerStatus", "Customer Status"),
    list("location", "Location"), list("department", "Department"), list("classification", "Class"),
    list("account", "Account"), list("shipItem", "Shipping Item"), list("paymentMethod", "Payment Method"),
  ]
}
