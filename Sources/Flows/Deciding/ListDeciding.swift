import Events
import Expressions
import Formats

/// Lists by key: what is new is added, what differs is changed by the other side's own element key, what only the other
/// side has gets what `extra` says. Nothing is ever appended blind.
extension Work {
  mutating func decideList() {
    guard let list = decider.entity.list, let owner = current(list.source) else { return }
    guard let evaluation = evaluations[list.target],
      let sources = elements(of: owner, list, list.source, evaluation),
      let targets = elements(of: current(list.target), list, list.target, evaluation)
    else { return }
    var byKey: [String: ListElement] = [:]
    var extra: [ListElement] = []
    for element in targets {
      guard let key = list.key(of: element, list.target) else {
        extra.append(element)
        continue
      }
      if byKey.updateValue(element, forKey: key) != nil {
        holdList(list, "several-elements", "several \(list.name) carry the key {n}: remove the copies", [key])
        return
      }
    }
    var changes: [ListElement] = []
    var seen: Set<String> = []
    for (index, element) in sources.enumerated() {
      guard let key = list.key(of: element, list.source), seen.insert(key).inserted else { continue }
      if let change = change(element, byKey[key], key: key, number: index + 1, list, evaluation) {
        changes.append(change)
      }
    }
    extra += byKey.filter { !seen.contains($0.key) }.sorted { $0.key < $1.key }.map(\.value)
    let removed = handle(extra, list, isOwnerEmpty: sources.isEmpty, evaluation)
    guard !changes.isEmpty || !removed.isEmpty else { return }
    drafts[list.target]?.lists.append(
      ListWrite(name: list.side(list.target).name, elements: changes, removed: removed))
  }

  /// Those that meet the list's `where`; nil where that cannot be told yet.
  private mutating func elements(
    of record: Record?, _ list: ListRule, _ side: Side, _ evaluation: Evaluation
  ) -> [ListElement]? {
    let all = record?.lists[list.side(side).name] ?? []
    guard let condition = list.side(side).condition else { return all }
    var kept: [ListElement] = []
    for element in all {
      let scope = evaluation.element(
        salesforce: side == .salesforce ? element : nil, netsuite: side == .netsuite ? element : nil, of: list)
      switch scope.value(of: condition, what: "`where` of `\(list.name)`") {
      case .value(.bool(true)): kept.append(element)
      case .value: continue
      case .pending: return nil
      case .held(let reason):
        held.append(reason)
        return nil
      }
    }
    return kept
  }

  /// The element to write, new or changed; nil where it is as it should be, or must stay as it is.
  private mutating func change(
    _ source: ListElement, _ target: ListElement?, key: String, number: Int, _ list: ListRule, _ evaluation: Evaluation
  ) -> ListElement? {
    let scope = evaluation.element(salesforce: source, netsuite: target, of: list)
    let kinds = decider.blueprint.fields(of: list.side(list.target), decider.entity)
    let sourceKinds = decider.blueprint.fields(of: list.side(list.source), decider.entity)
    let called = sentence
    var fields: [String: FieldValue] = [:]
    var wanted: [AgreedKey: FieldValue] = [:]
    let heldBefore = held.count
    for rule in list.fields {
      guard case .field(let field) = rule.path(list.target) else { continue }
      var from: FieldValue?
      if case .field(let name) = rule.path(list.source), rule.value == nil { from = source.fields[name] ?? .null }
      let fromKind = rule.path(list.source).flatMap { sourceKinds[$0.description]?.kind }
      let path = "\(list.name)[\(key)].\(field)"
      let place = FieldPlace(
        rule: rule, target: list.target, name: "\(list.name)[\(key)].\(rule.name)", path: path, field: field,
        kind: kinds[field]?.kind ?? .text, source: from, sourceKind: fromKind,
        sentence: "\(called.text): \(list.noun) \(number)", quoted: called.quoted, record: called.record)
      let now = target?.fields[field] ?? .null
      if rule.isOnCreate, target != nil { continue }
      guard let decided = verdict(place, current: now, scope), decided.verdict == .write, let value = decided.wanted
      else { continue }
      fields[field] = value
      wanted[AgreedKey(list.target, path)] = value
    }
    guard held.count == heldBefore, !fields.isEmpty || target == nil else { return nil }
    if let target {
      guard !isLocked(target, source, number: number, key: key, list, scope) else { return nil }
      drafts[list.target]?.wanted.merge(wanted) { $1 }
      return ListElement(key: target.key, fields: fields)
    }
    if let field = list.keys[list.target] { fields[field] = .text(key) }
    drafts[list.target]?.wanted.merge(wanted) { $1 }
    return ListElement(key: nil, fields: fields)
  }

  private mutating func isLocked(
    _ target: ListElement, _ source: ListElement?, number: Int, key: String, _ list: ListRule, _ scope: Evaluation
  ) -> Bool {
    guard let locked = list.locked else { return false }
    switch scope.value(of: locked, what: "`locked` of `\(list.name)`") {
    case .value(.bool(true)):
      for index in decisions.indices where decisions[index].field.hasPrefix("\(list.name)[\(key)].") {
        if decisions[index].verdict == .write { decisions[index].verdict = .skip("the \(list.noun) is locked") }
      }
      holdList(
        list, "locked",
        "\(list.noun) \(number) was changed in \(list.source.title), and is locked in \(list.target.title): change it there, or undo it",
        [])
      return true
    case .value, .pending: return false
    case .held(let reason):
      held.append(reason)
      return true
    }
  }

  /// Keys of the elements to remove.
  private mutating func handle(
    _ extra: [ListElement], _ list: ListRule, isOwnerEmpty: Bool, _ evaluation: Evaluation
  ) -> [String] {
    guard !extra.isEmpty, list.extra != .keep else { return [] }
    let ids = extra.map { $0.key ?? "?" }.joined(separator: ", ")
    // A read that comes back empty is never taken for "all gone".
    guard list.extra == .delete, !isOwnerEmpty else {
      holdList(
        list, "extra-elements",
        "\(list.target.title) has \(list.name) that \(list.source.title) does not have ({n}): remove them there, or add them here",
        [ids])
      return []
    }
    var removed: [String] = []
    for element in extra {
      guard let key = element.key else { continue }
      let scope = evaluation.element(salesforce: nil, netsuite: element, of: list)
      if isLocked(element, nil, number: extra.count, key: key, list, scope) { continue }
      removed.append(key)
    }
    return removed
  }

  /// Holds with a sentence about the record that the list belongs to; `{n}` stands for what is quoted.
  private mutating func holdList(_ list: ListRule, _ code: String, _ text: String, _ quoted: [String]) {
    let called = sentence
    var sentence = text
    if let at = sentence.firstRange(of: "{n}") { sentence.replaceSubrange(at, with: "{\(called.quoted.count)}") }
    held.append(
      Reason(
        code, .conflict, "\(called.text): \(sentence)", quoted: called.quoted + quoted, side: list.target,
        record: called.record, field: list.name))
  }
}

extension ListRule {
  /// What sentences call one element: `line` of `lines`.
  var noun: String { name.count > 1 && name.hasSuffix("s") ? String(name.dropLast()) : name }
}
