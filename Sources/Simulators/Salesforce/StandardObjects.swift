/// The objects of a freshly made org with several currencies and with state and country picklists: what the product and
/// its checks meet, with the types, lengths and permissions of the Object Reference.
enum StandardObjects {
  static let currencies = ["USD", "EUR", "GBP", "CAD", "CHF", "JPY"]

  static func all() -> [SObject] {
    [
      account, contact, opportunity, opportunityLineItem, product, pricebook, pricebookEntry, user, recordType,
    ]
  }

  /// Fields that every object has.
  static func system(owned: Bool = true) -> [SObjectField] {
    var fields: [SObjectField] = [
      SObjectField("Id", .id).readOnly(),
      SObjectField("IsDeleted", .bool).readOnly().or(.bool(false)),
      SObjectField("CreatedDate", .dateTime).readOnly(),
      SObjectField("CreatedById", .reference(["User"])).readOnly(),
      SObjectField("LastModifiedDate", .dateTime).readOnly(),
      SObjectField("LastModifiedById", .reference(["User"])).readOnly(),
      SObjectField("SystemModstamp", .dateTime).readOnly(),
      SObjectField("LastViewedDate", .dateTime).readOnly(), SObjectField("LastReferencedDate", .dateTime).readOnly(),
    ]
    if owned { fields.append(SObjectField("OwnerId", .reference(["User"]))) }
    return fields
  }

  private static let currency = SObjectField("CurrencyIsoCode", .picklist(currencies, restricted: true)).or(
    .text("USD"))

  /// `BillingStreet` and its companions.
  static func address(_ prefix: String) -> [SObjectField] {
    [
      SObjectField(prefix + "Street", .text(255)), SObjectField(prefix + "City", .text(40)),
      SObjectField(prefix + "State", .text(80)), SObjectField(prefix + "PostalCode", .text(20)),
      SObjectField(prefix + "Country", .text(80)), SObjectField(prefix + "StateCode", .text(10)),
      SObjectField(prefix + "CountryCode", .text(10)),
      SObjectField(prefix + "Latitude", .number(precision: 18, scale: 15)),
      SObjectField(prefix + "Longitude", .number(precision: 18, scale: 15)),
      SObjectField(
        prefix + "GeocodeAccuracy", .picklist(["Address", "City", "Zip", "State", "Unknown"], restricted: false)),
    ]
  }

  private static let account = SObject(
    "Account", prefix: "001",
    system() + [
      SObjectField("Name", .text(255)).required(),
      SObjectField(
        "Type",
        .picklist(
          [
            "Prospect", "Customer", "Customer - Direct", "Customer - Channel", "Channel Partner / Reseller",
            "Installation Partner", "Technology Partner", "Other",
          ], restricted: false)),
      SObjectField("RecordTypeId", .reference(["RecordType"])),
      SObjectField("ParentId", .reference(["Account"])),
    ] + address("Billing") + address("Shipping") + [
      SObjectField("Phone", .phone), SObjectField("Fax", .phone), SObjectField("AccountNumber", .text(40)),
      SObjectField("Website", .url), SObjectField("Sic", .text(20)), SObjectField("SicDesc", .text(80)),
      SObjectField(
        "Industry",
        .picklist(
          [
            "Agriculture", "Apparel", "Banking", "Biotechnology", "Chemicals", "Communications", "Construction",
            "Consulting", "Education", "Electronics", "Energy", "Engineering", "Entertainment", "Environmental",
            "Finance", "Food & Beverage", "Government", "Healthcare", "Hospitality", "Insurance", "Machinery",
            "Manufacturing", "Media", "Not For Profit", "Recreation", "Retail", "Shipping", "Technology",
            "Telecommunications", "Transportation", "Utilities", "Other",
          ], restricted: false)),
      SObjectField("AnnualRevenue", .currency(scale: 0)), SObjectField("NumberOfEmployees", .integer),
      SObjectField("Ownership", .picklist(["Public", "Private", "Subsidiary", "Other"], restricted: false)),
      SObjectField("TickerSymbol", .text(20)), SObjectField("Description", .longText(32_000)),
      SObjectField("Rating", .picklist(["Hot", "Warm", "Cold"], restricted: false)),
      SObjectField("Site", .text(80)), SObjectField("YearStarted", .text(4)), SObjectField("Tradestyle", .text(255)),
      SObjectField("DunsNumber", .text(9)), SObjectField("NaicsCode", .text(8)), SObjectField("NaicsDesc", .text(120)),
      SObjectField("Jigsaw", .text(20)), SObjectField("CleanStatus", .picklist(["Pending"], restricted: false)),
      SObjectField(
        "AccountSource",
        .picklist(["Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"], restricted: false)),
      SObjectField("IsPersonAccount", .bool).readOnly().or(.bool(false)),
      currency,
    ])

