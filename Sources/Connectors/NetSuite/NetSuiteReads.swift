import Events
import Formats

extension NetSuiteConnector {
  /// Where a type is read: the catalogue's, or a custom record's, whose table and columns bear its own names.
  func readings(of type: String) throws(Failure) -> RecordReadings {
    if let name = NetSuiteReadings.name(of: type), let readings = NetSuiteReadings.all[name] { return readings }
    let lower = type.lowercased()
    guard lower.hasPrefix("customrecord") else {
      throw unknown("\(type) is a record type of NetSuite that has no known reading.", nil)
    }
    return RecordReadings(
      table: lower, group: .none,
      fields: Reading.union(
        Reading.fields("id", .text, readOnly: true), Reading.fields("name externalId", .text),
        Reading.fields("isInactive", .bool)), custom: "custrecord")
  }

  func reading(_ name: String, _ type: String, _ readings: RecordReadings) throws(Failure) -> Reading {
    if let reading = readings.fields[name] { return reading }
    if let kind = custom(name, in: ownSchema(type)?.fields) { return Self.custom(name, kind, of: "t") }
    throw unknown("\(name) of \(type) has no known reading in SuiteQL.", name)
  }

  /// The type as the catalogue spells it; events say `salesorder`.
  func canonical(_ type: String) -> String { NetSuiteReadings.name(of: type) ?? type }

  private func ownSchema(_ type: String) -> RecordSchema? { schema[canonical(type)] ?? schema[type] }

  private func custom(_ name: String, in fields: [String: FieldSchema]?) -> FieldSchema.Kind? {
    name.lowercased().hasPrefix("cust") ? fields?[name]?.kind : nil
  }

  /// Custom fields are columns of their own name.
  static func custom(_ name: String, _ kind: FieldSchema.Kind, of alias: String) -> Reading {
    let form: Reading.Form =
      switch kind {
      case .choice, .record: .displayed
      default: .plain
      }
    return Reading(kind: kind, column: "\(alias).\(name.lowercased())", form: form)
  }

  func unknown(_ sentence: String, _ field: String?) -> Failure {
    .never(Reason("no-reading", .configuration, sentence, side: .netsuite, field: field))
  }

  // MARK: records

  func records(
    _ type: String, _ conditions: [SuiteQL.Condition], limit: Int, _ shape: RecordShape
  ) async throws(Failure) -> [Record] {
    let readings = try readings(of: type)
    var chosen: [(name: String, reading: Reading)] = []
    for name in shape.fields.sorted() { chosen.append((name, try reading(name, type, readings))) }
    var selection = Selection(chosen)
    for condition in conditions { selection.add(condition.joins) }
    let isAnyItem = canonical(type) == "item"
    let columns = ["t.id AS id"] + selection.columns + (isAnyItem ? ["t.itemtype AS it", "t.subtype AS st"] : [])
    let all = conditions.map(\.text) + [readings.only].compactMap { $0 }
    let text =
      "SELECT \(columns.joined(separator: ", ")) FROM \(readings.table) t"
      + selection.joins.map { " " + $0 }.joined()
      + (all.isEmpty ? "" : " WHERE " + all.joined(separator: " AND ")) + " ORDER BY t.id"
    var records: [Record] = []
    for row in try await rows(text, conditions.flatMap(\.parameters), limit: limit) {
      guard let id = row["id"]?.string else { throw .malformed("a row without an id", .netsuite) }
      let own = isAnyItem ? itemType(row) ?? type : canonical(type)
      var record = Record(id: RecordID(type: own, id: id), fields: selection.values(row))
      try await complete(&record, chosen)
      for list in shape.lists { record.lists[list.name] = try await elements(list, of: record.id, readings) }
      records.append(record)
    }
    return records
  }

  private func itemType(_ row: JSONObject) -> String? {
    let type = row["it"]?.string
    let subtype = row["st"]?.string
    return NetSuiteReadings.itemTypes.first { $0.type == type && ($0.subtype == nil || $0.subtype == subtype) }?.name
  }

