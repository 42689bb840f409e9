import Events
import Expressions
import Formats

/// What the owner says of one field, ready for the place it goes to.
enum Wanted {
  case pending
  case value(FieldValue)
  case skip(String)
  case held(Reason)
}

/// Where one field goes, and what it is decided from.
struct FieldPlace {
  let rule: FieldRule
  let target: Side
  /// Name in plans: `rate`, or `lines[00k…].rate`.
  let name: String
  /// Place in what is agreed.
  let path: String
  /// The field's name in the record or element, on each side.
  let field: String
  let kind: FieldSchema.Kind
  /// What the source has, where no `value` computes it, and of which kind.
  let source: FieldValue?
  let sourceKind: FieldSchema.Kind?
  /// How a sentence calls the record, or the line in it: `Opportunity {0}: line 2`.
  let sentence: String
  let quoted: [String]
  let record: RecordID?
}

extension Decider {
  /// The value by its owner: read or computed, turned, looked up, and of the kind that the place takes.
  func wanted(_ place: FieldPlace, _ evaluation: Evaluation, _ inquiry: Inquiry) -> Wanted {
    let rule = place.rule
    var value = place.source ?? .null
    if let expression = rule.value {
      switch evaluation.value(of: expression, what: "`value` of `\(rule.name)`") {
      case .value(let computed): value = FieldValue(computed)
      case .pending: return .pending
      case .held(let reason): return .held(reason)
      }
    }
    if let turn = rule.turn {
      let given = Value(value, place.sourceKind ?? .text)
      switch evaluation.value(of: turn, with: given, what: "`to-\(place.target.rawValue)` of `\(rule.name)`") {
      case .value(let turned): value = FieldValue(turned)
      case .pending: return .pending
      case .held(let reason): return .held(reason)
      }
    }
    if value.isBlank || value.plain == nil {
      return rule.keepsOnBlank ? .skip("the owner's value is blank, and a blank clears nothing here") : .value(.null)
    }
    if let table = rule.table.flatMap({ blueprint.tables[$0] }) {
      let text = Value(value, .text).plainText ?? ""
      switch table.answer(for: text, to: place.target) {
      case .value(let found): value = .text(found)
      case .blank: return rule.keepsOnBlank ? .skip("table `\(table.name)` has no row for it") : .value(.null)
      case .hold: return .held(Reason.unknownRow(table, text, to: place.target))
      }
    }
    if let entity = rule.refers { return reference(value, to: entity, place, inquiry) }
    guard let converted = value.converted(to: place.kind) else {
      return .held(
        Reason(
          "wrong-type", .validation, "`\(rule.name)` gives a value that is no \(place.kind.title)", side: place.target,
          record: place.record, field: place.field))
    }
    return .value(converted)
  }

  private func reference(_ value: FieldValue, to name: String, _ place: FieldPlace, _ inquiry: Inquiry) -> Wanted {
    let id: String? = if case .reference(let id?, _) = value { id } else { value.plain }
    guard let id else { return .value(.null) }
    let need = Need.partner(
      entity: name, place.target.other, id: id, mayWrite: mayWrite, mayCreate: mayWrite && place.rule.missing == .bring)
    guard let answer = inquiry.ask(need) else { return .pending }
    guard case .partner(let partner) = answer else { return .value(.null) }
    if let found = partner.id {
      let reference = FieldValue.reference(id: found, name: nil)
      return .value(reference.converted(to: place.kind) ?? .text(found))
    }
    guard place.rule.missing != .blank else {
      return place.rule.keepsOnBlank ? .skip("its \(name) has no partner") : .value(.null)
    }
    return .held(missing(partner, name, id, place))
  }

  /// Who is missing, where, and what a person can do about it.
  private func missing(_ partner: Partner, _ name: String, _ id: String, _ place: FieldPlace) -> Reason {
    let other = blueprint.entity(name)
    let type = other?.side(place.target.other).types.first ?? name
    let names = partner.names.isEmpty ? [id] : partner.names
    let known = "{\(place.quoted.count)}" + (names.count > 1 ? " ({\(place.quoted.count + 1)})" : "")
    let quoted = place.quoted + ["“\(names[0])”"] + (names.count > 1 ? [names.dropFirst().joined(separator: ", ")] : [])
    var sentence = "\(place.sentence) names \(type) \(known), which \(place.target.title) does not know: "
    var all = quoted
    if let reason = partner.reason, !["no-partner", "record-gone"].contains(reason.code) {
      sentence += "{\(all.count)}"
      all.append(reason.description)
    } else if partner.reason?.code == "record-gone" {
      sentence += "it is not in \(place.target.other.title) either"
    } else {
      sentence += "add the \(name) there, then retry"
    }
    return Reason(
      "reference-missing", .reference, sentence, quoted: all, side: place.target, record: place.record,
      field: place.field, needs: RecordID(type: type, id: id))
  }

  /// Compares what is wanted with what is there, by what was agreed before.
  func verdict(
    _ wanted: FieldValue, current: FieldValue, at key: AgreedKey, digits: Int?, _ agreed: [AgreedKey: Agreed]
  ) -> FieldDecision.Verdict {
    if current.agrees(with: wanted, digits: digits) { return .same }
    if let known = agreed[key], known.wanted == wanted.canonical, known.stored == current.canonical { return .agreed }
    return .write
  }

  enum Digits {
    case pending
    case held(Reason)
    case count(Int?)
  }

  /// The digits that count of a field of money; nil for all others, and where the currency is blank.
  func digits(_ rule: FieldRule, _ evaluation: Evaluation) -> Digits {
    guard let currency = rule.currency else { return .count(nil) }
    switch evaluation.value(of: currency, what: "`currency` of `\(rule.name)`") {
    case .value(.string(let code)): return .count(CurrencyDigits.of(code))
    case .value: return .count(nil)
    case .pending: return .pending
    case .held(let reason): return .held(reason)
    }
  }

  /// What a side stored otherwise than it was asked to: agreed from now on.
  public func agreements(_ write: PlannedWrite, readBack record: Record) -> [AgreedKey: Agreed] {
    var found: [AgreedKey: Agreed] = [:]
    for (key, wanted) in write.wanted {
      guard let stored = stored(key, in: record) else { continue }
      if !stored.agrees(with: wanted) {
        found[key] = Agreed(wanted: wanted.canonical, stored: stored.canonical)
      }
    }
    return found
  }

  /// What stands at a place: of the record, of a picked element, or of the list's element with that key.
  private func stored(_ key: AgreedKey, in record: Record) -> FieldValue? {
    guard let open = key.path.firstIndex(of: "["), let close = key.path.lastIndex(of: "]") else {
      return record[key.path]
    }
    let list = String(key.path[..<open])
    let inner = String(key.path[key.path.index(after: open)..<close])
    let field = String(key.path[close...].dropFirst(2))
    if let rule = entity.list, rule.name == list {
      let side = rule.side(key.side)
      let elements = record.lists[side.name] ?? []
      return elements.first { rule.key(of: $0, key.side) == inner }.map { $0.fields[field] ?? .null }
    }
    let element = record.lists[list]?.first { $0.fields[inner] == .bool(true) }
    return element.map { $0.fields[field] ?? .null }
  }
}

extension ListRule {
  /// What an element is told apart by on a side; nil where it has none.
  func key(of element: ListElement, _ side: Side) -> String? {
    guard let field = keys[side] else { return nil }
    if self.side(side).parent != nil, field == "Id" { return element.key }
    return element.fields[field]?.plain
  }
}
