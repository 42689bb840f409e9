import Formats

/// Create, update, upsert, delete: the ways in, with what every record type has in common.
extension Books {
  /// The lists that `?replace=` names: lines that the request does not match are removed.
  typealias Replaced = Set<String>

  mutating func create(_ type: RecordType, _ input: RecordInput, replaced: Replaced = []) throws(NetSuiteError) -> Int {
    if type.name == "itemFulfillment" {
      throw .user("An item fulfillment is made by transforming a sales order.")
    }
    let draft = Entry(type: type.name, id: 0)
    return try create(draft, type, input, replaced: replaced)
  }

  /// Finishes a draft that a transformation began, or an empty one.
  mutating func create(
    _ draft: Entry, _ type: RecordType, _ input: RecordInput, replaced: Replaced
  ) throws(NetSuiteError) -> Int {
    var entry = Entry(
      type: type.name, id: nextID(type.group), fields: draft.fields, lists: draft.lists, nextLine: draft.nextLine)
    try apply(input, to: &entry, type, replaced: replaced)
    try settle(&entry, type, before: nil, input: input)
    try check(entry, type)
    commit(entry, .create, Array(input.fields.keys) + Array(input.lists.keys))
    settleOthers(entry, before: nil)
    return entry.id
  }

  mutating func update(_ type: RecordType, _ id: Int, _ input: RecordInput, replaced: Replaced = [])
    throws(NetSuiteError)
  {
    guard let before = entry(type, id) else { throw .missing }
    guard !locked.contains(Key(group: type.group, id: id)) else { throw .locked }
    var entry = before
    try apply(input, to: &entry, type, replaced: replaced)
    try settle(&entry, type, before: before, input: input)
    try check(entry, type)
    let changed = Set(before.fields.keys).union(entry.fields.keys).filter { before[$0] != entry[$0] }
    let lists = Set(before.lists.keys).union(entry.lists.keys).filter { before.lists[$0] != entry.lists[$0] }
    commit(entry, .edit, changed.sorted() + lists.sorted())
    settleOthers(entry, before: before)
  }

  mutating func delete(_ type: RecordType, _ id: Int) throws(NetSuiteError) {
    guard let entry = entry(type, id) else { throw .missing }
    guard !locked.contains(Key(group: type.group, id: id)) else { throw .locked }
    guard !isUsed(entry, type) else {
      throw .user("This record cannot be deleted because it has dependent records.")
    }
    forget(entry)
    changes.append(Change(kind: .delete, type: entry.type, id: entry.id, changed: []))
    settleOthers(entry, before: entry)
  }

  private mutating func commit(_ entry: Entry, _ kind: Change.Kind, _ changed: [String]) {
    store(entry)
    changes.append(Change(kind: kind, type: entry.type, id: entry.id, changed: changed.sorted()))
  }

  /// Body fields are set; null clears. Lines are matched by their key, and appended where there is none.
  private mutating func apply(
    _ input: RecordInput, to entry: inout Entry, _ type: RecordType, replaced: Replaced
  ) throws(NetSuiteError) {
    for (name, cell) in input.fields { entry[name] = cell }
    for sublist in type.sublists {
      guard let given = input.lists[sublist.name] else { continue }
      let old = entry.lists[sublist.name] ?? []
      guard case .elements(let elements) = given else {
        entry.lists[sublist.name] = []
        continue
      }
      var lines = old
      var touched: Set<Int> = []
      for element in elements {
        if let index = index(of: element, sublist, lines) {
          lines[index].fields.merge(element.fields) { $1 }
          touched.insert(lines[index].key)
        } else {
          let line = newLine(element.fields, &entry, sublist)
          touched.insert(line.key)
          lines.append(line)
        }
      }
      if replaced.contains(sublist.name.lowercased()) { lines.removeAll { !touched.contains($0.key) } }
      entry.lists[sublist.name] = lines
    }
  }

  private func index(of element: RecordInput.Element, _ sublist: Sublist, _ lines: [Line]) -> Int? {
    if let key = element.key { return lines.firstIndex { $0.key == key } }
    // The lines of a price list and of a payment are told apart by what they say.
    switch sublist.name {
    case "price":
      return lines.firstIndex {
        $0["currencyPage"] == element.fields["currencyPage"] && $0["priceLevel"] == element.fields["priceLevel"]
          && ($0["quantity"].number ?? .zero) == (element.fields["quantity"]?.number ?? .zero)
      }
    case "apply": return lines.firstIndex { $0["doc"] == element.fields["doc"] }
    case "item" where element.fields["orderLine"] != nil && lines.contains { !$0["orderLine"].isNull }:
      return lines.firstIndex { $0["orderLine"] == element.fields["orderLine"] }
    default: return nil
    }
  }

  mutating func newLine(_ fields: [String: Cell], _ entry: inout Entry, _ sublist: Sublist) -> Line {
    let key: Int
    if sublist.key == "internalId" {
      key = next("address", from: 501)
    } else {
      key = entry.nextLine[sublist.name] ?? 1
      entry.nextLine[sublist.name] = key + 1
    }
    return Line(key: key, unique: next("line", from: 5001), fields: fields)
  }

  // MARK: checks

  private func check(_ entry: Entry, _ type: RecordType) throws(NetSuiteError) {
    for field in type.fields where field.isRequired && entry[field.name].isNull { throw .mustEnter(field.label) }
    for sublist in type.sublists {
      for (index, line) in (entry.lists[sublist.name] ?? []).enumerated() {
        for field in sublist.fields where field.isRequired && line[field.name].isNull {
          throw .mustEnter(field.label, path: "\(sublist.name).items[\(index)]")
        }
      }
    }
    guard let external = entry["externalId"].text, let other = self.entry(externalID: external, type.group),
      other.id != entry.id
    else { return }
    let what = type.group == .entity ? "entity" : "record"
    throw .user("This \(what) already exists.", path: "externalId")
  }

  /// Whether other records point at this one in a way that keeps it.
  private func isUsed(_ entry: Entry, _ type: RecordType) -> Bool {
    let reference = entry.reference
    switch type.group {
    case .entity:
      return all(.transaction).contains { $0["entity"] == reference || $0["customer"] == reference }
        || all(.entity).contains { $0["parent"] == reference && $0.id != entry.id }
    case .item:
      return all(.transaction).contains { ($0.lists["item"] ?? []).contains { $0["item"] == reference } }
    case .transaction:
      return all(.transaction).contains {
        $0["createdFrom"] == reference
          || ($0.lists["apply"] ?? []).contains { $0["doc"] == reference && $0["apply"].isTrue }
      }
    case .list: return true
    }
  }
}
