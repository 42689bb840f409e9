import Events
import Expressions

/// One file of `entities/`.
struct EntityLoader {
  let blueprint: Blueprint
  let shared: [String: ConfigNode]
  let problems: Problems

  init(_ loader: BlueprintLoader, _ problems: Problems) {
    blueprint = loader.blueprint
    shared = loader.shared
    self.problems = problems
  }

  static let known = [
    "entity", "salesforce", "netsuite", "link", "create", "fields", "uses", "lists", "reads", "stamps",
  ]
  static let later = ["after", "ends", "phases", "release", "files", "inside", "when", "expect", "drift"]

  func load(_ node: ConfigNode) -> Entity? {
    guard let map = node.map(known: Self.known, later: Self.later, problems),
      let name = map.requiredText("entity")
    else { return nil }
    for side in Side.allCases where map[side.rawValue] == nil {
      problems.report(node.place, "`\(side.rawValue)` is missing: an entity with one side only is not supported yet")
    }
    guard let salesforce = side(.salesforce, map), let netsuite = side(.netsuite, map) else { return nil }
    guard let linkNode = map.required("link"), let link = link(linkNode) else { return nil }
    var entity = Entity(name: name, place: node.place, salesforce: salesforce, netsuite: netsuite, link: link)
    entity.label = blueprint.records(of: salesforce).first?.fields["Name"] != nil ? "Name" : nil
    var scope = EntityScope(blueprint, salesforce, netsuite)
    checkConditions(entity, map, scope)
    if let create = map["create"]?.map(known: ["salesforce", "netsuite"], problems) {
      loadCreate(create, into: &entity, scope)
    }
    let blocks = [node] + used(map)
    for block in blocks { ReadLoader(problems, blueprint).load(block["reads"], into: &entity, &scope) }
    for block in blocks { FieldLoader(problems, blueprint, scope).load(block["fields"], into: &entity) }
    if let lists = map["lists"] { ListLoader(problems, blueprint, scope).load(lists, into: &entity) }
    loadStamps(map["stamps"], into: &entity)
    checkLink(entity, linkNode)
    return entity
  }

  private func side(_ side: Side, _ map: ConfigMap) -> EntitySide? {
    guard let node = map[side.rawValue], let part = node.map(known: ["connection", "record", "where"], problems) else {
      return nil
    }
    guard let connection = connection(side, part, node.place) else { return nil }
    guard let types = part.required("record")?.texts(problems), let schema = blueprint.schemas[connection] else {
      return nil
    }
    var spelled: [String] = []
    for type in types {
      guard let name = schema.name(of: type), side == .netsuite || name == type else {
        problems.unknown("record", type, among: schema.records.keys, at: part["record"]?.place ?? node.place)
        continue
      }
      spelled.append(name)
    }
    guard spelled.count == types.count, !spelled.isEmpty else { return nil }
    var result = EntitySide(side: side, connection: connection, types: spelled)
    if let condition = part["where"] { result.condition = problems.expression(condition, "where") }
    return result
  }

  private func connection(_ side: Side, _ part: ConfigMap, _ place: ConfigNode.Place) -> String? {
    let fitting = blueprint.connections.filter { Side($0.value) == side }.keys.sorted()
    guard let node = part["connection"] else {
      if fitting.count == 1 { return fitting[0] }
      let which = fitting.isEmpty ? "there is no \(side.title) connection" : "there are several: say which"
      problems.report(place, "`connection` is missing, and \(which)")
      return nil
    }
    guard let name = node.text(problems) else { return nil }
    guard fitting.contains(name) else {
      problems.unknown("\(side.title) connection", name, among: fitting, at: node.place)
      return nil
    }
    return name
  }

  private func link(_ node: ConfigNode) -> Link? {
    guard let map = node.map(known: ["salesforce", "netsuite", "match", "confirm"], problems) else { return nil }
    var link = Link()
    for side in Side.allCases { link.keys[side] = map.text(side.rawValue) }
    if link.keys.isEmpty {
      problems.report(node.place, "`link` names no key: a field that holds the partner, on one side or both")
      return nil
    }
    for alternative in map.list("match") ?? [] {
      if let names = alternative.list(problems)?.compactMap({ $0.text(problems) }) { link.match.append(names) }
    }
    link.confirmsSingle = map.word("confirm", of: ["single", "person"]) == "single"
    return link
  }

  private func checkConditions(_ entity: Entity, _ map: ConfigMap, _ scope: EntityScope) {
    for side in Side.allCases {
      problems.check(
        entity.side(side).condition, scope.alone(side), gives: .bool, at: map[side.rawValue]?["where"], "where")
    }
  }

  /// The key says on which side the record is made; the condition reads the other.
  private func loadCreate(_ map: ConfigMap, into entity: inout Entity, _ scope: EntityScope) {
    for side in Side.allCases {
      guard let node = map[side.rawValue] else { continue }
      entity.create[side] = problems.expression(node, "create")
      problems.check(entity.create[side], scope.alone(side.other), gives: .bool, at: node, "create")
      if entity.link.keys[side] == nil {
        problems.report(
          node.place,
          "a record made in \(side.title) needs a key there (`link: { \(side.rawValue): … }`), so that it is not made twice"
        )
      }
    }
  }

  private func used(_ map: ConfigMap) -> [ConfigNode] {
    guard let node = map["uses"] else { return [] }
    return (node.texts(problems) ?? []).compactMap { name in
      if let block = shared[name] { return block }
      problems.unknown("shared block", name, among: shared.keys, at: node.place)
      return nil
    }
  }

  private func loadStamps(_ node: ConfigNode?, into entity: inout Entity) {
    guard let sides = node?.map(known: ["salesforce"], later: ["netsuite"], problems),
      let stamps = sides["salesforce"]?.map(known: Stamp.Kind.allCases.map(\.rawValue), later: ["url", "at"], problems)
    else { return }
    for kind in Stamp.Kind.allCases {
      guard let node = stamps[kind.rawValue], let field = node.text(problems) else { continue }
      let place = FieldPlaceCheck(problems, blueprint)
      guard let found = place.field(field, entity.salesforce, isWritten: true, at: node.place) else { continue }
      guard found.kind == .text || found.kind == .choice(list: nil) else {
        problems.report(node.place, "`\(field)` is a \(found.kind.title), and a stamp is text")
        continue
      }
      entity.stamps.append(Stamp(side: .salesforce, kind: kind, field: field))
    }
  }

  private func checkLink(_ entity: Entity, _ node: ConfigNode) {
    let check = FieldPlaceCheck(problems, blueprint)
    for side in Side.allCases {
      guard let key = entity.link.keys[side], let place = node[side.rawValue]?.place else { continue }
      _ = check.field(key, entity.side(side), isWritten: true, at: place)
    }
    for name in entity.link.match.flatMap({ $0 }) {
      let place = node["match"]?.place ?? node.place
      guard let rule = entity.field(name) else {
        problems.unknown("field", name, among: entity.fields.map(\.name), at: place)
        continue
      }
      guard case .field = rule.salesforce, case .field = rule.netsuite else {
        problems.report(place, "`\(name)` cannot be matched by: it needs a plain field on both sides")
        continue
      }
    }
  }
}