  private static let contact = SObject(
    "Contact", prefix: "003",
    system() + [
      SObjectField("AccountId", .reference(["Account"])), SObjectField("LastName", .text(80)).required(),
      SObjectField("FirstName", .text(40)),
      SObjectField("Salutation", .picklist(["Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", "Mx."], restricted: false)),
      SObjectField("Name", .text(121)).readOnly(), SObjectField("Title", .text(128)),
      SObjectField("Department", .text(80)), SObjectField("Email", .email), SObjectField("Phone", .phone),
      SObjectField("MobilePhone", .phone), SObjectField("HomePhone", .phone), SObjectField("OtherPhone", .phone),
      SObjectField("Fax", .phone), SObjectField("Birthdate", .date), SObjectField("MiddleName", .text(40)),
      SObjectField("Suffix", .text(40)),
      SObjectField("AssistantName", .text(40)), SObjectField("AssistantPhone", .phone),
      SObjectField("HasOptedOutOfFax", .bool).or(.bool(false)),
      SObjectField("RecordTypeId", .reference(["RecordType"])), SObjectField("Description", .longText(32_000)),
      SObjectField("ReportsToId", .reference(["Contact"])),
      SObjectField(
        "LeadSource",
        .picklist(["Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"], restricted: false)),
      SObjectField("HasOptedOutOfEmail", .bool).or(.bool(false)), SObjectField("DoNotCall", .bool).or(.bool(false)),
      currency,
    ] + address("Mailing") + address("Other"))

  private static let opportunity = SObject(
    "Opportunity", prefix: "006",
    system() + [
      SObjectField("Name", .text(120)).required(), SObjectField("AccountId", .reference(["Account"])),
      SObjectField("StageName", .picklist(OpportunityStage.all.map(\.name), restricted: true)).required(),
      SObjectField("CloseDate", .date).required(), SObjectField("Amount", .currency(scale: 2)),
      SObjectField("Probability", .percent(scale: 0)), SObjectField("IsWon", .bool).readOnly().or(.bool(false)),
      SObjectField("IsClosed", .bool).readOnly().or(.bool(false)),
      SObjectField(
        "ForecastCategoryName", .picklist(["Omitted", "Pipeline", "Best Case", "Commit", "Closed"], restricted: true)),
      SObjectField("ExpectedRevenue", .currency(scale: 2)).readOnly(),
      SObjectField("ForecastCategory", .text(40)).readOnly(),
      SObjectField("LastActivityDate", .date).readOnly(), SObjectField("FiscalYear", .integer).readOnly(),
      SObjectField("FiscalQuarter", .integer).readOnly(),
      SObjectField("HasOpportunityLineItem", .bool).readOnly().or(.bool(false)),
      SObjectField("Pricebook2Id", .reference(["Pricebook2"])),
      SObjectField("RecordTypeId", .reference(["RecordType"])),
      SObjectField(
        "Type",
        .picklist(
          [
            "New Customer", "New Business", "Existing Business", "Existing Customer - Upgrade",
            "Existing Customer - Replacement", "Existing Customer - Downgrade",
          ], restricted: false)),
      SObjectField("NextStep", .text(255)), SObjectField("Description", .longText(32_000)),
      SObjectField(
        "LeadSource",
        .picklist(["Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"], restricted: false)),
      SObjectField("ContactId", .reference(["Contact"])).createOnly(),
      SObjectField("IsPrivate", .bool).or(.bool(false)),
      SObjectField("TotalOpportunityQuantity", .number(precision: 18, scale: 2)),
      currency,
    ])

  private static let opportunityLineItem = SObject(
    "OpportunityLineItem", label: "Opportunity Product", prefix: "00k",
    system(owned: false) + [
      SObjectField("OpportunityId", .reference(["Opportunity"])).required().createOnly(),
      SObjectField("PricebookEntryId", .reference(["PricebookEntry"])).createOnly(),
      SObjectField("Product2Id", .reference(["Product2"])).createOnly(),
      SObjectField("ProductCode", .text(255)).readOnly(),
      SObjectField("Name", .text(376)).readOnly(),
      SObjectField("Quantity", .number(precision: 12, scale: 2)).required(),
      SObjectField("UnitPrice", .currency(scale: 2)), SObjectField("TotalPrice", .currency(scale: 2)),
      SObjectField("ListPrice", .currency(scale: 2)).readOnly(),
      SObjectField("Subtotal", .currency(scale: 2)).readOnly(),
      SObjectField("Discount", .percent(scale: 2)), SObjectField("Description", .text(255)),
      SObjectField("ServiceDate", .date), SObjectField("SortOrder", .integer).readOnly(),
      SObjectField("CurrencyIsoCode", .text(3)).readOnly(),
    ])

