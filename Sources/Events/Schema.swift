/// What is known of a connection's records: which fields there are and of which type.
///
/// Field names are those of the write API. `check` refuses a name that is not here.
public struct Schema: Sendable, Equatable {
  public var records: [String: RecordSchema]

  public init(records: [String: RecordSchema]) {
    self.records = records
  }

  public subscript(record: String) -> RecordSchema? { records[record] }
}

public struct RecordSchema: Sendable, Equatable {
  /// By path: `Name`, `RecordType.DeveloperName`, `shippingAddress.addr1`.
  public var fields: [String: FieldSchema]
  /// Sublists by name. Child records of Salesforce are record types of their own.
  public var lists: [String: ListSchema]

  public init(fields: [String: FieldSchema], lists: [String: ListSchema] = [:]) {
    self.fields = fields
    self.lists = lists
  }
}

public struct ListSchema: Sendable, Equatable {
  /// The field that holds an element's key (`line`, `internalId`); nil where the system gives none.
  public var key: String?
  public var fields: [String: FieldSchema]

  public init(key: String?, fields: [String: FieldSchema]) {
    self.key = key
    self.fields = fields
  }
}

public struct FieldSchema: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case text, bool, number, money, date, instant
    /// Goes by name: a row of a list of the system (`term`, `currency`), or a picklist (the list is nil).
    case choice(list: String?)
    /// Goes by id: a reference to a record of one of these types.
    case record([String])
  }

  public var kind: Kind
  public var isWritable: Bool

  public init(_ kind: Kind, isWritable: Bool = true) {
    self.kind = kind
    self.isWritable = isWritable
  }
}
