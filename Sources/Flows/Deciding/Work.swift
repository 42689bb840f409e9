import Events
import Expressions
import Formats

/// Decides the fields and the list of one pair, and collects what follows.
struct Work {
  let decider: Decider
  let inquiry: Inquiry
  let evaluations: [Side: Evaluation]
  let agreed: [AgreedKey: Agreed]
  var drafts: [Side: SideDraft]
  var decisions: [FieldDecision] = []
  var held: [Reason] = []

  init(
    _ decider: Decider, salesforce: Record?, netsuite: Record?, agreed: [AgreedKey: Agreed], _ inquiry: Inquiry
  ) {
    self.decider = decider
    self.inquiry = inquiry
    self.agreed = agreed
    drafts = [
      .salesforce: SideDraft(.salesforce, current: salesforce), .netsuite: SideDraft(.netsuite, current: netsuite),
    ]
    evaluations = Dictionary(
      uniqueKeysWithValues: Side.allCases.map {
        ($0, Evaluation(decider, salesforce: salesforce, netsuite: netsuite, to: $0, inquiry))
      })
  }

  func draft(_ side: Side) -> SideDraft { drafts[side] ?? SideDraft(side, current: nil) }

  func current(_ side: Side) -> Record? { drafts[side]?.current }

  /// Whether the record of this side is the one that is made.
  func isMaking(_ side: Side) -> Bool { current(side) == nil }

  /// How sentences call the record that a side's values come from.
  var sentence: (text: String, quoted: [String], record: RecordID?) {
    guard let record = current(.salesforce) ?? current(.netsuite) else { return (decider.entity.name, [], nil) }
    let called = decider.called(record, current(.salesforce) == nil ? .netsuite : .salesforce)
    return (called.text, [called.quoted], record.id)
  }

  mutating func decideFields() {
    for rule in decider.entity.fields {
      guard let target = rule.target, let path = rule.path(target) else { continue }
      // While one side is made, the other is left alone: what it shows comes from what was really stored.
      guard isMaking(target) || !isMaking(target.other) else { continue }
      decide(rule, target, path)
    }
  }

  private mutating func decide(_ rule: FieldRule, _ target: Side, _ path: FieldPath) {
    let (name, kind) = decider.blueprint.kind(of: path, decider.entity.side(target))
    let source = rule.source.flatMap { rule.path($0) }
    var from: FieldValue?
    var fromKind: FieldSchema.Kind?
    if let source, rule.value == nil, let side = rule.source {
      from = value(at: source, side)
      fromKind = decider.blueprint.kind(of: source, decider.entity.side(side)).kind
    }
    let called = sentence
    let place = FieldPlace(
      rule: rule, target: target, name: rule.name, path: path.description, field: name, kind: kind, source: from,
      sourceKind: fromKind, sentence: called.text, quoted: called.quoted, record: called.record)
    let now = value(at: path, target) ?? .null
    guard !(rule.isOnCreate && !isMaking(target)) else {
      record(place, wanted: nil, current: now, .skip("written at creation only"))
      return
    }
    guard let evaluation = evaluations[target], let decided = verdict(place, current: now, evaluation) else { return }
    guard let value = decided.wanted else { return }
    let isWritten = decided.verdict == .write
    switch path {
    case .field(let field):
      guard isWritten else { return }
      drafts[target]?.fields[field] = value
      drafts[target]?.wanted[AgreedKey(target, place.path)] = value
    case .pick(let list, let flag, let field):
      drafts[target]?.note(list, flag, field, value, isChanged: isWritten)
      if isWritten { drafts[target]?.wanted[AgreedKey(target, place.path)] = value }
    }
  }

  /// The value at a path now; nil while the record is yet to be made.
  private func value(at path: FieldPath, _ side: Side) -> FieldValue? {
    guard let record = current(side) else { return nil }
    switch path {
    case .field(let name): return record[name]
    case .pick(let list, let flag, let field): return draft(side).picked(list, flag)?.fields[field] ?? .null
    }
  }

  /// Decides one place and records it; nil while something is pending, or nothing can be said.
  mutating func verdict(
    _ place: FieldPlace, current: FieldValue, _ evaluation: Evaluation
  ) -> (wanted: FieldValue?, verdict: FieldDecision.Verdict)? {
    switch decider.wanted(place, evaluation, inquiry) {
    case .pending: return nil
    case .skip(let why):
      record(place, wanted: nil, current: current, .skip(why))
      return nil
    case .held(let reason):
      hold(reason, place, current: current)
      return nil
    case .value(let wanted):
      switch decider.digits(place.rule, evaluation) {
      case .pending: return nil
      case .held(let reason):
        hold(reason, place, current: current)
        return nil
      case .count(let digits):
        let key = AgreedKey(place.target, place.path)
        let verdict = decider.verdict(wanted, current: current, at: key, digits: digits, agreed)
        record(place, wanted: wanted, current: current, verdict)
        return (wanted, verdict)
      }
    }
  }

  mutating func hold(_ reason: Reason, _ place: FieldPlace, current: FieldValue) {
    held.append(reason)
    record(place, wanted: nil, current: current, .held(reason))
  }

  mutating func record(
    _ place: FieldPlace, wanted: FieldValue?, current: FieldValue?, _ verdict: FieldDecision.Verdict
  ) {
    decisions.append(
      FieldDecision(
        field: place.name, owner: place.rule.owner, side: place.target, path: place.path, wanted: wanted,
        current: current, verdict: verdict))
  }
}

extension Blueprint {
  /// A path's last name, and what it holds.
  func kind(of path: FieldPath, _ side: EntitySide) -> (name: String, kind: FieldSchema.Kind) {
    let schemas = records(of: side)
    switch path {
    case .field(let name): return (name, schemas.lazy.compactMap { $0.fields[name]?.kind }.first ?? .text)
    case .pick(let list, _, let field):
      return (field, schemas.lazy.compactMap { $0.lists[list]?.fields[field]?.kind }.first ?? .text)
    }
  }
}
