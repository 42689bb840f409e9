import Events
import Expressions
import Formats

/// Expressions over a pair: binds both records and the rows that an expression names, and answers what lies outside.
struct Evaluation {
  enum Result: Hashable {
    case value(Value)
    /// Something is to be fetched; it was noted.
    case pending
    case held(Reason)
  }

  private let decider: Decider
  private let inquiry: Inquiry
  private let surroundings: Surroundings
  /// The variables of the two sides, made once.
  private var records: [String: Value]
  /// In a list: the record that the elements belong to.
  private let salesforce: Record?
  private let netsuite: Record?

  /// - Parameter to: the side that the result is for: which way `table` is read.
  init(_ decider: Decider, salesforce: Record?, netsuite: Record?, to side: Side, _ inquiry: Inquiry) {
    self.decider = decider
    self.inquiry = inquiry
    self.salesforce = salesforce
    self.netsuite = netsuite
    surroundings = Surroundings(decider.blueprint, to: side, inquiry)
    records = [
      "salesforce": Self.bind(salesforce, decider, .salesforce), "netsuite": Self.bind(netsuite, decider, .netsuite),
    ]
  }

  /// The same for an element of a list: `salesforce` and `netsuite` are the elements, `head` holds the records.
  func element(salesforce: ListElement?, netsuite: ListElement?, of list: ListRule) -> Evaluation {
    var copy = self
    copy.records = [
      "head": .map([
        "salesforce": records["salesforce"] ?? .null, "netsuite": records["netsuite"] ?? .null,
      ]),
      "salesforce": Self.bind(salesforce, decider, list.salesforce),
      "netsuite": Self.bind(netsuite, decider, list.netsuite),
    ]
    return copy
  }

  /// - Parameter what: what the expression is, for the reason why it could not be computed.
  func value(of expression: Expression, with value: Value? = nil, what: String) -> Result {
    var variables = records
    if let value { variables["value"] = value }
    for read in decider.entity.reads where expression.paths.contains(where: { $0.first == read.name }) {
      switch rows(of: read) {
      case .value(let rows): variables[read.name] = rows
      case let other: return other
      }
    }
    do {
      return .value(try expression.evaluate(variables, in: surroundings))
    } catch {
      if error.kind == .pending { return .pending }
      if let reason = surroundings.held { return .held(reason) }
      return .held(
        Reason(
          "expression-failed", .configuration, "\(what) could not be computed: \(error.message)",
          side: nil, record: salesforce?.id ?? netsuite?.id))
    }
  }

  /// A read's rows, or its one row; empty while the record that it is about is not there.
  private func rows(of read: ReadRule) -> Result {
    let isThere = read.side == .netsuite ? netsuite != nil : salesforce != nil
    guard isThere else { return .value(read.isOne ? Self.blankRow(read) : .list([])) }
    var parameters: [FieldValue] = []
    for parameter in read.query.parameters {
      switch value(of: parameter, what: "a parameter of `\(read.name)`") {
      case .value(let value): parameters.append(FieldValue(value))
      case let other: return other
      }
    }
    let need = Need.rows(
      read.side, connection: decider.entity.side(read.side).connection, query: read.query.text, parameters: parameters)
    guard let answer = inquiry.ask(need) else { return .pending }
    guard case .rows(let rows) = answer else { return .value(.list([])) }
    var values: [Value] = []
    for row in rows {
      switch Self.value(of: row, read) {
      case .success(let value): values.append(value)
      case .failure(let problem): return .held(problem.reason)
      }
    }
    guard read.isOne else { return .value(.list(values)) }
    guard values.count < 2 else {
      let text = "`\(read.name)` of `\(decider.entity.name)` is to give one row, and gave \(values.count)"
      return .held(Reason("several-rows", .configuration, text))
    }
    return .value(values.first ?? Self.blankRow(read))
  }

  private struct Misread: Error {
    let reason: Reason
  }

  private static func blankRow(_ read: ReadRule) -> Value {
    .record(read.columns.mapValues { $0 == .bool ? .bool(false) : .null })
  }

