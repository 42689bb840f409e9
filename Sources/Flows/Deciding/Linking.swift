import Events
import Formats

/// Who the partner is. A link holds when both keys point at each other; a key that points to a record that points
/// elsewhere is a copy's: it is cleared and never followed.
extension Decider {
  /// Nil: something is to be fetched first.
  func link(_ inquiry: Inquiry) -> LinkState? {
    if let found = shortcut(inquiry) { return found }
    guard inquiry.needs.isEmpty else { return nil }
    guard let read = inquiry.record(need(start, id: id)) else { return nil }
    guard let record = read else {
      return .finished(nothing("record-gone", "\(entity.side(start).types[0]) \(id) is not there any more"))
    }
    guard let isOurs = meetsWhere(record, start, inquiry) else { return nil }
    if case .held(let reason) = isOurs { return .finished(held([reason], record, start)) }
    if case .no = isOurs {
      return .finished(nothing("not-of-this-entity", "\(record.id) is not one of `\(entity.name)`", record, start))
    }
    let state = start == .salesforce ? fromSalesforce(record, inquiry) : fromNetSuite(record, inquiry)
    guard case .pair(let pair) = state else { return state }
    return theOtherIsOurs(pair, inquiry)
  }

  /// A reference needs no more than an id: an external id of NetSuite is unique, so one look there is enough.
  private func shortcut(_ inquiry: Inquiry) -> LinkState? {
    guard case .partner = mode, start == .salesforce, entity.link.keys[.netsuite] == "externalId",
      inquiry.facts.made.isEmpty, inquiry.facts.record(.salesforce, id: id) == nil
    else { return nil }
    guard let found = inquiry.records(find(.netsuite, ["externalId": .text(externalID(of: id))])) else { return nil }
    guard found.count == 1 else { return nil }
    var plan = Plan(entity: entity.name, outcome: .agreed)
    plan.salesforce = RecordID(type: entity.salesforce.types[0], id: id)
    plan.netsuite = found[0].id
    plan.isLinked = true
    return .finished(plan)
  }

  private func theOtherIsOurs(_ pair: Pair, _ inquiry: Inquiry) -> LinkState? {
    let other = pair.record(start.other)
    guard let isOurs = meetsWhere(other, start.other, inquiry) else { return nil }
    switch isOurs {
    case .yes: return .pair(pair)
    case .held(let reason): return .finished(held([reason], pair.record(start), start))
    case .no:
      let text = "\(other.id), its partner, is not one of `\(entity.name)`"
      return .finished(nothing("not-of-this-entity", text, pair.record(start), start))
    }
  }

  // MARK: from Salesforce

  private func fromSalesforce(_ record: Record, _ inquiry: Inquiry) -> LinkState? {
    if let made = inquiry.facts.made[.netsuite] {
      guard let partner = inquiry.record(need(.netsuite, id: made.id)) else { return nil }
      if let partner { return completed(record, partner) }
    }
    guard let key = entity.link.keys[.salesforce] else { return byNetSuiteKey(record, inquiry) }
    guard let partnerID = record[key].plain else {
      if let early = mayNotBeMade(record, inquiry) { return early }
      return inquiry.needs.isEmpty ? byNetSuiteKey(record, inquiry) : nil
    }
    guard let read = inquiry.record(need(.netsuite, id: partnerID)) else { return nil }
    guard let partner = read else {
      let reason = Reason(
        "partner-gone", .reference,
        "\(called(record, .salesforce).text) was linked to \(entity.netsuite.types[0]) {1}, which is not there any more: "
          + "restore it, or clear \(key) to have a new one made",
        quoted: [called(record, .salesforce).quoted, partnerID], side: .salesforce, record: record.id, field: key)
      return .finished(held([reason], record, .salesforce))
    }
    guard let back = entity.link.keys[.netsuite] else { return .pair(Pair(salesforce: record, netsuite: partner)) }
    guard let points = partner[back].plain else { return keyOnOneSide(record, partner, inquiry) }
    if points.lowercased() == externalID(of: record.id.id).lowercased() {
      return .pair(Pair(salesforce: record, netsuite: partner))
    }
    return .finished(clearCopy(record, .salesforce, key: key, points: partner.id, elsewhere: points))
  }

  /// Without a look at NetSuite, which has better things to do than to be asked about every open opportunity.
  private func mayNotBeMade(_ record: Record, _ inquiry: Inquiry) -> LinkState? {
    guard start == .salesforce, entity.link.match.isEmpty, let condition = entity.create[.netsuite] else { return nil }
    switch holds(condition, salesforce: record, netsuite: nil, what: "create", inquiry) {
    case .no: return .finished(notToBeMade(record, .salesforce))
    case .held(let reason): return .finished(held([reason], record, .salesforce))
    case .yes, nil: return nil
    }
  }

