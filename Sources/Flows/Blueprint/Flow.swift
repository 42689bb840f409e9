import Events

/// What sets an entity's runs off.
public struct Flow: Sendable {
  public let name: String
  public let place: ConfigNode.Place
  public let entity: String
  public internal(set) var triggers: [Trigger]
}

/// One row of `on:`.
public struct Trigger: Sendable {
  /// How the event's record leads to the entity's.
  public enum Way: Sendable {
    /// It is the entity's record.
    case itself
    /// A field of the event's record holds the id of the entity's record on that side.
    case field(String)
    /// The first column of the rows is the id of the entity's record on that side.
    case query(Query)
  }

  public let place: ConfigNode.Place
  /// Whose event it is; the way leads to a record of the same side.
  public let side: Side
  /// As the write API spells it; compared without case.
  public let type: String
  public let way: Way
}
