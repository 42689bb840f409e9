/// What the org knows of an object: its key prefix and its fields.
struct SObject: Sendable {
  let name: String
  let label: String
  let prefix: String
  private(set) var fields: [SObjectField]
  private var byName: [String: Int] = [:]
  private var byRelationship: [String: Int] = [:]

  init(_ name: String, label: String? = nil, prefix: String, _ fields: [SObjectField]) {
    self.name = name
    self.label = label ?? name
    self.prefix = prefix
    self.fields = []
    for field in fields { add(field) }
  }

  mutating func add(_ field: SObjectField) {
    byName[field.name.lowercased()] = fields.count
    if let relationship = field.relationship { byRelationship[relationship.lowercased()] = fields.count }
    fields.append(field)
  }

  /// Names are told apart without regard to case, as everywhere in Salesforce.
  subscript(_ name: String) -> SObjectField? { byName[name.lowercased()].map { fields[$0] } }

  /// The reference field behind a relationship's name: `Account` → `AccountId`, `Parent__r` → `Parent__c`.
  func reference(_ relationship: String) -> SObjectField? {
    byRelationship[relationship.lowercased()].map { fields[$0] }
  }
}

struct SObjectField: Sendable {
  enum Kind: Sendable, Hashable {
    case id
    case text(Int)
    /// Cannot be filtered on in a query.
    case longText(Int)
    case email, phone, url
    case picklist([String], restricted: Bool)
    case bool
    /// Rounded to its scale when it is stored.
    case number(precision: Int, scale: Int)
    case currency(scale: Int)
    case percent(scale: Int)
    case integer
    case date, dateTime
    case reference([String])
  }

  let name: String
  let kind: Kind
  var label: String
  var isRequired = false
  /// May be set when a record is made.
  var isCreatable = true
  /// May be set later.
  var isUpdatable = true
  var isExternalID = false
  var isUnique = false
  var fallback: Cell = .null

  init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
    label = name.hasSuffix("__c") ? name.dropLast(3).split(separator: "_").joined(separator: " ") : name
  }

  /// What a path calls the record that a reference points to.
  var relationship: String? {
    guard case .reference = kind else { return nil }
    if name.hasSuffix("__c") { return name.dropLast(3) + "__r" }
    return name.hasSuffix("Id") ? String(name.dropLast(2)) : name
  }

  var targets: [String] {
    if case .reference(let targets) = kind { return targets }
    return []
  }

  var isNumeric: Bool {
    switch kind {
    case .number, .currency, .percent, .integer: true
    default: false
    }
  }

  var isLongText: Bool {
    if case .longText = kind { return true }
    return false
  }

  // Words that a definition reads by.

  func required() -> Self { changed { $0.isRequired = true } }
  func readOnly() -> Self { changed { ($0.isCreatable, $0.isUpdatable) = (false, false) } }
  func createOnly() -> Self { changed { $0.isUpdatable = false } }
  func externalID(unique: Bool = true) -> Self { changed { ($0.isExternalID, $0.isUnique) = (true, unique) } }
  func or(_ fallback: Cell) -> Self { changed { $0.fallback = fallback } }

  private func changed(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }
}
