import Events
import Expressions

/// Lines that both sides have, told apart by a key. Owned by Salesforce, written to NetSuite.
public struct ListRule: Sendable {
  /// What an element gets that only the other side has.
  public enum Extra: String, Sendable, CaseIterable { case hold, keep, delete }

  public let name: String
  public let place: ConfigNode.Place
  public internal(set) var salesforce: ListSide
  public internal(set) var netsuite: ListSide
  /// The field that holds the key: `Id` and `custcol_crm_line`.
  public internal(set) var keys: [Side: String]
  public internal(set) var extra: Extra
  /// Elements for which it holds are never rewritten; the change is held.
  public internal(set) var locked: Expression?
  public internal(set) var fields: [FieldRule]

  public var source: Side { .salesforce }
  public var target: Side { .netsuite }
  public func side(_ side: Side) -> ListSide { side == .salesforce ? salesforce : netsuite }
}

/// A sublist of the record itself, or child records that point at it.
public struct ListSide: Sendable {
  public let side: Side
  /// The sublist's name, or the children's record type.
  public let name: String
  /// Child records: their field that holds the parent's id.
  public let parent: String?
  /// Child records: the field they are ordered by.
  public let order: String?
  public internal(set) var condition: Expression?
}