  private static let product = SObject(
    "Product2", label: "Product", prefix: "01t",
    system(owned: false) + [
      SObjectField("Name", .text(255)).required(), SObjectField("ProductCode", .text(255)),
      SObjectField("Description", .longText(4000)), SObjectField("IsActive", .bool).or(.bool(false)),
      SObjectField("Family", .picklist(["None", "Hardware", "Software", "Services"], restricted: false)),
      SObjectField("StockKeepingUnit", .text(180)),
      SObjectField("QuantityUnitOfMeasure", .picklist(["Each"], restricted: false)),
      SObjectField("DisplayUrl", .url), SObjectField("IsArchived", .bool).readOnly().or(.bool(false)),
      SObjectField("RecordTypeId", .reference(["RecordType"])), SObjectField("ExternalId", .text(255)), currency,
    ])

  private static let pricebook = SObject(
    "Pricebook2", label: "Price Book", prefix: "01s",
    system(owned: false) + [
      SObjectField("Name", .text(255)).required(), SObjectField("IsActive", .bool).or(.bool(false)),
      SObjectField("IsStandard", .bool).readOnly().or(.bool(false)),
      SObjectField("IsArchived", .bool).readOnly().or(.bool(false)), SObjectField("Description", .text(255)),
    ])

  private static let pricebookEntry = SObject(
    "PricebookEntry", label: "Price Book Entry", prefix: "01u",
    system(owned: false) + [
      SObjectField("Pricebook2Id", .reference(["Pricebook2"])).required().createOnly(),
      SObjectField("Product2Id", .reference(["Product2"])).required().createOnly(),
      SObjectField("UnitPrice", .currency(scale: 2)).required(), SObjectField("IsActive", .bool).or(.bool(false)),
      SObjectField("UseStandardPrice", .bool).or(.bool(false)),
      SObjectField("IsArchived", .bool).readOnly().or(.bool(false)), SObjectField("Name", .text(255)).readOnly(),
      SObjectField("ProductCode", .text(255)).readOnly(),
      SObjectField("CurrencyIsoCode", .picklist(currencies, restricted: true)).createOnly().or(.text("USD")),
    ])

  private static let user = SObject(
    "User", prefix: "005",
    system(owned: false) + [
      SObjectField("Username", .text(80)).required(), SObjectField("LastName", .text(80)).required(),
      SObjectField("FirstName", .text(40)), SObjectField("Name", .text(121)).readOnly(),
      SObjectField("Email", .email).required(), SObjectField("IsActive", .bool).or(.bool(true)),
      SObjectField("Alias", .text(8)), SObjectField("EmployeeNumber", .text(20)), SObjectField("Phone", .phone),
      SObjectField("MobilePhone", .phone),
      SObjectField("Fax", .phone), SObjectField("CompanyName", .text(80)), SObjectField("Department", .text(80)),
      SObjectField("Division", .text(80)), SObjectField("ManagerId", .reference(["User"])),
      SObjectField("FederationIdentifier", .text(512)), SObjectField("Title", .text(80)),
    ])

  private static let recordType = SObject(
    "RecordType", label: "Record Type", prefix: "012",
    system(owned: false) + [
      SObjectField("Name", .text(80)).required(), SObjectField("DeveloperName", .text(80)).required(),
      SObjectField("SobjectType", .text(40)).required(), SObjectField("IsActive", .bool).or(.bool(true)),
    ])
}

/// What a stage says of the opportunity that is in it.
struct OpportunityStage: Sendable {
  let name: String
  let probability: Int64
  let forecast: String
  var isWon: Bool { probability == 100 }
  var isClosed: Bool { isWon || forecast == "Omitted" }

  static let all = [
    OpportunityStage(name: "Prospecting", probability: 10, forecast: "Pipeline"),
    OpportunityStage(name: "Qualification", probability: 10, forecast: "Pipeline"),
    OpportunityStage(name: "Needs Analysis", probability: 20, forecast: "Pipeline"),
    OpportunityStage(name: "Value Proposition", probability: 50, forecast: "Pipeline"),
    OpportunityStage(name: "Id. Decision Makers", probability: 60, forecast: "Pipeline"),
    OpportunityStage(name: "Perception Analysis", probability: 70, forecast: "Best Case"),
    OpportunityStage(name: "Proposal/Price Quote", probability: 75, forecast: "Best Case"),
    OpportunityStage(name: "Negotiation/Review", probability: 90, forecast: "Commit"),
    OpportunityStage(name: "Closed Won", probability: 100, forecast: "Closed"),
    OpportunityStage(name: "Closed Lost", probability: 0, forecast: "Omitted"),
  ]
}
