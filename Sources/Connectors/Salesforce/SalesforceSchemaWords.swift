import Events

/// The words in which the catalogue of standard objects is written.
extension StandardObjects {
  /// Field names by kind, blanks between them.
  static func fields(
    text: String = "", picklist: String = "", bool: String = "", money: String = "", number: String = "",
    date: String = "", instant: String = "", readOnly: Bool = false
  ) -> [String: FieldSchema] {
    let kinds: [(String, FieldSchema.Kind)] = [
      (text, .text), (picklist, .choice(list: nil)), (bool, .bool), (money, .money), (number, .number), (date, .date),
      (instant, .instant),
    ]
    var all: [String: FieldSchema] = [:]
    for (names, kind) in kinds {
      for name in names.split(separator: " ") { all[String(name)] = FieldSchema(kind, isWritable: !readOnly) }
    }
    return all
  }

  /// All of them; of two with one name the later.
  static func union(_ parts: [String: FieldSchema]...) -> [String: FieldSchema] {
    parts.reduce(into: [:]) { $0.merge($1) { _, later in later } }
  }

  static func references(_ targets: [String: [String]]) -> [String: FieldSchema] {
    targets.mapValues { FieldSchema(.record($0)) }
  }

  /// What every object has. `CurrencyIsoCode` exists in orgs with several currencies only.
  static let system = union(
    fields(text: "Id", bool: "IsDeleted", instant: "CreatedDate LastModifiedDate SystemModstamp", readOnly: true),
    fields(picklist: "CurrencyIsoCode"),
    ["CreatedById", "LastModifiedById"].reduce(into: [:]) {
      $0[$1] = FieldSchema(.record(["User"]), isWritable: false)
    })

  /// A compound address's parts. The codes exist in orgs with state and country picklists only.
  static func address(_ prefix: String) -> [String: FieldSchema] {
    var all: [String: FieldSchema] = [:]
    for part in ["Street", "City", "State", "StateCode", "PostalCode", "Country", "CountryCode"] {
      all[prefix + part] = FieldSchema(.text)
    }
    for part in ["Latitude", "Longitude"] { all[prefix + part] = FieldSchema(.number) }
    return all
  }
}
