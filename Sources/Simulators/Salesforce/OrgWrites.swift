import Formats

/// Create, update, upsert and delete, with the checks of the platform in the platform's order.
extension Org {
  /// The new record's id.
  mutating func create(_ objectName: String, _ body: JSONObject) throws(SalesforceError) -> String {
    let object = try object(objectName)
    var given = try values(body, object, isNew: true)
    var fields: [String: Cell] = [:]
    for field in object.fields where !field.fallback.isNull { fields[field.name] = field.fallback }
    try resolve(&given, object)
    fields.merge(given) { $1 }
    if object["OwnerId"] != nil, fields["OwnerId"]?.isNull ?? true { fields["OwnerId"] = .text(user) }
    for field in object.fields where fields[field.name] == nil { fields[field.name] = .null }
    let missing = object.fields.filter { $0.isRequired && fields[$0.name]?.isNull != false }.map(\.name)
    guard missing.isEmpty else { throw Self.missing(missing) }

    var row = Row(object: object.name, id: nextID(object.prefix), fields: fields)
    row.fields["Id"] = .text(row.id)
    try checkUnique(row, object, given: Set(given.keys))
    try derive(&row, before: nil, given: Set(given.keys))
    stamp(&row, isNew: true)
    commit(row, .create)
    try settleParents(of: row, before: nil)
    return row.id
  }

  mutating func update(_ objectName: String, _ id: String, _ body: JSONObject) throws(SalesforceError) {
    let object = try object(objectName)
    let before = try row(object, id)
    var given = try values(body, object, isNew: false)
    try resolve(&given, object)
    let blank = object.fields.filter { $0.isRequired && given[$0.name]?.isNull == true }.map(\.name)
    guard blank.isEmpty else { throw Self.missing(blank) }
    var row = before
    row.fields.merge(given) { $1 }
    try checkUnique(row, object, given: Set(given.keys))
    try derive(&row, before: before, given: Set(given.keys))
    stamp(&row, isNew: false)
    commit(row, .update)
    try settleParents(of: row, before: before)
  }

  enum Upserted: Equatable { case created(String), updated(String) }

  /// By external id: creates, updates, or refuses where several records match (300).
  mutating func upsert(
    _ objectName: String, by fieldName: String, _ value: String, _ body: JSONObject, updateOnly: Bool = false
  ) throws(SalesforceError) -> Upserted {
    let object = try object(objectName)
    guard let field = object[fieldName], field.isExternalID || field.kind == .id else {
      throw SalesforceError(
        404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: \(fieldName)")
    }
    if body.keys.contains(where: { $0.lowercased() == field.name.lowercased() }) {
      throw SalesforceError(
        "INVALID_FIELD",
        "The \(field.name) field should not be specified in the sobject data.", fields: [field.name])
    }
    let wanted = try field.cell(from: .string(value))
    let found = all(object.name).filter { Self.isSame($0[field.name], wanted) }
    guard found.count <= 1 else {
      throw SalesforceError(300, "MULTIPLE", found.map(\.id).joined(separator: ","))
    }
    if let row = found.first {
      try update(object.name, row.id, body)
      return .updated(row.id)
    }
    guard !updateOnly, field.kind != .id else { throw .notFound }
    var all = body
    all[field.name] = .string(value)
    return .created(try create(object.name, all))
  }

  mutating func delete(_ objectName: String, _ id: String) throws(SalesforceError) {
    let object = try object(objectName)
    var row = try row(object, id)
    if object.name == "PricebookEntry",
      all("OpportunityLineItem").contains(where: { $0["PricebookEntryId"] == .text(row.id) })
    {
      throw SalesforceError(
        "DELETE_FAILED",
        "Your attempt to delete \(row.id) could not be completed because it is associated with opportunity products.")
    }
    row.isDeleted = true
    row.fields["IsDeleted"] = .bool(true)
    stamp(&row, isNew: false)
    commit(row, .delete)
    for child in children(of: row) { try delete(child.object, child.id) }
    try settleParents(of: row, before: row)
  }

  /// What goes when its parent goes.
  private func children(of row: Row) -> [Row] {
    let owned = [
      "Account": [("Contact", "AccountId"), ("Opportunity", "AccountId")],
      "Opportunity": [("OpportunityLineItem", "OpportunityId")], "Product2": [("PricebookEntry", "Product2Id")],
    ]
    return (owned[row.object] ?? []).flatMap { object, field in all(object).filter { $0[field] == .text(row.id) } }
  }

  // MARK: checks

  /// The body's fields by their right names, read by type.
  private func values(_ body: JSONObject, _ object: SObject, isNew: Bool) throws(SalesforceError) -> [String: Cell] {
    var cells: [String: Cell] = [:]
    var unwritable: [String] = []
    for (key, json) in body.members where key != "attributes" {
      guard let field = object[key] else { throw .noColumn(key, object.name) }
      guard isNew ? field.isCreatable : field.isUpdatable else {
        unwritable.append(field.name)
        continue
      }
      cells[field.name] = try field.cell(from: json)
      if field.kind == .bool, json.isNull { cells[field.name] = .bool(false) }
    }
    guard unwritable.isEmpty else {
      throw SalesforceError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "Unable to create/update fields: \(unwritable.joined(separator: ", ")). Please check the security settings of "
          + "this field and verify that it is read/write for your profile or permission set.", fields: unwritable)
    }
    return cells
  }

  /// Every reference points at a record that is there, of a right object.
  private func resolve(_ given: inout [String: Cell], _ object: SObject) throws(SalesforceError) {
    for field in object.fields where !field.targets.isEmpty {
      guard let id = given[field.name]?.text else { continue }
      let prefixes = field.targets.compactMap { objects[$0.lowercased()]?.prefix }
      guard prefixes.contains(String(id.prefix(3))) else { throw .malformedID(field.label, id) }
      guard let target = rows[id], !target.isDeleted else {
        if rows[id]?.isDeleted == true {
          throw SalesforceError("ENTITY_IS_DELETED", "entity is deleted", fields: [])
        }
        throw SalesforceError("INVALID_CROSS_REFERENCE_KEY", SalesforceError.badReference, fields: [field.name])
      }
    }
  }

  private func checkUnique(_ row: Row, _ object: SObject, given: Set<String>) throws(SalesforceError) {
    for field in object.fields where field.isUnique && given.contains(field.name) && !row[field.name].isNull {
      guard
        let other = all(object.name).first(where: { $0.id != row.id && Self.isSame($0[field.name], row[field.name]) })
      else { continue }
      throw SalesforceError(
        "DUPLICATE_VALUE",
        "duplicate value found: \(field.name) duplicates value on record with id: \(other.id)", fields: [])
    }
  }

  /// Text is compared without regard to case.
  static func isSame(_ left: Cell, _ right: Cell) -> Bool {
    if let left = left.text, let right = right.text { return left.lowercased() == right.lowercased() }
    return left == right
  }

  private static func missing(_ fields: [String]) -> SalesforceError {
    SalesforceError(
      "REQUIRED_FIELD_MISSING", "Required fields are missing: [\(fields.joined(separator: ", "))]", fields: fields)
  }
}
