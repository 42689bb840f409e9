import Formats

/// A NetSuite account: its record types and its records. A value, without clock or socket.
///
/// A write is worked out whole on a copy of the record and stored only when every rule was content.
struct Books: Sendable {
  struct Key: Sendable, Hashable {
    let group: RecordType.Group
    let id: Int
  }

  struct Line: Sendable, Hashable {
    var key: Int
    var unique: Int
    var fields: [String: Cell]

    subscript(_ field: String) -> Cell {
      get { fields[field] ?? .null }
      set { fields[field] = newValue }
    }
  }

  struct Entry: Sendable {
    let type: String
    let id: Int
    var fields: [String: Cell] = [:]
    var lists: [String: [Line]] = [:]
    var nextLine: [String: Int] = [:]

    subscript(_ field: String) -> Cell {
      get { fields[field] ?? .null }
      set { fields[field] = newValue }
    }

    var reference: Cell { .text(String(id)) }
  }

  /// A committed change that a person, a script or an integration made; what rules changed in its wake is not in it.
  struct Change: Sendable, Hashable {
    enum Kind: String, Sendable { case create, edit, xedit, delete }
    let kind: Kind
    let type: String
    let id: Int
    let changed: [String]
  }

  let account: String
  private(set) var types: [String: RecordType] = [:]
  private(set) var entries: [Key: Entry] = [:]
  /// Each group's ids in the order they were made.
  private(set) var order: [RecordType.Group: [Int]] = [:]
  /// Lower-case external ids.
  private var externalIDs: [RecordType.Group: [String: Int]] = [:]
  private var counters: [String: Int] = [:]
  var changes: [Change] = []
  var now = Instant(secondsSince1970: 0)
  /// Offset of the account's time zone from UTC.
  var zoneSeconds: Int64 = -5 * 3600
  /// Whether what was not shipped can be billed; off, as in a new account.
  var invoicesInAdvance = false
  /// Records that a workflow has locked: reading them through REST loads them for editing, and fails too.
  var locked: Set<Key> = []

  init(account: String) {
    self.account = account
    for type in RecordCatalogue.all() { types[type.name.lowercased()] = type }
  }

  var today: CalendarDate { now.adding(seconds: zoneSeconds).date }

  func type(_ name: String) throws(NetSuiteError) -> RecordType {
    guard let type = types[name.lowercased()] else {
      throw NetSuiteError(
        "Record type '\(name)' does not exist.", code: "NONEXISTENT_ID", status: 404)
    }
    return type
  }

  /// Adds a custom field to a record type, or to the lines of one of its sublists.
  mutating func add(_ field: RecordField, to type: String, sublist: String? = nil) {
    guard var changed = types[type.lowercased()] else { return }
    if let sublist, let index = changed.sublists.firstIndex(where: { $0.name.lowercased() == sublist.lowercased() }) {
      changed.sublists[index].fields.append(field)
    } else {
      changed.fields.append(field)
    }
    types[type.lowercased()] = changed
  }

  // MARK: looking up

  func entry(_ type: RecordType, _ id: Int) -> Entry? {
    guard let entry = entries[Key(group: type.group, id: id)], entry.type == type.name else { return nil }
    return entry
  }

  /// A record by its id's text, of one of these types.
  func entry(_ id: String?, of names: [String]) -> Entry? {
    guard let id, let number = Self.number(id), let type = names.first.flatMap({ types[$0.lowercased()] }),
      let entry = entries[Key(group: type.group, id: number)], names.contains(entry.type)
    else { return nil }
    return entry
  }

  func entry(externalID: String, _ group: RecordType.Group) -> Entry? {
    externalIDs[group]?[externalID.lowercased()].flatMap { entries[Key(group: group, id: $0)] }
  }

  func all(_ group: RecordType.Group) -> [Entry] {
    (order[group] ?? []).compactMap { entries[Key(group: group, id: $0)] }
  }

  func all(_ type: String) -> [Entry] {
    guard let type = types[type.lowercased()] else { return [] }
    return all(type.group).filter { $0.type == type.name }
  }

  /// Ids are digits; special rows of lists have negative ones (`-1` Custom).
  static func number(_ text: String) -> Int? {
    let isNegative = text.hasPrefix("-")
    guard let value = Digits.int(isNegative ? text.dropFirst() : text[...], max: 1_000_000_000) else { return nil }
    return isNegative ? -Int(value) : Int(value)
  }

  // MARK: storing

  mutating func next(_ counter: String, from first: Int) -> Int {
    let number = counters[counter] ?? first
    counters[counter] = number + 1
    return number
  }

  mutating func nextID(_ group: RecordType.Group) -> Int {
    switch group {
    case .entity: next("entity", from: 101)
    case .item: next("item", from: 201)
    case .transaction: next("transaction", from: 1001)
    case .list(let name): next("list \(name)", from: 1)
    }
  }

  /// Stores an entry whose rules were checked, its times set, its external id indexed.
  mutating func store(_ entry: Entry) {
    guard let type = types[entry.type.lowercased()] else { return }
    let key = Key(group: type.group, id: entry.id)
    let old = entries[key]
    if let before = old?["externalId"].text { externalIDs[type.group]?[before.lowercased()] = nil }
    if let external = entry["externalId"].text {
      externalIDs[type.group, default: [:]][external.lowercased()] = entry.id
    }
    var stored = entry
    if old == nil {
      order[type.group, default: []].append(entry.id)
      stored["dateCreated"] = .instant(now)
      if type.group == .transaction { stored["createdDate"] = .instant(now) }
    }
    stored["lastModifiedDate"] = .instant(now)
    entries[key] = stored
  }

  mutating func forget(_ entry: Entry) {
    guard let type = types[entry.type.lowercased()] else { return }
    if let external = entry["externalId"].text { externalIDs[type.group]?[external.lowercased()] = nil }
    entries[Key(group: type.group, id: entry.id)] = nil
    order[type.group]?.removeAll { $0 == entry.id }
  }

  /// What people see of a record, and `refName` shows.
  func name(of entry: Entry) -> String {
    switch entry.type {
    case "customer", "employee", "contact":
      return [entry["entityId"].text, entry["altName"].text].compactMap { $0 }.joined(separator: " ")
    case let type where RecordCatalogue.items.contains(type): return entry["itemId"].text ?? ""
    case let type where RecordCatalogue.transactions.contains(type):
      return "\(types[type.lowercased()]?.label ?? type) #\(entry["tranId"].text ?? "")"
    default: return entry["name"].text ?? ""
    }
  }
}
