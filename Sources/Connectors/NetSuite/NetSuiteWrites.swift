import Client
import Events
import Formats
import HTTP

extension NetSuiteConnector {
  public func write(_ write: RecordWrite) async throws(Failure) -> RecordID {
    let type = canonical(write.type)
    guard type != "item" else {
      throw .never(
        Reason("item-type", .configuration, "An item is written as one of NetSuite's item types.", side: .netsuite))
    }
    let readings = try readings(of: type)
    var body = try await body(write, type, readings)
    let path = "/services/rest/record/v1/\(PercentCoding.encode(type))"
    switch write.target {
    case .create(let field, let externalID):
      body[field] = .string(externalID)
      return try await create(type, path, body, field, externalID, readings)
    case .update(let id):
      let record = RecordID(type: type, id: id)
      if body.isEmpty { return record }
      let replaced = write.lists.filter { !$0.removed.isEmpty }.map(\.name)
      let query = replaced.isEmpty ? "" : "?replace=" + replaced.joined(separator: ",")
      _ = try await call(.patch, "\(path)/\(PercentCoding.encode(id))\(query)", body, .write, record)
      return record
    }
  }

  /// A POST that carries the id, so that its repeat is refused; never a PUT, which would append lines again.
  private func create(
    _ type: String, _ path: String, _ body: JSONObject, _ field: String, _ externalID: String,
    _ readings: RecordReadings
  ) async throws(Failure) -> RecordID {
    // Only `externalId` is kept unique by NetSuite; another key has to be asked for.
    if field != "externalId" { try await refuse(taken: externalID, field, type, in: readings) }
    let response: ClientResponse
    do throws(Failure) {
      response = try await call(.post, path, body, .write, nil)
    } catch {
      // A duplicate's text does not say of what: of the external id, or of a name.
      if NetSuiteErrors.isDuplicate(error) { try await refuse(taken: externalID, field, type, in: readings) }
      throw error
    }
    let last = response.fields["Location"]?.split(separator: "/").last.map(String.init)
    guard let id = last, Digits.int(id) != nil else {
      throw .unknown(
        Reason("no-location", .unavailable, "NetSuite took a new \(type) and did not say its id.", side: .netsuite))
    }
    return RecordID(type: type, id: id)
  }

  /// External ids are unique over a group of record types (all transactions, all entities, all items), whatever the case.
  private func refuse(
    taken externalID: String, _ field: String, _ type: String, in readings: RecordReadings
  ) async throws(Failure) {
    let table = field == "externalId" && readings.group != .none ? readings.group.rawValue : readings.table
    let column = field.lowercased()
    let text = "SELECT t.id AS id FROM \(table) t WHERE UPPER(t.\(column)) = UPPER(?) ORDER BY t.id"
    guard let owner = try await rows(text, [externalID], limit: 1).first?["id"]?.string else { return }
    throw .never(
      Reason(
        "external-id-taken", .conflict, "A record of NetSuite has the \(field) {0} already.", quoted: [externalID],
        side: .netsuite, record: RecordID(type: type, id: owner), field: field))
  }

  // MARK: bodies

  private func body(
    _ write: RecordWrite, _ type: String, _ readings: RecordReadings
  ) async throws(Failure) -> JSONObject {
    var body = JSONObject()
    for (name, value) in write.fields.sorted(by: { $0.key < $1.key }) {
      let json = try await json(value, try reading(name, type, readings), field: name)
      // `shippingAddress.addr1` stands in a record inside.
      if let dot = name.firstIndex(of: ".") {
        let outer = String(name[..<dot])
        var inner = body[outer]?.object ?? JSONObject()
        inner[String(name[name.index(after: dot)...])] = json
        body[outer] = .object(inner)
      } else {
        body[name] = json
      }
    }
    for list in write.lists where !(list.elements.isEmpty && list.removed.isEmpty) {
      body[list.name] = ["items": .array(try await items(list, write, type, readings))]
    }
    return body
  }

