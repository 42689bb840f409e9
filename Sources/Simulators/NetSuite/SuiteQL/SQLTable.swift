/// Rows of a table as a query sees them. A column whose reference or list value people see by name has a twin, `name#df`.
struct SQLTable: Sendable {
  let columns: [String]
  let rows: [[Cell]]
  private let places: [String: Int]

  init(_ columns: [String], _ rows: [[Cell]]) {
    self.columns = columns
    self.rows = rows
    var places: [String: Int] = [:]
    for (index, name) in columns.enumerated() { places[name] = index }
    self.places = places
  }

  func place(_ column: String) -> Int? { places[column] }

  /// Those that `SELECT *` shows.
  var visible: [Int] { columns.indices.filter { !columns[$0].hasSuffix("#df") } }
}

/// What is known before the rows are made: a column of this alias can only have these values.
typealias SQLHints = [String: Set<String>]
