import Events
import Expressions

/// One thing that has a record on both sides.
public struct Entity: Sendable {
  public let name: String
  public let place: ConfigNode.Place
  public internal(set) var salesforce: EntitySide
  public internal(set) var netsuite: EntitySide
  public internal(set) var link: Link
  /// On which side a record may be made, and when. A side that is not here has its records linked, never made.
  public internal(set) var create: [Side: Expression] = [:]
  public internal(set) var fields: [FieldRule] = []
  public internal(set) var list: ListRule?
  public internal(set) var reads: [ReadRule] = []
  public internal(set) var stamps: [Stamp] = []
  /// The field that people know a Salesforce record by, where it has one: `Name`.
  var label: String?

  public func side(_ side: Side) -> EntitySide { side == .salesforce ? salesforce : netsuite }

  func field(_ name: String) -> FieldRule? { fields.first { $0.name == name } }
}

/// Which records of which connection stand on one side.
public struct EntitySide: Sendable {
  public let side: Side
  public let connection: String
  /// As the write API spells them; several where the system has several types for one object (items).
  public let types: [String]
  /// `where`: records that do not meet it are of no concern to the entity.
  public internal(set) var condition: Expression?
}

/// How partners find each other.
public struct Link: Sendable {
  /// The field that holds the partner: on Salesforce the NetSuite id, on NetSuite `<connection>-<Salesforce id>`.
  public internal(set) var keys: [Side: String] = [:]
  /// For a first meeting: alternatives, each a list of fields (by name) that must all be there and equal.
  public internal(set) var match: [[String]] = []
  /// One match links by itself; else a person confirms.
  public internal(set) var confirmsSingle = false
}

/// What a side shows of its own state.
public struct Stamp: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    /// The partner's id.
    case id
    /// `synced` or `held`.
    case state
    /// Why it is held; blank otherwise.
    case message
  }

  public let side: Side
  public let kind: Kind
  public let field: String
}

/// Rows that belong to a pair and are no field of either record.
public struct ReadRule: Sendable {
  public let name: String
  public let place: ConfigNode.Place
  /// Whose query language it is.
  public let side: Side
  public internal(set) var query: Query
  /// One row, not a list of rows.
  public let isOne: Bool
  /// What the columns hold; systems answer queries in text.
  public let columns: [String: FieldSchema.Kind]
}
