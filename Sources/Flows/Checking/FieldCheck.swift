import Events
import Expressions

/// Whether a row says where its value comes from, and whether the value fits the place that it goes to.
struct FieldCheck {
  let problems: Problems
  let rule: FieldRule
  let node: ConfigNode
  let scope: Scope
  let kinds: [Side: FieldSchema]

  init(
    _ problems: Problems, _ rule: FieldRule, _ node: ConfigNode, _ scope: Scope, _ kinds: [Side: FieldSchema]
  ) {
    self.problems = problems
    self.rule = rule
    self.node = node
    self.scope = scope
    self.kinds = kinds
  }

  func run() {
    guard rule.owner != .none else {
      if rule.value != nil { problems.report(rule.place, "nobody owns `\(rule.name)`, so its `value` goes nowhere") }
      return
    }
    guard let target = rule.target else {
      let missing = rule.owner.side?.other.rawValue ?? "netsuite"
      problems.report(rule.place, "`\(rule.name)` is written nowhere: `\(missing)` is missing")
      return
    }
    checkOrigin(target)
    checkReadSides()
    if let currency = rule.currency {
      problems.check(currency, scope, gives: .string.orBlank, at: node["currency"], "currency")
    }
    guard let place = kinds[target] else { return }
    checkKind(place.kind, target)
  }

  /// A value has one origin.
  private func checkOrigin(_ target: Side) {
    if rule.owner == .causeway {
      if rule.value == nil { problems.report(rule.place, "`value` is missing: causeway owns constants") }
      if rule.salesforce != nil, rule.netsuite != nil {
        problems.report(rule.place, "`\(rule.name)` names two sides: a constant goes to one")
      }
    } else if rule.value == nil, rule.path(target.other) == nil {
      problems.report(
        rule.place, "`\(rule.name)` has no source: name its `\(target.other.rawValue)` field, or give a `value`")
    } else if rule.value != nil, let path = rule.path(target.other) {
      problems.report(
        rule.place, "`\(rule.name)` has two sources: `value`, and \(target.other.rawValue) `\(path)`")
    }
  }

  /// A value is computed from its owner's side and from reads; a constant from neither side.
  private func checkReadSides() {
    for path in rule.value?.paths ?? [] {
      let names = path.first == "head" ? Array(path.dropFirst()) : path
      guard let side = names.first.flatMap(Side.init(rawValue:)), side != rule.owner.side else { continue }
      let what = rule.owner == .causeway ? "causeway owns it: it is a constant" : "\(rule.owner.rawValue) owns it"
      problems.report(
        (node["value"] ?? node).place, "`value` of `\(rule.name)` may not read \(side.rawValue): \(what)")
      return
    }
  }

  private func checkKind(_ place: FieldSchema.Kind, _ target: Side) {
    let source = rule.value == nil ? rule.source.flatMap { kinds[$0]?.kind } : nil
    if place == .money || source == .money, rule.currency == nil, node["type"] == nil {
      problems.report(rule.place, "`\(rule.name)` is money: say `type: money` and `currency`")
    }
    if rule.currency != nil, place != .money, place != .number {
      problems.report(rule.place, "`\(rule.name)` is money, and goes to a \(place.title)")
    }
    let end: FieldSchema.Kind = rule.table != nil || rule.refers != nil ? .text : place
    if rule.turn != nil {
      let given = rule.value == nil ? source?.type : problems.type(of: rule.value, scope, at: node["value"], "value")
      guard let given else { return }
      problems.check(
        rule.turn, scope.with("value", given), gives: end.type.orBlank, at: node["to-\(target.rawValue)"],
        "to-\(target.rawValue)")
    } else if rule.value != nil {
      problems.check(rule.value, scope, gives: end.type.orBlank, at: node["value"], "value")
    } else if let source {
      checkCopy(source, place)
    }
    if rule.table != nil || rule.refers != nil, !place.isTextual {
      problems.report(rule.place, "`\(rule.name)` gives text, and goes to a \(place.title)")
    }
  }

  /// A value that goes over as it is.
  private func checkCopy(_ source: FieldSchema.Kind, _ place: FieldSchema.Kind) {
    if rule.refers != nil || rule.table != nil {
      if !source.isTextual { problems.report(rule.place, "`\(rule.name)` is a \(source.title): it names nothing") }
    } else if case .record = place {
      problems.report(rule.place, "`\(rule.name)` is a reference: say with `refers` to which entity")
    } else if !source.fits(place) {
      problems.report(
        rule.place, "`\(rule.name)` is a \(source.title), and goes to a \(place.title): compute it with `value`")
    }
  }
}

extension FieldSchema.Kind {
  var isTextual: Bool {
    switch self {
    case .text, .choice, .record: true
    default: false
    }
  }

  /// Whether a value goes over without being computed.
  func fits(_ place: FieldSchema.Kind) -> Bool {
    switch (self, place) {
    case (.text, .text), (.text, .choice), (.choice, .text), (.choice, .choice), (.record, .text): true
    case (.number, .number), (.number, .money), (.money, .number), (.money, .money): true
    case (.bool, .bool), (.date, .date), (.instant, .instant): true
    default: false
    }
  }
}
