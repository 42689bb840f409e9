import Events

extension Blueprint {
  /// Reads `entities`, `flows`, `tables`, `shared` and `schema` of a configuration folder, and checks all of it.
  ///
  /// - Parameters:
  ///   - connections: the connections of `causeway.yaml`, by name.
  ///   - schemas: what each connection's system has by itself; `schema/<connection>.yaml` is merged in.
  ///   - values: what `named('…')` gives, of `causeway.yaml` and the environment.
  /// - Returns: the blueprint, unless something is wrong; and all that is wrong, by file and line.
  public static func load(
    folder: String, connections: [String: System.Kind], schemas: [String: Schema], values: [String: String] = [:]
  ) -> (Blueprint?, [Problem]) {
    let problems = Problems()
    var blueprint = Blueprint()
    blueprint.connections = connections
    blueprint.schemas = schemas
    blueprint.values = values
    var loader = BlueprintLoader(blueprint, folder: folder, problems)
    loader.load()
    return (problems.isEmpty ? loader.blueprint : nil, problems.list)
  }
}

/// Reads what others refer to first, then entities and flows, then checks the whole.
struct BlueprintLoader {
  var blueprint: Blueprint
  let folder: String
  let problems: Problems
  var shared: [String: ConfigNode] = [:]

  init(_ blueprint: Blueprint, folder: String, _ problems: Problems) {
    self.blueprint = blueprint
    self.folder = folder
    self.problems = problems
  }

  mutating func load() {
    loadSchemas()
    for node in files("tables") {
      guard let table = TableLoader.load(node, problems) else { continue }
      if let other = blueprint.tables.updateValue(table, forKey: table.name) {
        problems.report(node.place, "table `\(table.name)` is in \(other.place.file) already")
      }
    }
    loadShared()
    for node in files("entities") {
      guard let entity = EntityLoader(self, problems).load(node) else { continue }
      if let other = blueprint.entity(entity.name) {
        problems.report(node.place, "entity `\(entity.name)` is in \(other.place.file) already")
      } else {
        blueprint.entities.append(entity)
      }
    }
    blueprint.entities.sort { $0.name < $1.name }
    for node in files("flows") {
      guard let flow = FlowLoader(blueprint, problems).load(node) else { continue }
      if let other = blueprint.flow(flow.name) {
        problems.report(node.place, "flow `\(flow.name)` is in \(other.place.file) already")
      } else {
        blueprint.flows.append(flow)
      }
    }
    blueprint.flows.sort { $0.name < $1.name }
    ReferenceCheck(blueprint, problems).run()
    WriterCheck(blueprint, problems).run()
    for entity in blueprint.entities { LoopCheck(entity, problems).run() }
  }

  private func files(_ subfolder: String) -> [ConfigNode] {
    FolderReader.files(in: subfolder, of: folder, problems)
  }

  private mutating func loadSchemas() {
    for node in files("schema") {
      let file = node.file.dropFirst("schema/".count).dropLast(".yaml".count)
      let connection = String(file)
      guard let base = blueprint.schemas[connection] else {
        let hint = suggestion(for: connection, among: blueprint.connections.keys)
        problems.report(Problem(file: node.file, line: 0, message: "there is no connection `\(connection)`\(hint)"))
        continue
      }
      blueprint.schemas[connection] = SchemaLoader.merge(node, into: base, problems)
    }
  }

  private mutating func loadShared() {
    for node in files("shared") {
      guard let map = node.map(known: ["shared", "fields", "reads"], later: ["lists", "stamps", "files"], problems),
        let name = map.requiredText("shared")
      else { continue }
      if let other = shared.updateValue(node, forKey: name) {
        problems.report(node.place, "`\(name)` is in \(other.file) already")
      }
    }
  }
}
