import Events

extension Schema {
  /// The standard records of a NetSuite account that configurations speak of, before an account's custom fields are
  /// merged in: those that have a known reading, and no others.
  public static let netsuite = Schema(records: NetSuiteReadings.all.mapValues(\.schema))
}

/// The catalogue: for each record type, where SuiteQL has what the record API names (facts: SuiteTalk REST and SuiteQL).
enum NetSuiteReadings {
  static let all: [String: RecordReadings] = {
    var all = entities
    all.merge(items) { $1 }
    all.merge(transactions) { $1 }
    all.merge(lists) { $1 }
    return all
  }()

  /// Names compare ignoring case: events say `salesorder`.
  static func name(of type: String) -> String? { spelled[type.lowercased()] }

  private static let spelled = Dictionary(uniqueKeysWithValues: all.keys.map { ($0.lowercased(), $0) })

  /// What every record has.
  static func common(created: String = "datecreated") -> [String: Reading] {
    Reading.union(
      Reading.fields("id", .text, readOnly: true), Reading.fields("externalId", .text),
      Reading.fields("lastModifiedDate dateCreated=\(created)", .instant, readOnly: true),
      Reading.one("recordType", .text, "t.id", .recordType, readOnly: true))
  }

  // MARK: joins

  static let currency = Join(text: "currency cur ON cur.id = t.currency")
  /// A customer's subsidiaries are a table of their own.
  static let primary = Join(text: "customersubsidiaryrelationship csr ON csr.entity = t.id AND csr.isprimarysub = 'T'")
  static let primaryName = Join(text: "subsidiary sub ON sub.id = csr.subsidiary", after: primary.all)
  static let ownSubsidiary = Join(text: "subsidiary sub ON sub.id = t.subsidiary")
  /// The header has neither source nor subsidiary nor classes; the main line has.
  static let mainLine = Join(text: "transactionline m ON m.transaction = t.id AND m.mainline = 'T'")
  static let mainSubsidiary = Join(text: "subsidiary sub ON sub.id = m.subsidiary", after: mainLine.all)

  /// Currencies go by their ISO code, which all environments share; their names do not.
  static let currencyField = Reading.one(
    "currency", .choice(list: "currency"), "t.currency", .named("cur.symbol"), join: currency)

  // MARK: entities

  static let addressParts = "addr1 addr2 addr3 city state zip addressee attention addrPhone"

  static let addressBook = ListReadings(
    from: "customeraddressbook l LEFT JOIN customeraddressbookentityaddress a ON a.nkey = l.addressbookaddress",
    parent: "l.entity", key: ("internalId", "l.internalid"), order: "l.internalid",
    fields: Reading.union(
      Reading.fields("defaultBilling defaultShipping isResidential", .bool, of: "l"),
      Reading.fields("label", .text, of: "l"), Reading.fields(addressParts, .text, of: "a"),
      Reading.fields("country", .text, of: "a", wire: .code([:]))),
    inside: ("addressBookAddress", Set((addressParts + " country").split(separator: " ").map(String.init))))

  static let entities: [String: RecordReadings] = [
    "customer": RecordReadings(
      table: "customer", group: .entity, fields: customer, lists: ["addressBook": addressBook], custom: "custentity"),
    "contact": RecordReadings(table: "contact", group: .entity, fields: contact, custom: "custentity"),
    "employee": RecordReadings(table: "employee", group: .entity, fields: employee, custom: "custentity"),
  ]

  private static let customer = Reading.union(
    common(),
    Reading.fields(
      "entityId companyName salutation firstName lastName email altEmail phone altPhone mobilePhone fax url "
        + "vatRegNumber accountNumber comments", .text),
    Reading.fields("isPerson isInactive taxable", .bool), Reading.fields("creditLimit", .money),
    Reading.fields("terms", .choice(list: "term"), .displayed),
    Reading.fields("priceLevel", .choice(list: "priceLevel"), .displayed),
    Reading.fields("category", .choice(list: "customerCategory"), .displayed),
    Reading.fields("entityStatus", .choice(list: "customerStatus"), .displayed),
    Reading.fields(
      "creditHoldOverride", .choice(list: nil), .displayed, wire: .code(["Auto": "AUTO", "On": "ON", "Off": "OFF"])),
    Reading.fields("parent", .record(["customer"]), .displayed),
    Reading.fields("salesRep", .record(["employee"]), .displayed),
    Reading.fields("altName fullName", .text, readOnly: true),
    Reading.fields("balance=balancesearch", .money, readOnly: true), currencyField,
    Reading.one(
      "subsidiary", .choice(list: "subsidiary"), "csr.subsidiary", .named("sub.name"), join: primaryName))

  private static let contact = Reading.union(
    common(), Reading.fields("entityId firstName lastName email phone title comments", .text),
    Reading.fields("isInactive", .bool), Reading.fields("company", .record(["customer"]), .displayed),
    Reading.one("subsidiary", .choice(list: "subsidiary"), "t.subsidiary", .named("sub.name"), join: ownSubsidiary))

  private static let employee = Reading.union(
    common(), Reading.fields("entityId firstName lastName email phone title", .text),
    Reading.fields("isSalesRep isInactive", .bool),
    Reading.one("subsidiary", .choice(list: "subsidiary"), "t.subsidiary", .named("sub.name"), join: ownSubsidiary))
}
