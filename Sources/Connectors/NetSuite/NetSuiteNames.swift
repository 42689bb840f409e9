import Events
import Formats

/// Names of reference data become ids here: no id stands in a configuration.
extension NetSuiteConnector {
  /// The id of a value that may carry only a name. None or several of the name: held.
  func id(of value: FieldValue, _ list: String, _ field: String) async throws(Failure) -> String {
    if case .reference(let id?, _) = value { return id }
    guard let name = value.plain, !name.isEmpty else {
      throw .never(
        Reason(
          "reference-blank", .reference, "A reference to \(list) has neither id nor name.", side: .netsuite,
          field: field))
    }
    // The level of a price that was given by hand is in no table.
    if list == "priceLevel", name == "Custom" { return "-1" }
    let found = try await names.id(of: name, in: list) { () async throws(Failure) in
      let (table, condition) = Self.lookup(list)
      let places = condition.filter { $0 == "?" }.count
      let text = "SELECT t.id AS id FROM \(table) t WHERE \(condition) ORDER BY t.id"
      return try await self.rows(text, Array(repeating: name, count: places), limit: 2).compactMap { $0["id"]?.string }
    }
    return try found.one(name, list, .netsuite, field: field)
  }

  /// Where a list's names stand.
  private static func lookup(_ list: String) -> (table: String, condition: String) {
    switch list {
    case "currency": ("currency", "t.symbol = ? OR t.name = ?")
    case "customer": ("customer", "t.entityid = ? OR t.companyname = ?")
    case "employee", "contact": (list, "t.entityid = ?")
    case _ where NetSuiteReadings.items[list] != nil: ("item", "t.itemid = ?")
    default: (NetSuiteReadings.lists[list]?.table ?? list.lowercased(), "t.name = ?")
    }
  }
}
