import Formats

/// A Salesforce org: its objects, its records, and the rules under which they change. A value, without clock or socket.
///
/// Every change is checked whole before anything is stored; what it changed is remembered in `changes` for the outbound
/// messages, which go out after the commit.
struct Org: Sendable {
  struct Row: Sendable {
    let object: String
    let id: String
    var fields: [String: Cell]
    var isDeleted = false

    subscript(_ field: String) -> Cell { fields[field] ?? .null }
  }

  /// A committed change of one record.
  struct Change: Sendable, Hashable {
    enum Kind: Sendable { case create, update, delete }
    let kind: Kind
    let object: String
    let id: String
  }

  let organization: String
  /// By lower-case name.
  private(set) var objects: [String: SObject] = [:]
  var rows: [String: Row] = [:]
  /// Ids of each object's records, in the order they were made.
  private(set) var ids: [String: [String]] = [:]
  var changes: [Change] = []
  /// The user whose session changes things.
  var user = ""
  var now = Instant(secondsSince1970: 0, nanoseconds: 0)
  private var numbers: [String: UInt64] = [:]

  init(organization: String) {
    self.organization = organization
    for var object in StandardObjects.all() {
      for field in CustomFields.byObject[object.name] ?? [] { object.add(field) }
      objects[object.name.lowercased()] = object
    }
  }

  func object(_ name: String) throws(SalesforceError) -> SObject {
    guard let object = objects[name.lowercased()] else { throw .notFound }
    return object
  }

  /// Adds a custom field, as an administrator does in Setup.
  mutating func add(_ field: SObjectField, to object: String) {
    objects[object.lowercased()]?.add(field)
  }

  /// The live records of an object, in the order they were made.
  func all(_ object: String) -> [Row] {
    (ids[object] ?? []).compactMap { rows[$0] }.filter { !$0.isDeleted }
  }

  func live(_ id: String) -> Row? {
    guard let row = rows[id], !row.isDeleted else { return nil }
    return row
  }

  /// The record a path of the API names; 404 as Salesforce answers it.
  func row(_ object: SObject, _ id: String) throws(SalesforceError) -> Row {
    guard let full = SalesforceID.normalise(id) else {
      throw SalesforceError(404, "NOT_FOUND", "The requested resource does not exist")
    }
    guard let row = rows[full], row.object == object.name else {
      throw SalesforceError(404, "NOT_FOUND", "The requested resource does not exist")
    }
    guard !row.isDeleted else { throw .deleted }
    return row
  }

  mutating func nextID(_ prefix: String) -> String {
    let number = (numbers[prefix] ?? 0) + 1
    numbers[prefix] = number
    return SalesforceID.make(prefix: prefix, number: number)
  }

  /// Stores a row that was checked, and remembers the change.
  mutating func commit(_ row: Row, _ kind: Change.Kind) {
    if rows[row.id] == nil { ids[row.object, default: []].append(row.id) }
    rows[row.id] = row
    changes.append(Change(kind: kind, object: row.object, id: row.id))
  }

  /// Every write of a row sets who and when, to the second.
  mutating func stamp(_ row: inout Row, isNew: Bool) {
    let time = Cell.instant(Instant(secondsSince1970: now.secondsSince1970, nanoseconds: 0))
    if isNew {
      row.fields["CreatedDate"] = time
      row.fields["CreatedById"] = .text(user)
    }
    row.fields["LastModifiedDate"] = time
    row.fields["LastModifiedById"] = .text(user)
    row.fields["SystemModstamp"] = time
  }
}
