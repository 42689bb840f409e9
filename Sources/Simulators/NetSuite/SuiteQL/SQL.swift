import Formats

/// A SuiteQL query as it was written.
struct SQLSelect: Sendable {
  enum Item: Sendable {
    case everything(of: String?)
    case expression(SQLExpression, name: String)
  }

  struct Source: Sendable {
    enum Join: Sendable { case cross, inner, left }
    let table: String
    let alias: String
    let join: Join
    let on: SQLExpression?
  }

  struct Order: Sendable {
    let expression: SQLExpression
    let isDescending: Bool
    let nullsFirst: Bool?
  }

  var isDistinct = false
  var items: [Item] = []
  var sources: [Source] = []
  var condition: SQLExpression?
  var groups: [SQLExpression] = []
  var having: SQLExpression?
  var orders: [Order] = []
  var limit: Int?
}

indirect enum SQLExpression: Sendable, Hashable {
  enum Operator: String, Sendable, Hashable {
    case add = "+", subtract = "-", multiply = "*", divide = "/", concatenate = "||"
    case equal = "=", notEqual = "<>", less = "<", greater = ">", lessOrEqual = "<=", greaterOrEqual = ">="
    case and = "AND", or = "OR"
  }

  case value(Cell)
  case parameter(Int)
  case column(table: String?, name: String)
  /// A column that was found: which source, which of its columns.
  case slot(Int, Int)
  case binary(Operator, SQLExpression, SQLExpression)
  case not(SQLExpression)
  case negative(SQLExpression)
  case isNull(SQLExpression, isNegated: Bool)
  case among(SQLExpression, [SQLExpression], isNegated: Bool)
  case between(SQLExpression, SQLExpression, SQLExpression, isNegated: Bool)
  case like(SQLExpression, SQLExpression, isNegated: Bool)
  case call(String, [SQLExpression], isDistinct: Bool)
  case countAll
  case cases([Branch], otherwise: SQLExpression)

  struct Branch: Sendable, Hashable {
    let condition: SQLExpression
    let value: SQLExpression
  }
}