  /// The one record whose key names this one; else a match; else none.
  private func byNetSuiteKey(_ record: Record, _ inquiry: Inquiry) -> LinkState? {
    guard let key = entity.link.keys[.netsuite] else { return match(record, .salesforce, inquiry) }
    let wanted = FieldValue.text(externalID(of: record.id.id))
    guard let found = inquiry.records(find(.netsuite, [key: wanted])) else { return nil }
    guard found.count < 2 else { return .finished(several(found, record, .salesforce, by: key)) }
    if let partner = found.first { return completed(record, partner) }
    return match(record, .salesforce, inquiry)
  }

  /// Salesforce points at a NetSuite record that points nowhere: completed if nobody else points there.
  private func keyOnOneSide(_ record: Record, _ partner: Record, _ inquiry: Inquiry) -> LinkState? {
    guard let key = entity.link.keys[.salesforce] else { return .pair(Pair(salesforce: record, netsuite: partner)) }
    guard let pointing = inquiry.records(find(.salesforce, [key: .text(partner.id.id)])) else { return nil }
    let others = pointing.filter { $0.id.id != record.id.id }
    guard others.isEmpty else { return .finished(several(pointing, partner, .netsuite, by: key)) }
    return completed(record, partner)
  }

  // MARK: from NetSuite

  private func fromNetSuite(_ record: Record, _ inquiry: Inquiry) -> LinkState? {
    if let made = inquiry.facts.made[.salesforce] {
      guard let partner = inquiry.record(need(.salesforce, id: made.id)) else { return nil }
      if let partner { return completed(partner, record) }
    }
    guard let key = entity.link.keys[.netsuite], let text = record[key].plain else {
      return bySalesforceKey(record, inquiry)
    }
    guard let pointed = salesforceID(in: text) else {
      return entity.link.keys[.salesforce] == nil
        ? .finished(nothing("linked-elsewhere", "\(record.id) belongs to another system's record", record, .netsuite))
        : bySalesforceKey(record, inquiry)
    }
    guard let read = inquiry.record(need(.salesforce, id: pointed)) else { return nil }
    guard let partner = read else {
      let text = "\(entity.salesforce.types[0]) \(pointed), its partner, is not there any more"
      return .finished(nothing("partner-gone", text, record, .netsuite))
    }
    guard let state = fromSalesforce(partner, inquiry) else { return nil }
    guard case .pair(let pair) = state, pair.netsuite.id.id != record.id.id else { return state }
    return .finished(clearCopy(record, .netsuite, key: key, points: partner.id, elsewhere: pair.netsuite.id.id))
  }

  private func bySalesforceKey(_ record: Record, _ inquiry: Inquiry) -> LinkState? {
    guard let key = entity.link.keys[.salesforce] else { return match(record, .netsuite, inquiry) }
    guard let found = inquiry.records(find(.salesforce, [key: .text(record.id.id)])) else { return nil }
    guard found.count < 2 else { return .finished(several(found, record, .netsuite, by: key)) }
    if let partner = found.first { return fromSalesforce(partner, inquiry) }
    return match(record, .netsuite, inquiry)
  }

  // MARK: shared

  /// A pair in which each key that there is gets written where it does not point at the other yet.
  func completed(_ salesforce: Record, _ netsuite: Record) -> LinkState {
    var pair = Pair(salesforce: salesforce, netsuite: netsuite)
    if let key = entity.link.keys[.salesforce], salesforce[key].plain != netsuite.id.id {
      pair.keys[.salesforce] = .text(netsuite.id.id)
    }
    if let key = entity.link.keys[.netsuite] {
      let wanted = externalID(of: salesforce.id.id)
      if netsuite[key].plain?.lowercased() != wanted.lowercased() { pair.keys[.netsuite] = .text(wanted) }
    }
    return .pair(pair)
  }

  private func clearCopy(_ record: Record, _ side: Side, key: String, points: RecordID, elsewhere: String) -> Plan {
    let called = called(record, side)
    var plan = Plan(entity: entity.name, outcome: .writing)
    plan = named(plan, record, side)
    plan.notes = [
      Reason(
        "copied-key", .conflict,
        "\(called.text) points at \(points.type) {1}, which belongs to {2}: it is a copy, and its key is cleared",
        quoted: [called.quoted, points.id, elsewhere], side: side, record: record.id, field: key)
    ]
    let write = RecordWrite(type: record.id.type, target: .update(id: record.id.id), fields: [key: .null])
    guard mayWrite else {
      plan.outcome = .nothing(plan.notes[0])
      return plan
    }
    plan.write = PlannedWrite(side: side, connection: entity.side(side).connection, write: write, wanted: [:])
    return plan
  }

  var mayWrite: Bool {
    if case .partner(let mayWrite, _) = mode { mayWrite } else { true }
  }

  var mayCreate: Bool {
    if case .partner(_, let mayCreate) = mode { mayCreate } else { true }
  }
}
