import Events

/// A table of values: what a term, a status or a country is called on the other side.
public struct Table: Sendable {
  public enum Unknown: Sendable, Hashable {
    case hold, blank
    /// This value for everything that has no row.
    case use(String)
  }

  public struct Row: Sendable, Hashable {
    public let salesforce: String
    public let netsuite: String
    /// The only direction it holds in; nil: both.
    public let to: Side?
  }

  public let name: String
  public let place: ConfigNode.Place
  public internal(set) var rows: [Row]
  public internal(set) var unknown: [Side: Unknown]

  public enum Answer: Sendable, Hashable {
    case value(String)
    case blank
    case hold
  }

  /// What `value` is called on a side. Text is compared exactly.
  public func answer(for value: String, to side: Side) -> Answer {
    let row = rows.first { row in
      (row.to == nil || row.to == side) && (side == .netsuite ? row.salesforce : row.netsuite) == value
    }
    if let row { return .value(side == .netsuite ? row.netsuite : row.salesforce) }
    switch unknown[side] ?? .hold {
    case .hold: return .hold
    case .blank: return .blank
    case .use(let value): return .value(value)
    }
  }
}
