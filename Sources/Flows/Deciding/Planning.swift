import Events
import Formats

/// From who the partners are to what is written.
extension Decider {
  func planCreate(of side: Side, from record: Record, _ inquiry: Inquiry) -> Plan? {
    let source = side.other
    guard let condition = entity.create[side], mayCreate else { return notToBeMade(record, source) }
    let salesforce = source == .salesforce ? record : nil
    let netsuite = source == .netsuite ? record : nil
    guard let may = holds(condition, salesforce: salesforce, netsuite: netsuite, what: "create", inquiry) else {
      return nil
    }
    switch may {
    case .held(let reason): return held([reason], record, source)
    case .no: return notToBeMade(record, source)
    case .yes: break
    }
    var work = Work(self, salesforce: salesforce, netsuite: netsuite, agreed: [:], inquiry)
    work.decideFields()
    work.decideList()
    guard inquiry.needs.isEmpty else { return nil }
    guard work.held.isEmpty else {
      var plan = held(work.held, record, source)
      plan.fields = work.decisions
      return plan
    }
    var plan = named(Plan(entity: entity.name, outcome: .writing), record, source)
    plan.fields = work.decisions
    plan.write = creation(of: side, from: record, work.draft(side))
    return plan
  }

  private func creation(of side: Side, from record: Record, _ draft: SideDraft) -> PlannedWrite {
    var draft = draft
    draft.resolvePicks()
    let part = entity.side(side)
    let id = side == .netsuite ? externalID(of: record.id.id) : record.id.id
    let target = RecordWrite.Target.create(field: entity.link.keys[side] ?? "", externalID: id)
    let write = RecordWrite(type: part.types[0], target: target, fields: draft.fields, lists: draft.lists)
    return PlannedWrite(side: side, connection: part.connection, write: write, wanted: draft.wanted)
  }

  func planUpdate(_ pair: Pair, _ inquiry: Inquiry) -> Plan? {
    var plan = named(Plan(entity: entity.name, outcome: .agreed), pair.salesforce, .salesforce)
    plan = named(plan, pair.netsuite, .netsuite)
    plan.isLinked = pair.keys.isEmpty
    if case .partner(let mayWrite, _) = mode, plan.isLinked || !mayWrite {
      // A key that is still to be completed by the pair's own run is no obstacle to a reference.
      plan.isLinked = true
      return plan
    }
    let need = Need.agreed(entity: entity.name, salesforce: pair.salesforce.id.id, netsuite: pair.netsuite.id.id)
    guard let answer = inquiry.ask(need) else { return nil }
    var agreed: [AgreedKey: Agreed] = if case .agreed(let known) = answer { known } else { [:] }
    agreed.merge(inquiry.facts.agreed) { $1 }
    var work = Work(self, salesforce: pair.salesforce, netsuite: pair.netsuite, agreed: agreed, inquiry)
    work.decideFields()
    work.decideList()
    guard inquiry.needs.isEmpty else { return nil }
    for (side, value) in pair.keys {
      if let key = entity.link.keys[side] { work.drafts[side]?.fields[key] = value }
    }
    plan.fields = work.decisions
    if !work.held.isEmpty { plan.outcome = .held(work.held) }
    return finish(plan, pair, work)
  }

  /// NetSuite is written first and alone: what it makes of it is read back before Salesforce is told.
  private func finish(_ plan: Plan, _ pair: Pair, _ work: Work) -> Plan {
    var plan = plan
    var netsuite = work.draft(.netsuite)
    netsuite.resolvePicks()
    if !netsuite.isEmpty {
      plan.write = update(pair.netsuite, netsuite)
    } else {
      var salesforce = work.draft(.salesforce)
      salesforce.resolvePicks()
      let state: StampState = if let reason = work.held.first { .held(reason) } else { .synced }
      salesforce.fields.merge(stamps(on: pair.salesforce, partner: pair.netsuite.id.id, state: state)) { old, _ in old }
      if !salesforce.isEmpty { plan.write = update(pair.salesforce, salesforce) }
    }
    if plan.write != nil, plan.outcome == .agreed { plan.outcome = .writing }
    return plan
  }

  private func update(_ record: Record, _ draft: SideDraft) -> PlannedWrite {
    let write = RecordWrite(
      type: record.id.type, target: .update(id: record.id.id), fields: draft.fields, lists: draft.lists)
    return PlannedWrite(
      side: draft.side, connection: entity.side(draft.side).connection, write: write, wanted: draft.wanted)
  }
}