  private func items(
    _ list: ListWrite, _ write: RecordWrite, _ type: String, _ readings: RecordReadings
  ) async throws(Failure) -> [JSON] {
    guard let sublist = readings.lists[list.name] else {
      throw unknown("The list \(list.name) of \(type) is not one that can be written.", list.name)
    }
    var items: [JSON] = []
    // Where a list is replaced, what is not named is gone: every element that stays is named by its key.
    if case .update(let id) = write.target, !list.removed.isEmpty {
      guard let key = sublist.key else {
        throw unknown("Elements of \(list.name) have no key; none can be removed.", list.name)
      }
      let named = Set(list.elements.compactMap(\.key) + list.removed)
      for present in try await keys(sublist, of: id) where !named.contains(present) {
        items.append([key.name: Self.key(present)])
      }
    }
    let custom = schema[type]?.lists[list.name]?.fields
    for (index, element) in list.elements.enumerated() {
      items.append(try await item(element, list.name, index, sublist, custom))
    }
    return items
  }

  private func item(
    _ element: ListElement, _ list: String, _ index: Int, _ sublist: ListReadings, _ custom: [String: FieldSchema]?
  ) async throws(Failure) -> JSON {
    var item = JSONObject()
    if let key = element.key, let name = sublist.key?.name { item[name] = Self.key(key) }
    var inside = JSONObject()
    for (name, value) in element.fields.sorted(by: { $0.key < $1.key }) {
      let place = "\(list)[\(index)].\(name)"
      let reading: Reading
      if let known = sublist.fields[name] {
        reading = known
      } else if name.lowercased().hasPrefix("cust"), let kind = custom?[name]?.kind {
        reading = Self.custom(name, kind, of: "l")
      } else {
        throw unknown("\(name) is not a field of \(list) that can be written.", place)
      }
      let json = try await json(value, reading, field: place)
      if sublist.inside?.fields.contains(name) ?? false { inside[name] = json } else { item[name] = json }
    }
    if let name = sublist.inside?.name, !inside.isEmpty { item[name] = .object(inside) }
    return .object(item)
  }

  private func keys(_ sublist: ListReadings, of id: String) async throws(Failure) -> [String] {
    guard let key = sublist.key else { return [] }
    let conditions = ["\(sublist.parent) = ?", sublist.only].compactMap { $0 }.joined(separator: " AND ")
    let text = "SELECT \(key.column) AS k FROM \(sublist.from) WHERE \(conditions) ORDER BY \(sublist.order)"
    return try await rows(text, [id]).compactMap { $0["k"]?.string }
  }

  private static func key(_ key: String) -> JSON { Digits.int(key).map { .number($0) } ?? .string(key) }

  private func json(_ value: FieldValue, _ reading: Reading, field: String) async throws(Failure) -> JSON {
    guard reading.isWritable else {
      throw .never(
        Reason("read-only", .configuration, "\(field) cannot be written in NetSuite.", side: .netsuite, field: field))
    }
    if case .null = value { return .null }
    if case .code(let codes) = reading.wire {
      guard let text = (codes.isEmpty ? value.plain : value.name) else { return .null }
      return text.isEmpty ? .null : ["id": .string(codes[text] ?? text)]
    }
    switch reading.kind {
    case .choice(let list):
      if value.isBlank { return .null }
      if let list { return ["id": .string(try await id(of: value, list, field))] }
      return value.plain.map { ["id": .string($0)] } ?? .null
    case .record(let types):
      if value.isBlank { return .null }
      if case .text(let id) = value { return ["id": .string(id)] }
      return ["id": .string(try await id(of: value, types.first ?? "", field))]
    default: return SalesforceValues.json(value)
    }
  }
}

extension FieldValue {
  /// What people see, before the id.
  var name: String? {
    if case .reference(let id, let name) = self { return name ?? id }
    return plain
  }
}
