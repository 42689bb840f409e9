import Events
import Foundation

@testable import Flows

/// A configuration folder that lives as long as a test.
final class SmallFolder {
  let path: String

  init(_ files: [String: String]) throws {
    path = NSTemporaryDirectory() + "flows-\(UUID().uuidString)"
    for (name, text) in files {
      let file = URL(fileURLWithPath: path + "/" + name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func load() -> (Blueprint?, [String]) {
    let (blueprint, problems) = Blueprint.load(
      folder: path, connections: ["crm": .salesforce, "erp": .netsuite],
      schemas: ["crm": SmallSchema.crm, "erp": SmallSchema.erp])
    return (blueprint, problems.map(\.description))
  }

  /// The folder that the repository brings along.
  static func leadToCash() -> (Blueprint?, [String]) {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let (blueprint, problems) = Blueprint.load(
      folder: root.path + "/deploy/lead-to-cash", connections: ["crm": .salesforce, "erp": .netsuite],
      schemas: ["crm": SmallSchema.crm, "erp": SmallSchema.erp])
    return (blueprint, problems.map(\.description))
  }
}

/// Just enough of both systems.
enum SmallSchema {
  static func fields(_ text: String, _ kinds: [String: FieldSchema.Kind] = [:], readOnly: String = "")
    -> [String: FieldSchema]
  {
    var all = kinds.mapValues { FieldSchema($0) }
    for name in text.split(separator: " ") { all[String(name)] = FieldSchema(.text) }
    for name in readOnly.split(separator: " ") {
      all[String(name)] = FieldSchema(all[String(name)]?.kind ?? .text, isWritable: false)
    }
    return all
  }

  static let crm = Schema(records: [
    "Account": RecordSchema(
      fields: fields(
        "Name Phone Fax Website Description BillingStreet BillingCity BillingStateCode BillingPostalCode "
          + "BillingCountryCode ShippingStreet ShippingCity ShippingStateCode ShippingPostalCode ShippingCountryCode",
        [
          "ParentId": .record(["Account"]), "CurrencyIsoCode": .choice(list: nil), "Employees": .number,
          "Active": .bool,
        ])),
    "Opportunity": RecordSchema(
      fields: fields(
        "Name",
        [
          "IsWon": .bool, "HasOpportunityLineItem": .bool, "AccountId": .record(["Account"]),
          "CurrencyIsoCode": .choice(list: nil), "CloseDate": .date,
        ], readOnly: "IsWon")),
    "OpportunityLineItem": RecordSchema(
      fields: fields(
        "Description",
        [
          "OpportunityId": .record(["Opportunity"]), "Product2Id": .record(["Product2"]), "Quantity": .number,
          "UnitPrice": .money, "SortOrder": .number,
        ])),
    "Product2": RecordSchema(fields: fields("Name ProductCode")),
  ])

  static let address = fields(
    "addr1 addr2 city state zip",
    ["country": .choice(list: "country"), "defaultBilling": .bool, "defaultShipping": .bool]
  )

  static let item = RecordSchema(fields: fields("itemId externalId"))
  static let transaction = RecordSchema(fields: fields("tranId", ["createdFrom": .record(["transaction"])]))

  static let erp = Schema(records: [
    "customer": RecordSchema(
      fields: fields(
        "companyName phone fax url comments vatRegNumber externalId entityId",
        [
          "isPerson": .bool, "subsidiary": .choice(list: "subsidiary"), "currency": .choice(list: "currency"),
          "parent": .record(["customer"]), "terms": .choice(list: "term"), "creditLimit": .money,
        ], readOnly: "entityId"),
      lists: ["addressBook": ListSchema(key: "internalId", fields: address)]),
    "salesOrder": RecordSchema(
      fields: fields(
        "tranId otherRefNum memo externalId",
        [
          "entity": .record(["customer"]), "currency": .choice(list: "currency"), "tranDate": .date, "shipDate": .date,
          "status": .choice(list: nil), "total": .money,
        ], readOnly: "tranId total"),
      lists: [
        "item": ListSchema(
          key: "line",
          fields: fields(
            "description",
            [
              "item": .record(["item"]), "quantity": .number, "price": .choice(list: "priceLevel"), "rate": .money,
              "quantityFulfilled": .number, "quantityBilled": .number, "isClosed": .bool,
            ]))
      ]),
    "inventoryItem": item, "nonInventorySaleItem": item, "serviceSaleItem": item, "assemblyItem": item, "kitItem": item,
    "itemFulfillment": transaction, "invoice": transaction, "cashSale": transaction, "customerPayment": transaction,
    "creditMemo": transaction,
  ])
}
