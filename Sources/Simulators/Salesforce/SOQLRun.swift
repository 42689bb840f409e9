import Formats

/// Runs a query over the org: names are looked up, literals checked against the fields' types, then rows chosen.
struct SOQLRun {
  let org: Org
  let version: String

  struct Answer {
    /// One JSON object a record, its `attributes` first.
    let records: [JSON]
    /// What COUNT() counted, where it was asked for.
    let count: Int?
  }

  func run(_ query: SOQL) throws(SalesforceError) -> Answer {
    guard let object = org.objects[query.from.lowercased()] else {
      throw SalesforceError(
        "INVALID_TYPE",
        "sObject type '\(query.from)' is not supported. If you are attempting to use a custom object, be sure to append "
          + "the '__c' after the entity name.")
    }
    guard query.offset <= 2000 else {
      throw SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
    }
    var rows = try chosen(query, object, among: candidates(query, object))
    rows = try sorted(rows, query, object)
    rows = Array(rows.dropFirst(query.offset).prefix(query.limit ?? .max))
    if query.isCount { return Answer(records: [], count: rows.count) }
    // Names are checked even where no row is found.
    for case .path(let path) in query.items { _ = try resolve(path, object) }
    var records: [JSON] = []
    for row in rows { records.append(.object(try show(row, query.items, object))) }
    return Answer(records: records, count: nil)
  }

  // MARK: rows

  /// Records that a top-level `Id =` or `Id IN` leaves, else all.
  private func candidates(_ query: SOQL, _ object: SObject) -> [Org.Row] {
    let conditions: [SOQL.Condition] =
      if case .all(let parts)? = query.condition { parts } else { query.condition.map { [$0] } ?? [] }
    for condition in conditions {
      let literals: [SOQL.Literal]
      switch condition {
      case .compare(let path, .equal, let literal) where path.map({ $0.lowercased() }) == ["id"]: literals = [literal]
      case .membership(let path, let list, false) where path.map({ $0.lowercased() }) == ["id"]: literals = list
      default: continue
      }
      var seen: Set<String> = []
      let ids = literals.compactMap { literal -> String? in
        if case .string(let text) = literal { return SalesforceID.normalise(text) }
        return nil
      }
      return ids.filter { seen.insert($0).inserted }.compactMap { org.live($0) }.filter { $0.object == object.name }
    }
    return org.all(object.name)
  }

  private func chosen(_ query: SOQL, _ object: SObject, among rows: [Org.Row]) throws(SalesforceError) -> [Org.Row] {
    guard let condition = query.condition else { return rows }
    try check(condition, object)
    var chosen: [Org.Row] = []
    for row in rows where try holds(condition, row, object) { chosen.append(row) }
    return chosen
  }

  private func sorted(_ rows: [Org.Row], _ query: SOQL, _ object: SObject) throws(SalesforceError) -> [Org.Row] {
    guard !query.orders.isEmpty else { return rows }
    var keyed: [(keys: [Cell], row: Org.Row)] = []
    for row in rows {
      var keys: [Cell] = []
      for order in query.orders { keys.append(try value(order.path, row, object).cell) }
      keyed.append((keys, row))
    }
    return keyed.enumerated().sorted { left, right in
      for (index, order) in query.orders.enumerated() {
        let (one, two) = (left.element.keys[index], right.element.keys[index])
        if one == two { continue }
        if one.isNull || two.isNull { return one.isNull != order.nullsLast }
        let isLess = SOQLCompare.isLess(one, two)
        if isLess || SOQLCompare.isLess(two, one) { return isLess != order.isDescending }
      }
      return left.offset < right.offset
    }.map(\.element.row)
  }

  // MARK: paths

  /// The field at the end of a path, by names as they are spelled.
  private func resolve(_ path: [String], _ object: SObject) throws(SalesforceError) -> (
    field: SObjectField, object: SObject
  ) {
    var path = path[...]
    // `SELECT Account.Name FROM Account` names the object itself first.
    if path.count > 1, path.first?.lowercased() == object.name.lowercased(), object.reference(path[0]) == nil {
      path = path.dropFirst()
    }
    var object = object
    while path.count > 1 {
      let relationship = path.removeFirst()
      guard let field = object.reference(relationship), let target = org.objects[field.targets[0].lowercased()] else {
        throw SalesforceError(
          "INVALID_FIELD",
          "Didn't understand relationship '\(relationship)' in field path. If you are attempting to use "
            + "a custom relationship, be sure to append the '__r' after the custom relationship name.")
      }
      object = target
    }
    let name = path[path.startIndex]
    guard let field = object[name] else {
      throw SalesforceError(
        "INVALID_FIELD",
        "No such column '\(name)' on entity '\(object.name)'. If you are attempting to use a custom "
          + "field, be sure to append the '__c' after the custom field name.")
    }
    return (field, object)
  }

