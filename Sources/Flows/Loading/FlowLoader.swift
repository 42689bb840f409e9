import Events
import Expressions

/// One file of `flows/`.
struct FlowLoader {
  let blueprint: Blueprint
  let problems: Problems

  init(_ blueprint: Blueprint, _ problems: Problems) {
    self.blueprint = blueprint
    self.problems = problems
  }

  func load(_ node: ConfigNode) -> Flow? {
    guard
      let map = node.map(
        known: ["flow", "entity", "on", "settle", "live"],
        later: ["expect", "holds", "since", "pilot", "priority", "trust"], problems),
      let name = map.requiredText("flow"), let entityName = map.requiredText("entity")
    else { return nil }
    if let live = map["live"], live.scalar != "on" {
      problems.report(live.place, "`live: \(live.scalar ?? "")` is not supported yet; it is `on` or left out")
    }
    if let settle = map["settle"], let time = settle.milliseconds(problems), time != 0 {
      problems.report(settle.place, "`settle` other than `0s` is not supported yet")
    }
    guard let entity = blueprint.entity(entityName) else {
      let names = blueprint.entities.map(\.name)
      problems.unknown("entity", entityName, among: names, at: map["entity"]?.place ?? node.place)
      return nil
    }
    let rows = map.required("on")?.list(problems) ?? []
    return Flow(
      name: name, place: node.place, entity: entityName, triggers: rows.compactMap { trigger($0, entity) })
  }

  private func trigger(_ node: ConfigNode, _ entity: Entity) -> Trigger? {
    let later = ["changed", "at", "every", "zone", "only", "when"]
    guard let map = node.map(known: ["event", "of"], later: later, problems) else { return nil }
    if map["event"] == nil, map.pairs.isEmpty || node["changed"] != nil || node["at"] != nil { return nil }
    guard let eventNode = map.required("event"), let event = eventNode.text(problems) else { return nil }
    let parts = event.split(separator: ".", maxSplits: 1).map(String.init)
    if parts.first == "linked" {
      problems.report(eventNode.place, "`linked` events are not supported yet")
      return nil
    }
    guard parts.count == 2, let side = Side(rawValue: parts[0]) else {
      problems.report(eventNode.place, "`\(event)` is no event: `salesforce.Account`, `netsuite.salesOrder`")
      return nil
    }
    let schema = blueprint.schemas[entity.side(side).connection] ?? Schema(records: [:])
    guard let type = schema.name(of: parts[1]), side == .netsuite || type == parts[1] else {
      let names = schema.records.keys.map { "\(side.rawValue).\($0)" }
      problems.unknown("event", event, among: names, at: eventNode.place)
      return nil
    }
    guard let way = way(map["of"], side, type, entity, at: eventNode.place) else { return nil }
    return Trigger(place: node.place, side: side, type: type, way: way)
  }

  private func way(
    _ node: ConfigNode?, _ side: Side, _ type: String, _ entity: Entity, at place: ConfigNode.Place
  ) -> Trigger.Way? {
    guard let node else {
      if entity.side(side).types.contains(type) { return .itself }
      problems.report(place, "`\(type)` is no record of `\(entity.name)`: say with `of` how it leads to one")
      return nil
    }
    guard let text = node.text(problems) else { return nil }
    if text.trimmed.lowercased().hasPrefix("select ") { return query(node, side, type) }
    let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2, FieldPath(text) != nil, Side(rawValue: parts[0]) == side else {
      problems.report(
        node.place, "`of` is a field of the event's record, such as `\(side.rawValue).createdFrom`, or a query")
      return nil
    }
    let fields = blueprint.schemas[entity.side(side).connection]?[type]?.fields ?? [:]
    guard fields[parts[1]] != nil else {
      problems.unknown("field", "\(type).\(parts[1])", among: fields.keys.map { "\(type).\($0)" }, at: node.place)
      return nil
    }
    return .field(parts[1])
  }

  private func query(_ node: ConfigNode, _ side: Side, _ type: String) -> Trigger.Way? {
    guard let query = ReadLoader.query(node, problems) else { return nil }
    let event = RecordType("event", fields: ["id": .string, "type": .string])
    for parameter in query.parameters {
      problems.check(parameter, Scope(["event": .record(event)]), gives: .dyn, at: node, "of")
    }
    return .query(query)
  }
}
