import Events

/// One writer: each field of each record of each connection has at most one source.
struct WriterCheck {
  let blueprint: Blueprint
  let problems: Problems

  init(_ blueprint: Blueprint, _ problems: Problems) {
    self.blueprint = blueprint
    self.problems = problems
  }

  private struct Writer {
    let connection: String
    let type: String
    let path: String
    let place: ConfigNode.Place
  }

  func run() {
    var first: [String: Writer] = [:]
    for writer in blueprint.entities.flatMap(writers) {
      let key = "\(writer.connection)|\(writer.type.lowercased())|\(writer.path)"
      guard let other = first[key] else {
        first[key] = writer
        continue
      }
      let text = "`\(writer.type).\(writer.path)` of `\(writer.connection)` has two writers"
      problems.report(writer.place, "\(text): here, and \(other.place.file):\(other.place.line)")
    }
  }

  private func writers(_ entity: Entity) -> [Writer] {
    var found: [Writer] = []
    func add(_ side: Side, _ path: String, _ place: ConfigNode.Place) {
      let part = entity.side(side)
      for type in part.types {
        found.append(Writer(connection: part.connection, type: type, path: path, place: place))
      }
    }
    for side in Side.allCases {
      if let key = entity.link.keys[side] { add(side, key, entity.place) }
    }
    // The stamp of the partner's id may be the key itself.
    for stamp in entity.stamps where !(stamp.kind == .id && entity.link.keys[stamp.side] == stamp.field) {
      add(stamp.side, stamp.field, entity.place)
    }
    for rule in entity.fields {
      if let target = rule.target, let path = rule.path(target) { add(target, path.description, rule.place) }
    }
    if let list = entity.list {
      let name = list.side(list.target).name
      if let key = list.keys[list.target] { add(list.target, "\(name)[].\(key)", list.place) }
      for rule in list.fields {
        if let path = rule.path(list.target) { add(list.target, "\(name)[].\(path)", rule.place) }
      }
    }
    return found
  }
}
