import Formats

/// The value of one field, as exact as the system that holds it.
public enum FieldValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(ExactDecimal)
  case text(String)
  case date(CalendarDate)
  case instant(Instant)
  /// A reference to a record or to a row of a list (`term`, `currency`). `id` is the system's; `name` is what people see.
  /// To write, one of the two is enough: the connector finds the id of a name, and says so where there is none.
  case reference(id: String?, name: String?)

  /// Null, or text of no characters: a blank equals only a blank.
  public var isBlank: Bool {
    switch self {
    case .null: true
    case .text(let text): text.isEmpty
    case .reference(let id, let name): id == nil && name == nil
    default: false
    }
  }
}

/// One element of a list: an order line, an address, a child record.
public struct ListElement: Hashable, Sendable {
  /// What the system tells elements apart by: NetSuite's `line`, an address's internal id, a child record's Id.
  /// Nil only in an element that is yet to be made.
  public var key: String?
  public var fields: [String: FieldValue]

  public init(key: String?, fields: [String: FieldValue]) {
    self.key = key
    self.fields = fields
  }
}

/// A record as it was read: the fields that were asked for, named as the write API names them, all of them there.
///
/// A field of a subrecord is named by its path (`shippingAddress.addr1`, `RecordType.DeveloperName`).
public struct Record: Hashable, Sendable {
  public var id: RecordID
  public var fields: [String: FieldValue]
  public var lists: [String: [ListElement]]

  public init(id: RecordID, fields: [String: FieldValue], lists: [String: [ListElement]] = [:]) {
    self.id = id
    self.fields = fields
    self.lists = lists
  }

  public subscript(field: String) -> FieldValue { fields[field] ?? .null }
}

/// What to read of a record.
public struct RecordShape: Hashable, Sendable {
  /// Paths of body fields.
  public var fields: Set<String>
  public var lists: [ListShape]

  public init(fields: Set<String>, lists: [ListShape] = []) {
    self.fields = fields
    self.lists = lists
  }
}

/// What to read of a list: a sublist of the record itself, or child records that point at it.
public struct ListShape: Hashable, Sendable {
  /// The name under which the elements stand in `Record.lists`: the sublist's, or the child's record type.
  public var name: String
  /// Child records only: the child's field that holds the parent's id. Nil: a sublist.
  public var parent: String?
  /// Child records only: the field they are ordered by.
  public var order: String?
  public var fields: Set<String>

  public init(name: String, parent: String? = nil, order: String? = nil, fields: Set<String>) {
    self.name = name
    self.parent = parent
    self.order = order
    self.fields = fields
  }
}

/// One write to one record: only what is to change.
public struct RecordWrite: Hashable, Sendable {
  public enum Target: Hashable, Sendable {
    /// `externalID` goes along, so that a repeat is refused. `field` is the key's field (`externalId`, `Ext__c`).
    case create(field: String, externalID: String)
    case update(id: String)
  }

  public var type: String
  public var target: Target
  public var fields: [String: FieldValue]
  public var lists: [ListWrite]

  public init(type: String, target: Target, fields: [String: FieldValue], lists: [ListWrite] = []) {
    self.type = type
    self.target = target
    self.fields = fields
    self.lists = lists
  }
}

/// Changes of one list, by key; never a blind append: an element without a key is one that a fresh read did not find.
public struct ListWrite: Hashable, Sendable {
  public var name: String
  /// In the order they are to stand. With a key: the fields to change. Without: a new element.
  public var elements: [ListElement]
  /// Keys of elements to remove.
  public var removed: [String]

  public init(name: String, elements: [ListElement], removed: [String] = []) {
    self.name = name
    self.elements = elements
    self.removed = removed
  }
}
