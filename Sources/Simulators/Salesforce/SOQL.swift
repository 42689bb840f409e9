import Formats

/// A SOQL query as it was written; names are not looked up yet.
struct SOQL: Sendable {
  enum Item: Sendable {
    case path([String])
    /// A query over child records: `(SELECT Id FROM OpportunityLineItems)`.
    case children(SOQL)
  }

  enum Literal: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(ExactDecimal)
    case string(String)
    case date(CalendarDate)
    case instant(Instant)
  }

  enum Operator: String, Sendable {
    case equal = "=", notEqual = "!=", less = "<", greater = ">", lessOrEqual = "<=", greaterOrEqual = ">="
    case like = "LIKE"
  }

  indirect enum Condition: Sendable {
    case all([Condition])
    case any([Condition])
    case not(Condition)
    case compare([String], Operator, Literal)
    case membership([String], [Literal], isNegated: Bool)
  }

  struct Order: Sendable {
    let path: [String]
    let isDescending: Bool
    let nullsLast: Bool
  }

  var items: [Item] = []
  var isCount = false
  var from = ""
  var condition: Condition?
  var orders: [Order] = []
  var limit: Int?
  var offset = 0
}
