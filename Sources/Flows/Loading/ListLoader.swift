import Events
import Expressions

/// `lists:`, of which there is one so far: Salesforce's child records, written to a NetSuite sublist.
struct ListLoader {
  static let known = ["salesforce", "netsuite", "key", "owner", "extra", "locked", "fields", "drift"]
  static let later = ["with", "when", "order", "files"]

  let problems: Problems
  let blueprint: Blueprint
  let scope: EntityScope

  init(_ problems: Problems, _ blueprint: Blueprint, _ scope: EntityScope) {
    self.problems = problems
    self.blueprint = blueprint
    self.scope = scope
  }

  func load(_ node: ConfigNode, into entity: inout Entity) {
    guard let lists = node.map(problems) else { return }
    for second in lists.dropFirst() {
      problems.report(second.keyPlace, "a second list (`\(second.key)`) is not supported yet")
    }
    guard let pair = lists.first, let map = pair.value.map(known: Self.known, later: Self.later, problems),
      isOwned(map), let salesforce = child(map, entity), let netsuite = sublist(map, entity), let keys = keys(map)
    else { return }
    var list = ListRule(
      name: pair.key, place: pair.keyPlace, salesforce: salesforce, netsuite: netsuite, keys: keys, extra: extra(map),
      fields: [])
    list.locked = problems.expression(map["locked"], "locked")
    let inside = scope.element(of: list, entity)
    problems.check(list.locked, inside, gives: .bool, at: map["locked"], "locked")
    if let drift = map["drift"], drift.scalar != "restore" {
      problems.report(drift.place, "`drift: \(drift.scalar ?? "")` is not supported yet; it is `restore` or left out")
    }
    for side in Side.allCases {
      problems.check(
        list.side(side).condition, Scope([side.rawValue: inside.variables[side.rawValue] ?? .dyn]), gives: .bool,
        at: map[side.rawValue]?["where"], "where")
    }
    checkKeys(list, map, entity)
    loadFields(map["fields"], into: &list, entity, inside)
    entity.list = list
  }

  private func isOwned(_ map: ConfigMap) -> Bool {
    guard let node = map.required("owner"), let text = node.text(problems) else { return false }
    if text == Owner.salesforce.rawValue { return true }
    let words = text.split(separator: " ").map(String.init)
    let later = ["until", "then", "origin", "shared"].first { words.contains($0) } ?? "owner: \(text)"
    problems.report(node.place, "`\(later)` of a list is not supported yet: it is `salesforce`")
    return false
  }

  private func child(_ map: ConfigMap, _ entity: Entity) -> ListSide? {
    guard let node = map.required("salesforce"),
      let part = node.map(known: ["record", "parent", "order", "where"], later: ["rows", "read"], problems),
      let record = part.requiredText("record"), let parent = part.requiredText("parent")
    else { return nil }
    guard let schema = blueprint.schemas[entity.salesforce.connection]?[record] else {
      let names = blueprint.schemas[entity.salesforce.connection]?.records.keys.sorted() ?? []
      problems.unknown("record", record, among: names, at: part["record"]?.place ?? node.place)
      return nil
    }
    for key in ["parent", "order"] {
      guard let name = part.text(key), schema.fields[name] == nil, let place = part[key]?.place else { continue }
      problems.unknown("field", "\(record).\(name)", among: schema.fields.keys.map { "\(record).\($0)" }, at: place)
    }
    var side = ListSide(side: .salesforce, name: record, parent: parent, order: part.text("order"))
    side.condition = problems.expression(part["where"], "where")
    return side
  }

  private func sublist(_ map: ConfigMap, _ entity: Entity) -> ListSide? {
    guard let node = map.required("netsuite"),
      let part = node.map(known: ["sublist", "where"], later: ["attach", "read", "record", "parent"], problems),
      let name = part.requiredText("sublist")
    else { return nil }
    let lists = blueprint.records(of: entity.netsuite).flatMap { $0.lists.keys }
    guard lists.contains(name) else {
      problems.unknown("sublist", name, among: lists, at: part["sublist"]?.place ?? node.place)
      return nil
    }
    var side = ListSide(side: .netsuite, name: name, parent: nil, order: nil)
    side.condition = problems.expression(part["where"], "where")
    return side
  }

  private func keys(_ map: ConfigMap) -> [Side: String]? {
    guard let node = map.required("key") else { return nil }
    if case .list = node.content {
      problems.report(node.place, "a `key` of the list's own fields is not supported yet: name a field on each side")
      return nil
    }
    guard let part = node.map(known: ["salesforce", "netsuite"], problems),
      let salesforce = part.requiredText("salesforce"), let netsuite = part.requiredText("netsuite")
    else { return nil }
    return [.salesforce: salesforce, .netsuite: netsuite]
  }

  private func extra(_ map: ConfigMap) -> ListRule.Extra {
    guard let node = map["extra"] else { return .hold }
    guard let word = node.scalar, word != "close" else {
      problems.report(
        node.place, "`extra` with \(node.scalar.map { "`\($0)`" } ?? "fields to set") is not supported yet")
      return .hold
    }
    return node.word(of: ListRule.Extra.allCases.map(\.rawValue), problems).flatMap(ListRule.Extra.init) ?? .hold
  }

  private func checkKeys(_ list: ListRule, _ map: ConfigMap, _ entity: Entity) {
    let check = FieldPlaceCheck(problems, blueprint)
    for side in Side.allCases {
      guard let key = list.keys[side], key != "Id" || side == .netsuite, let place = map["key"]?[side.rawValue]?.place
      else { continue }
      let part = list.side(side)
      let fields = blueprint.fields(of: part, entity)
      _ = check.element(key, of: part.name, fields, isWritten: side == list.target, at: place)
    }
  }

  private func loadFields(_ node: ConfigNode?, into list: inout ListRule, _ entity: Entity, _ inside: Scope) {
    let loader = FieldLoader(problems, blueprint, scope)
    let check = FieldPlaceCheck(problems, blueprint)
    for pair in node?.map(problems) ?? [] {
      guard let rule = loader.rule(pair.key, pair.keyPlace, pair.value, owner: .salesforce) else { continue }
      var kinds: [Side: FieldSchema] = [:]
      for side in Side.allCases {
        guard let path = rule.path(side), let place = pair.value[side.rawValue]?.place else { continue }
        guard case .field(let name) = path else {
          problems.report(place, "a path with a flag cannot stand in a list")
          continue
        }
        let part = list.side(side)
        let fields = blueprint.fields(of: part, entity)
        kinds[side] = check.element(name, of: part.name, fields, isWritten: rule.target == side, at: place)
      }
      FieldCheck(problems, rule, pair.value, inside, kinds).run()
      list.fields.append(rule)
    }
  }
}
