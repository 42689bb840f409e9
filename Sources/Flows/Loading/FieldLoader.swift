import Events
import Expressions

/// The rows of `fields:`.
struct FieldLoader {
  static let known = [
    "salesforce", "netsuite", "owner", "value", "to-netsuite", "to-salesforce", "refers", "missing", "on", "blank",
    "type", "currency", "table", "drift",
  ]
  static let later = ["when", "conflict", "until", "with"]

  let problems: Problems
  let blueprint: Blueprint
  let scope: EntityScope

  init(_ problems: Problems, _ blueprint: Blueprint, _ scope: EntityScope) {
    self.problems = problems
    self.blueprint = blueprint
    self.scope = scope
  }

  func load(_ node: ConfigNode?, into entity: inout Entity) {
    for pair in node?.map(problems) ?? [] {
      if let other = entity.field(pair.key) {
        problems.report(pair.keyPlace, "field `\(pair.key)` is in \(other.place.file):\(other.place.line) already")
        continue
      }
      guard var rule = rule(pair.key, pair.keyPlace, pair.value, owner: nil) else { continue }
      rule.target = target(of: rule)
      let place = FieldPlaceCheck(problems, blueprint)
      var kinds: [Side: FieldSchema] = [:]
      for side in Side.allCases {
        guard let path = rule.path(side), let at = pair.value[side.rawValue]?.place else { continue }
        kinds[side] = place.path(path, entity.side(side), isWritten: rule.target == side, at: at)
      }
      let check = FieldCheck(problems, rule, pair.value, scope.whole, kinds)
      check.run()
      entity.fields.append(rule)
    }
  }

  /// Reads one row. `owner` is the list's, in a list.
  func rule(_ name: String, _ place: ConfigNode.Place, _ node: ConfigNode, owner: Owner?) -> FieldRule? {
    let known = owner == nil ? Self.known : Self.known.filter { $0 != "owner" }
    guard let map = node.map(known: known, later: Self.later + (owner == nil ? [] : ["owner"]), problems),
      let owner = owner ?? self.owner(map)
    else { return nil }
    var rule = FieldRule(name: name, place: place, owner: owner)
    rule.salesforce = path(map["salesforce"])
    rule.netsuite = path(map["netsuite"])
    rule.value = problems.expression(map["value"], "value")
    readReference(map, into: &rule)
    rule.isOnCreate = only("on", "create", map)
    rule.keepsOnBlank = only("blank", "keep", map)
    _ = only("drift", "restore", map)
    readMoney(map, into: &rule)
    if let node = map["table"], let table = node.text(problems) {
      rule.table = table
      if blueprint.tables[table] == nil {
        problems.unknown("table", table, among: blueprint.tables.keys, at: node.place)
      }
    }
    rule.target = target(of: rule)
    for side in Side.allCases {
      guard let turn = map["to-\(side.rawValue)"] else { continue }
      if rule.target == side {
        rule.turn = problems.expression(turn, "to-\(side.rawValue)")
      } else {
        problems.report(turn.place, "`to-\(side.rawValue)` turns nothing: the field is not written to \(side.title)")
      }
    }
    return rule
  }

  func target(of rule: FieldRule) -> Side? {
    switch rule.owner {
    case .none: nil
    case .salesforce: rule.netsuite == nil ? nil : .netsuite
    case .netsuite: rule.salesforce == nil ? nil : .salesforce
    case .causeway: rule.netsuite == nil ? (rule.salesforce == nil ? nil : .salesforce) : .netsuite
    }
  }

  private func owner(_ map: ConfigMap) -> Owner? {
    guard let node = map.required("owner"), let text = node.text(problems) else { return nil }
    if let owner = Owner(rawValue: text) { return owner }
    let words = text.split(separator: " ").map(String.init)
    if let later = ["until", "then", "origin", "shared"].first(where: { words.contains($0) }) {
      problems.report(node.place, "`\(later)` in `owner` is not supported yet")
    } else {
      let owners = Owner.allCases.map(\.rawValue)
      problems.report(
        node.place, "`\(text)` is no owner: it is \(listed(owners))\(suggestion(for: text, among: owners))")
    }
    return nil
  }

  private func path(_ node: ConfigNode?) -> FieldPath? {
    guard let node, let text = node.text(problems) else { return nil }
    if let path = FieldPath(text) { return path }
    problems.report(
      node.place, "`\(text)` is no path: `Name`, `shippingAddress.addr1` or `addressBook[defaultBilling].zip`")
    return nil
  }

  private func readReference(_ map: ConfigMap, into rule: inout FieldRule) {
    if let node = map["refers"] {
      if case .list = node.content {
        problems.report(node.place, "`refers` to several entities is not supported yet")
      } else if let name = node.text(problems) {
        if name.contains(".") {
          problems.report(node.place, "`refers` to a list is not supported yet")
        } else {
          rule.refers = name
        }
      }
    }
    guard let node = map["missing"] else { return }
    if rule.refers == nil { problems.report(node.place, "`missing` belongs to `refers`, which is not here") }
    if let word = node.word(of: Missing.allCases.map(\.rawValue), problems), let missing = Missing(rawValue: word) {
      rule.missing = missing
    }
  }

  private func readMoney(_ map: ConfigMap, into rule: inout FieldRule) {
    let isMoney = only("type", "money", map)
    rule.currency = problems.expression(map["currency"], "currency")
    if isMoney, map["currency"] == nil {
      problems.report(rule.place, "`currency` is missing: money says its currency")
    } else if !isMoney, let node = map["currency"] {
      problems.report(node.place, "`currency` belongs to `type: money`, which is not here")
    }
  }

  /// A key that knows one word so far.
  private func only(_ key: String, _ word: String, _ map: ConfigMap) -> Bool {
    guard let node = map[key], let text = node.text(problems) else { return false }
    if text == word { return true }
    problems.report(node.place, "`\(key): \(text)` is not supported yet; it is `\(word)` or left out")
    return false
  }
}
