import Connectors
import Events
import Flows

/// Which systems a flow's runs read and write.
struct Reach: Sendable {
  /// Names of connections by flow.
  private let names: [String: [String]]
  private let systems: [String: System]

  init(_ blueprint: Blueprint, systems: [String: System]) {
    var names: [String: [String]] = [:]
    for flow in blueprint.flows {
      guard let entity = blueprint.entity(flow.entity) else { continue }
      names[flow.name] = [entity.salesforce.connection, entity.netsuite.connection]
    }
    self.names = names
    self.systems = systems
  }

  init(_ loaded: Loaded) {
    let systems = loaded.settings.connections.map { ($0.name, $0.system) }
    self.init(loaded.blueprint, systems: Dictionary(systems, uniquingKeysWith: { first, _ in first }))
  }

  func connections(of flow: String) -> [String] { names[flow] ?? [] }

  func destinations(of flow: String) -> [System] { connections(of: flow).compactMap { systems[$0] } }

  /// The routes that end at one of these connections.
  func routes(to shut: Set<String>) -> Set<Route> {
    if shut.isEmpty { return [] }
    var routes: Set<Route> = []
    for (flow, names) in names {
      for name in names where shut.contains(name) {
        if let system = systems[name] { routes.insert(Route(flow: flow, destination: system)) }
      }
    }
    return routes
  }
}
