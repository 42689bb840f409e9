import Events

/// Items and the lists that other records choose from.
extension NetSuiteReadings {
  /// The item types and what `itemtype` and `subtype` say of each.
  static let itemTypes: [(name: String, type: String, subtype: String?)] = [
    ("inventoryItem", "InvtPart", nil), ("nonInventorySaleItem", "NonInvtPart", "Sale"),
    ("nonInventoryResaleItem", "NonInvtPart", "Resale"), ("serviceSaleItem", "Service", "Sale"),
    ("serviceResaleItem", "Service", "Resale"), ("assemblyItem", "Assembly", nil), ("kitItem", "Kit", nil),
    ("itemGroup", "Group", nil), ("discountItem", "Discount", nil), ("otherChargeSaleItem", "OthCharge", "Sale"),
    ("otherChargeResaleItem", "OthCharge", "Resale"),
  ]

  static let itemNames = itemTypes.map(\.name)

  /// Each type by itself, and `item` for any of them, which can only be read.
  static let items: [String: RecordReadings] = {
    var all = ["item": item(nil)]
    for entry in itemTypes {
      let subtype = entry.subtype.map { " AND t.subtype = '\($0)'" } ?? ""
      all[entry.name] = item("t.itemtype = '\(entry.type)'" + subtype)
    }
    return all
  }()

  private static func item(_ only: String?) -> RecordReadings {
    RecordReadings(table: "item", group: .item, only: only, fields: itemFields, custom: "custitem")
  }

  private static let itemFields = Reading.union(
    common(created: "createddate"),
    Reading.fields("itemId displayName salesDescription=description upcCode", .text),
    Reading.fields("isInactive isFulfillable", .bool), Reading.fields("weight", .number),
    Reading.fields("class", .choice(list: "classification"), .displayed),
    Reading.fields("parent", .record(itemNames), .displayed),
    Reading.fields("incomeAccount", .choice(list: "account"), .displayed),
    Reading.fields("itemType fullName", .text, readOnly: true))

  /// Lists by the names that choices give; what a name is looked up in.
  static let lists: [String: RecordReadings] = [
    "term": list("term", Reading.fields("daysUntilNetDue", .number)),
    "currency": list("currency", Reading.fields("symbol", .text)),
    "subsidiary": list("subsidiary"), "priceLevel": list("pricelevel"), "location": list("location"),
    "department": list("department"), "classification": list("classification"),
    "customerCategory": list("customercategory"), "customerStatus": list("customerstatus"),
    "shipItem": list("shipitem"), "paymentMethod": list("paymentmethod"), "account": list("account"),
  ]

  private static func list(_ table: String, _ more: [String: Reading] = [:]) -> RecordReadings {
    RecordReadings(
      table: table, group: .none,
      fields: Reading.union(
        Reading.fields("id", .text, readOnly: true), Reading.fields("name", .text),
        Reading.fields("isInactive", .bool), more), custom: "custrecord")
  }
}
