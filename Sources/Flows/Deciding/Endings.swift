import Events
import Expressions
import Formats

/// Plans that end a run without a decision on fields.
extension Decider {
  func named(_ plan: Plan, _ record: Record, _ side: Side) -> Plan {
    var plan = plan
    if side == .salesforce { plan.salesforce = record.id } else { plan.netsuite = record.id }
    plan.names[side] = names(of: record, side)
    return plan
  }

  func nothing(_ code: String, _ text: String, _ record: Record? = nil, _ side: Side? = nil) -> Plan {
    let reason = Reason(code, .none, text, side: side, record: record?.id)
    let plan = Plan(entity: entity.name, outcome: .nothing(reason))
    guard let record, let side else { return plan }
    return named(plan, record, side)
  }

  func notToBeMade(_ record: Record, _ side: Side) -> Plan {
    let called = called(record, side)
    let other = side.other
    var plan = named(Plan(entity: entity.name, outcome: .agreed), record, side)
    let text =
      entity.create[other] == nil
      ? "\(called.text) has no \(entity.side(other).types[0]) in \(other.title), and `\(entity.name)` is linked there, never made"
      : "\(called.text) does not meet `create` of `\(entity.name)`: there is no \(entity.side(other).types[0]) to make"
    plan.outcome = .nothing(
      Reason(
        entity.create[other] == nil ? "no-partner" : "create-not-met", .none, text, quoted: [called.quoted], side: side,
        record: record.id))
    return plan
  }

  func several(_ found: [Record], _ record: Record, _ side: Side, by key: String) -> Plan {
    let called = called(record, side)
    let reason = Reason(
      "several-partners", .conflict, "several records point at \(called.text) by \(key): {1}; clear the wrong ones",
      quoted: [called.quoted, found.map(\.id.description).joined(separator: ", ")], side: side, record: record.id,
      field: key)
    return held([reason], record, side)
  }

  /// Held, and shown on the Salesforce record where that is known.
  func held(_ reasons: [Reason], _ record: Record, _ side: Side) -> Plan {
    var plan = named(Plan(entity: entity.name, outcome: .held(reasons)), record, side)
    if side == .salesforce, let reason = reasons.first, mayWrite {
      plan.write = stampWrite(of: record, state: .held(reason))
    }
    return plan
  }

  enum Answered {
    case yes
    case no
    case held(Reason)
  }

  func meetsWhere(_ record: Record, _ side: Side, _ inquiry: Inquiry) -> Answered? {
    guard let condition = entity.side(side).condition else { return .yes }
    return holds(
      condition, salesforce: side == .salesforce ? record : nil, netsuite: side == .netsuite ? record : nil,
      what: "where", inquiry)
  }

  /// Nil: something is to be fetched first.
  func holds(
    _ condition: Expression, salesforce: Record?, netsuite: Record?, what: String, _ inquiry: Inquiry
  ) -> Answered? {
    let evaluation = Evaluation(self, salesforce: salesforce, netsuite: netsuite, to: .netsuite, inquiry)
    switch evaluation.value(of: condition, what: "`\(what)` of `\(entity.name)`") {
    case .pending: return nil
    case .held(let reason): return .held(reason)
    case .value(.bool(true)): return .yes
    case .value: return .no
    }
  }
}
