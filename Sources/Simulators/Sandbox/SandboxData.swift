import Formats

/// What an org and an account hold before anybody works with them: companies, currencies, terms, price levels and books,
/// and a few products that both sides know. Nothing of it is sent to the product.
public struct SandboxData: Sendable {
  public struct Product: Sendable {
    public let code: String
    public let name: String
    /// In US dollars.
    public let price: String
    /// Salesforce: the product, and its entry in the standard price book (USD).
    public let product: String
    public let entry: String
    /// NetSuite.
    public let item: String
    public let itemType: String
  }

  public let standardPriceBook: String
  /// By code.
  public let products: [String: Product]

  /// What the org sends, in the order of `deploy/lead-to-cash`.
  static func outboundMessages(url: String) -> [OutboundMessage] {
    let times = ["CreatedDate", "LastModifiedDate", "SystemModstamp"]
    return [
      OutboundMessage(object: "Account", fields: times + ["Name", "ParentId", "NetSuite_Id__c"], url: url),
      OutboundMessage(object: "Contact", fields: times + ["AccountId", "LastName", "Email"], url: url),
      OutboundMessage(
        object: "Opportunity", fields: times + ["AccountId", "Amount", "CloseDate", "IsWon", "Name", "StageName"],
        url: url),
      OutboundMessage(
        object: "OpportunityLineItem", fields: times + ["OpportunityId", "Product2Id", "Quantity", "UnitPrice"],
        url: url),
      OutboundMessage(object: "Product2", fields: times + ["IsActive", "Name", "ProductCode"], url: url),
    ]
  }

  static let scriptedTypes: Set<String> = Set(
    ["customer", "contact"] + RecordCatalogue.transactions + RecordCatalogue.items)

  private static let currencies = [
    ("USD", "1"), ("EUR", "1.08"), ("GBP", "1.27"), ("CAD", "0.73"), ("CHF", "1.13"), ("JPY", "0.0067"),
  ]
  private static let terms = [("Net 15", 15), ("Net 30", 30), ("Net 45", 45), ("Net 60", 60), ("Due on receipt", 0)]
  private static let goods = [
    ("WIDGET-100", "Widget 100", "120.00", "inventoryItem"), ("WIDGET-200", "Widget 200", "249.50", "inventoryItem"),
    ("CABLE-2M", "Cable, 2 m", "9.95", "inventoryItem"),
    ("LICENSE-A", "License A, a year", "1200.00", "nonInventorySaleItem"),
    ("SUPPORT-GOLD", "Gold support", "480.00", "serviceSaleItem"),
    ("INSTALL-DAY", "Installation, a day", "950.00", "serviceSaleItem"),
  ]

  init(seeding crm: SalesforceSimulator, _ erp: NetSuiteSimulator) throws {
    let (messages, script) = (crm.state.withLock { $0.messages }, erp.state.withLock { $0.script })
    crm.deliver([])
    erp.deploy(nil)
    try Self.lists(erp)
    standardPriceBook = try Self.books(crm)
    var products: [String: Product] = [:]
    for (code, name, price, type) in Self.goods {
      products[code] = try Self.product(code, name, price, type, book: standardPriceBook, crm, erp)
    }
    self.products = products
    crm.deliver(messages)
    erp.deploy(script)
    erp.state.withLock { $0.books.changes = [] }
  }

  private static func lists(_ erp: NetSuiteSimulator) throws {
    for (symbol, rate) in currencies {
      try erp.create(
        "currency", ["name": .string(symbol), "symbol": .string(symbol), "exchangeRate": .string(rate)])
    }
    for (name, currency, country) in [
      ("Parent Company", "USD", "US"), ("Europe GmbH", "EUR", "DE"), ("UK Ltd", "GBP", "GB"),
    ] {
      try erp.create(
        "subsidiary",
        ["name": .string(name), "currency": ["refName": .string(currency)], "country": ["id": .string(country)]])
    }
    for (name, days) in terms {
      try erp.create("term", ["name": .string(name), "daysUntilNetDue": .number(Int64(days))])
    }
    for name in ["Base Price", "Alternate Price 1", "Online Price"] {
      try erp.create("priceLevel", ["name": .string(name)])
    }
    // The level under which a line's own rate stands has an id of its own.
    erp.state.withLock { state in
      state.books.store(
        Books.Entry(type: "priceLevel", id: -1, fields: ["name": .text("Custom"), "isInactive": .bool(false)]))
    }
    for name in ["Checking", "Accounts Receivable", "Sales"] { try erp.create("account", ["name": .string(name)]) }
    for name in ["East", "West"] { try erp.create("location", ["name": .string(name)]) }
    for name in ["UPS Ground", "FedEx Express"] { try erp.create("shipItem", ["name": .string(name)]) }
    for name in ["Cash", "Check", "ACH"] { try erp.create("paymentMethod", ["name": .string(name)]) }
    try erp.create("customerCategory", ["name": "Corporate"])
    try erp.create("customerStatus", ["name": "CUSTOMER-Closed Won"])
  }

  /// The standard price book is the one that an administrator cannot make.
  private static func books(_ crm: SalesforceSimulator) throws -> String {
    let book = try crm.create("Pricebook2", ["Name": "Standard Price Book", "IsActive": true])
    crm.state.withLock { $0.org.rows[book]?.fields["IsStandard"] = .bool(true) }
    for (name, label) in [("Customer", "Customer"), ("Reseller", "Reseller")] {
      try crm.create(
        "RecordType",
        ["Name": .string(label), "DeveloperName": .string(name), "SobjectType": "Account", "IsActive": true])
    }
    return book
  }

  private static func product(
    _ code: String, _ name: String, _ price: String, _ type: String, book: String, _ crm: SalesforceSimulator,
    _ erp: NetSuiteSimulator
  ) throws -> Product {
    let product = try crm.create(
      "Product2", ["Name": .string(name), "ProductCode": .string(code), "IsActive": true])
    var entries: [String: String] = [:]
    for currency in ["USD", "EUR", "GBP"] {
      entries[currency] = try crm.create(
        "PricebookEntry",
        [
          "Product2Id": .string(product), "Pricebook2Id": .string(book), "UnitPrice": .string(price), "IsActive": true,
          "CurrencyIsoCode": .string(currency),
        ])
    }
    let prices = ["USD", "EUR", "GBP"].map { currency -> JSON in
      [
        "currencyPage": ["refName": .string(currency)], "priceLevel": ["refName": "Base Price"],
        "quantity": ["value": 0], "price": .string(price),
      ]
    }
    let item = try erp.create(
      type,
      ["itemId": .string(code), "displayName": .string(name), "price": ["items": .array(prices)]])
    return Product(
      code: code, name: name, price: price, product: product, entry: entries["USD"] ?? "", item: item, itemType: type)
  }
}
