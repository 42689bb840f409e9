import Formats

/// A system outside: one Salesforce org, one NetSuite account, or a sender of plain JSON.
///
/// Two endpoints of the same org are one system, so that an event that arrives through both is one event.
public struct System: Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Sendable, CaseIterable {
    case salesforce, netsuite, json
    /// Ourselves: run requests, in the lanes of their pairs.
    case causeway
  }

  public let kind: Kind
  /// Salesforce: the organization's id, 18 characters. NetSuite: the account, as configured. JSON: the endpoint's name.
  /// Run requests: the entity's name.
  public let account: String

  public init(_ kind: Kind, _ account: String) {
    self.kind = kind
    self.account = account
  }

  /// `salesforce:00D7F00000107XsUAI`; `init(parsing:)` reads it back.
  public var description: String { "\(kind.rawValue):\(account)" }

  public init?(parsing text: String) {
    guard let colon = text.firstIndex(of: ":"), let kind = Kind(rawValue: String(text[..<colon])) else { return nil }
    self.init(kind, String(text[text.index(after: colon)...]))
  }
}

/// The two sides of an entity.
public enum Side: String, Hashable, Sendable, CaseIterable {
  case salesforce, netsuite

  public var other: Side { self == .salesforce ? .netsuite : .salesforce }
}

/// One record of one system: `Opportunity 0065g00000ABCDEAA1`, `salesOrder 4711`.
public struct RecordID: Hashable, Sendable, CustomStringConvertible {
  /// The record type as the system's write API spells it.
  public let type: String
  public let id: String

  public init(type: String, id: String) {
    self.type = type
    self.id = id
  }

  public var description: String { "\(type) \(id)" }
}
