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
    let loaded = loader.load()
    return (problems.isEmpty ? loaded : nil, problems.list)
  }
}

struct BlueprintLoader {
  var blueprint: Blueprint
  let folder: String
  let problems: Problems

  init(_ blueprint: Blueprint, folder: String, _ problems: Problems) {
    self.blueprint = blueprint
    self.folder = folder
    self.problems = problems
  }

  mutating func load() -> Blueprint { blueprint }
}
