import Events
import Expressions

/// What a configuration folder says of records: which are one thing, who owns what, and what sets a run off.
///
/// It was checked when it was loaded; nothing in it names what the schemas do not have.
public struct Blueprint: Sendable {
  /// By name.
  public internal(set) var entities: [Entity] = []
  /// By name.
  public internal(set) var flows: [Flow] = []
  public internal(set) var tables: [String: Table] = [:]
  /// What `named('…')` gives in this environment.
  public internal(set) var values: [String: String] = [:]
  public internal(set) var connections: [String: System.Kind] = [:]
  /// By connection: the built-in catalogue with the folder's `schema/<connection>.yaml`.
  public internal(set) var schemas: [String: Schema] = [:]

  public init() {}

  public func entity(_ name: String) -> Entity? { entities.first { $0.name == name } }
  public func flow(_ name: String) -> Flow? { flows.first { $0.name == name } }

  /// The schemas of an entity's record types on a side; one for most.
  func records(of side: EntitySide) -> [RecordSchema] {
    side.types.compactMap { schemas[side.connection]?.record($0) }
  }
}

extension Schema {
  /// NetSuite's events and SuiteScript say `salesorder`, its write API `salesOrder`: one record type.
  func record(_ type: String) -> RecordSchema? { self[type] ?? name(of: type).flatMap { self[$0] } }

  /// The type as this schema spells it.
  func name(of type: String) -> String? {
    if records[type] != nil { return type }
    let lower = type.lowercased()
    return records.keys.first { $0.lowercased() == lower }
  }
}