  /// What is not a column: sums over lines, and the type itself.
  private func complete(_ record: inout Record, _ chosen: [(name: String, reading: Reading)]) async throws(Failure) {
    for (name, reading) in chosen {
      switch reading.form {
      case .recordType: record.fields[name] = .text(record.id.type)
      case .sum(let condition):
        let text =
          "SELECT SUM(\(reading.column)) AS f0 FROM transactionline l WHERE l.transaction = ? AND \(condition)"
        let row = try await rows(text, [record.id.id], limit: 1).first ?? JSONObject()
        if case .number(let sum) = SuiteQL.value(row, "f0", reading.kind) {
          record.fields[name] = .number(sum.negated)
        } else {
          record.fields[name] = .number(.zero)
        }
      default: continue
      }
    }
  }

  // MARK: lists

  private func elements(
    _ list: ListShape, of id: RecordID, _ readings: RecordReadings
  ) async throws(Failure) -> [ListElement] {
    if let parent = list.parent { return try await children(list, parent, of: id) }
    guard let sublist = readings.lists[list.name] else {
      throw unknown("The list \(list.name) of \(id.type) has no known reading in SuiteQL.", list.name)
    }
    let own = ownSchema(id.type)?.lists[list.name]?.fields
    var chosen: [(name: String, reading: Reading)] = []
    for name in list.fields.sorted() {
      if let reading = sublist.fields[name] {
        chosen.append((name, reading))
      } else if let key = sublist.key, key.name == name {
        chosen.append((name, Reading(kind: .text, column: key.column)))
      } else if let kind = custom(name, in: own) {
        chosen.append((name, Self.custom(name, kind, of: "l")))
      } else {
        throw unknown("\(name) of \(list.name) of \(id.type) has no known reading in SuiteQL.", "\(list.name).\(name)")
      }
    }
    let selection = Selection(chosen)
    let columns = [sublist.key.map { "\($0.column) AS k" }].compactMap { $0 } + selection.columns
    let conditions = ["\(sublist.parent) = ?", sublist.only].compactMap { $0 }.joined(separator: " AND ")
    let text =
      "SELECT \((columns.isEmpty ? [sublist.parent + " AS k"] : columns).joined(separator: ", ")) FROM \(sublist.from)"
      + selection.joins.map { " " + $0 }.joined() + " WHERE \(conditions) ORDER BY \(sublist.order)"
    return try await rows(text, [id.id]).map { row in
      ListElement(key: sublist.key == nil ? nil : row["k"]?.string, fields: selection.values(row))
    }
  }

  /// Records that point at this one.
  private func children(_ list: ListShape, _ parent: String, of id: RecordID) async throws(Failure) -> [ListElement] {
    let readings = try readings(of: list.name)
    let condition = SuiteQL.Condition("\(try reading(parent, list.name, readings).column) = ?", [id.id])
    let found = try await records(list.name, [condition], limit: SuiteQL.mostRows, RecordShape(fields: list.fields))
    return found.map { ListElement(key: $0.id.id, fields: $0.fields) }
  }

  // MARK: conditions

  func condition(_ reading: Reading, _ value: FieldValue, field: String) async throws(Failure) -> SuiteQL.Condition {
    let joins = reading.join?.all ?? []
    switch reading.form {
    case .sum, .recordType, .negated: throw unknown("\(field) cannot be searched for in NetSuite.", field)
    default: break
    }
    if value.isBlank { return SuiteQL.Condition("\(reading.column) IS NULL", joins: joins) }
    var bound = SuiteQL.bound(value)
    switch reading.kind {
    case .choice(let list?):
      if case .reference(let id?, _) = value { bound = id } else { bound = try await self.id(of: value, list, field) }
    case .record(let types):
      if case .reference(nil, _) = value, let type = types.first { bound = try await self.id(of: value, type, field) }
    default: break
    }
    return SuiteQL.Condition("\(reading.column) = \(SuiteQL.place(value))", [bound], joins: joins)
  }
}