  private func value(_ path: [String], _ row: Org.Row, _ object: SObject) throws(SalesforceError) -> (
    cell: Cell, field: SObjectField
  ) {
    let (field, _) = try resolve(path, object)
    var current: Org.Row? = row
    var type = object
    var steps = path[...]
    if steps.count > 1, steps.first?.lowercased() == object.name.lowercased(), object.reference(steps[0]) == nil {
      steps = steps.dropFirst()
    }
    for step in steps.dropLast() {
      guard let reference = type.reference(step) else { break }
      current = current?[reference.name].text.flatMap { org.rows[$0] }
      if let next = org.objects[reference.targets[0].lowercased()] { type = next }
    }
    return (current?[field.name] ?? .null, field)
  }

  // MARK: conditions

  private func check(_ condition: SOQL.Condition, _ object: SObject) throws(SalesforceError) {
    switch condition {
    case .all(let parts), .any(let parts): for part in parts { try check(part, object) }
    case .not(let inner): try check(inner, object)
    case .compare(let path, let comparison, let literal):
      let field = try resolve(path, object).field
      try SOQLCompare.check(literal, field, comparison)
    case .membership(let path, let literals, _):
      let field = try resolve(path, object).field
      for literal in literals { try SOQLCompare.check(literal, field, .equal) }
    }
  }

  private func holds(_ condition: SOQL.Condition, _ row: Org.Row, _ object: SObject) throws(SalesforceError) -> Bool {
    switch condition {
    case .all(let parts):
      for part in parts where try !holds(part, row, object) { return false }
      return true
    case .any(let parts):
      for part in parts where try holds(part, row, object) { return true }
      return false
    case .not(let inner): return try !holds(inner, row, object)
    case .compare(let path, let comparison, let literal):
      return SOQLCompare.holds(try value(path, row, object).cell, comparison, literal)
    case .membership(let path, let literals, let isNegated):
      let cell = try value(path, row, object).cell
      return literals.contains { SOQLCompare.holds(cell, .equal, $0) } != isNegated
    }
  }

  // MARK: showing

  private func show(_ row: Org.Row, _ items: [SOQL.Item], _ object: SObject) throws(SalesforceError) -> JSONObject {
    var shown = attributes(row)
    for item in items {
      switch item {
      case .path(let path): try add(path[...], of: row, object, to: &shown)
      case .children(let query): shown[query.from] = try children(query, of: row)
      }
    }
    return shown
  }

  func attributes(_ row: Org.Row) -> JSONObject {
    [
      "attributes": [
        "type": .string(row.object), "url": .string("/services/data/\(version)/sobjects/\(row.object)/\(row.id)"),
      ]
    ]
  }

  private func add(_ path: ArraySlice<String>, of row: Org.Row, _ object: SObject, to shown: inout JSONObject)
    throws(SalesforceError)
  {
    var path = path
    if path.count > 1, path.first?.lowercased() == object.name.lowercased(),
      object.reference(path[path.startIndex]) == nil
    {
      path = path.dropFirst()
    }
    guard path.count > 1 else {
      let (cell, field) = try value(Array(path), row, object)
      shown[field.name] = FieldShowing.json(cell, field.kind)
      return
    }
    guard let reference = object.reference(path[path.startIndex]), let relationship = reference.relationship,
      let target = org.objects[reference.targets[0].lowercased()]
    else { return }
    guard let parent = row[reference.name].text.flatMap({ org.rows[$0] }) else {
      shown[relationship] = .null
      return
    }
    var inner = shown[relationship]?.object ?? attributes(parent)
    try add(path.dropFirst(), of: parent, target, to: &inner)
    shown[relationship] = .object(inner)
  }

  private static let childRelationships: [String: (object: String, field: String)] = [
    "Account.opportunities": ("Opportunity", "AccountId"), "Account.contacts": ("Contact", "AccountId"),
    "Account.childaccounts": ("Account", "ParentId"),
    "Opportunity.opportunitylineitems": ("OpportunityLineItem", "OpportunityId"),
    "Product2.pricebookentries": ("PricebookEntry", "Product2Id"),
    "Pricebook2.pricebookentries": ("PricebookEntry", "Pricebook2Id"),
  ]

  private func children(_ query: SOQL, of row: Org.Row) throws(SalesforceError) -> JSON {
    guard let relation = Self.childRelationships["\(row.object).\(query.from.lowercased())"] else {
      throw SalesforceError(
        "INVALID_FIELD", "Didn't understand relationship '\(query.from)' in FROM part of query call.")
    }
    var inner = query
    inner.from = relation.object
    let own = SOQL.Condition.compare([relation.field], .equal, .string(row.id))
    inner.condition = query.condition.map { .all([own, $0]) } ?? own
    let records = try run(inner).records
    guard !records.isEmpty else { return .null }
    return ["totalSize": .number(Int64(records.count)), "done": true, "records": .array(records)]
  }
}