  private static func value(of row: [String: FieldValue], _ read: ReadRule) -> Swift.Result<Value, Misread> {
    var values: [String: Value] = [:]
    for (column, kind) in read.columns {
      let cell = row[column] ?? row[column.lowercased()] ?? .null
      guard let typed = cell.read(as: kind) else {
        let hint = kind == .date ? "; say TO_CHAR(…, 'YYYY-MM-DD') in the query" : ""
        return .failure(
          Misread(
            reason: Reason(
              "misread-column", .configuration,
              "column `\(column)` of `\(read.name)` holds {0}, which is no \(kind.title)\(hint)",
              quoted: [cell.plain ?? ""], side: read.side, field: column)))
      }
      values[column] = Value(typed, kind)
    }
    return .success(.record(values))
  }

  // MARK: binding

  private static func bind(_ record: Record?, _ decider: Decider, _ side: Side) -> Value {
    let schemas = decider.blueprint.records(of: decider.entity.side(side))
    var values: [String: Value] = [:]
    for path in decider.entity.shape(for: side).fields {
      let kind = schemas.lazy.compactMap { $0.fields[path]?.kind }.first ?? .text
      values[path] = Value(record?[path] ?? .null, kind)
    }
    let id: Value = record.map { .string($0.id.id) } ?? .null
    values["id"] = id
    if side == .salesforce { values["Id"] = id }
    return .record(values)
  }

  private static func bind(_ element: ListElement?, _ decider: Decider, _ list: ListSide) -> Value {
    let kinds = decider.blueprint.fields(of: list, decider.entity)
    var values: [String: Value] = [:]
    let names = decider.entity.shape(for: list.side).lists.first { $0.name == list.name }?.fields ?? []
    for name in names { values[name] = Value(element?.fields[name] ?? .null, kinds[name]?.kind ?? .text) }
    if list.parent != nil { values["Id"] = element?.key.map { .string($0) } ?? .null }
    return .record(values)
  }
}

extension Blueprint {
  /// The fields of a list's elements, by name.
  func fields(of list: ListSide, _ entity: Entity) -> [String: FieldSchema] {
    let side = entity.side(list.side)
    if list.parent != nil { return schemas[side.connection]?.record(list.name)?.fields ?? [:] }
    return records(of: side).lazy.compactMap { $0.lists[list.name]?.fields }.first ?? [:]
  }
}

/// Tables, names, links and the day.
// Safe: made, used and dropped within one call of `decide`, on the caller's thread.
private final class Surroundings: Environment, @unchecked Sendable {
  let blueprint: Blueprint
  let side: Side
  let inquiry: Inquiry
  /// Why an evaluation was given up, where it was not the expression's fault.
  var held: Reason?

  init(_ blueprint: Blueprint, to side: Side, _ inquiry: Inquiry) {
    self.blueprint = blueprint
    self.side = side
    self.inquiry = inquiry
  }

  var today: CalendarDate? { inquiry.facts.today }

  func table(_ name: String, _ value: Value) throws(EvaluationError) -> Value {
    guard let table = blueprint.tables[name], let text = value.plainText else {
      throw EvaluationError(.missing, "there is no table `\(name)`")
    }
    switch table.answer(for: text, to: side) {
    case .value(let found): return .string(found)
    case .blank: return .null
    case .hold:
      held = .unknownRow(table, text, to: side)
      throw EvaluationError(.missing, "table `\(name)` has no such row")
    }
  }

  func named(_ name: String) throws(EvaluationError) -> Value { .string(blueprint.values[name] ?? name) }

  func link(_ entity: String, _ id: Value) throws(EvaluationError) -> Value {
    guard let text = id.plainText else { return .null }
    // NetSuite's ids are all digits, and no Salesforce id is.
    let side: Side = Digits.int(text) == nil ? .salesforce : .netsuite
    let need = Need.partner(entity: entity, side, id: text, mayWrite: false, mayCreate: false)
    guard let answer = inquiry.ask(need) else { throw EvaluationError(.pending, "the link is not known yet") }
    if case .partner(let partner) = answer, let found = partner.id { return .string(found) }
    return .null
  }
}

extension Reason {
  static func unknownRow(_ table: Table, _ value: String, to side: Side) -> Reason {
    Reason(
      "unknown-value", .reference,
      "table `\(table.name)` has no row for {0} towards \(side.title): add one to \(table.place.file), then retry",
      quoted: ["“\(value)”"], side: side)
  }
}
