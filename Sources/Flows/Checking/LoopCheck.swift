import Events
import Expressions

/// No value goes in a circle: from a field, over others, back to itself.
struct LoopCheck {
  let entity: Entity
  let problems: Problems

  init(_ entity: Entity, _ problems: Problems) {
    self.entity = entity
    self.problems = problems
  }

  private struct Edge {
    let from: String
    let to: String
    let rule: FieldRule
  }

  func run() {
    let edges = entity.fields.flatMap(edges)
    var reported: Set<String> = []
    for edge in edges {
      guard let circle = shortest(from: edge.to, to: edge.from, edges) else { continue }
      let names = [edge.from] + ([edge] + circle).map(\.to)
      guard reported.insert(Set(names).sorted().joined(separator: " ")).inserted else { continue }
      let lines = ([edge] + circle).map { "\($0.rule.place.file):\($0.rule.place.line)" }
      problems.report(
        edge.rule.place,
        "a value goes in a circle: \(names.joined(separator: " → ")) (\(lines.joined(separator: ", ")))")
    }
  }

  private func edges(_ rule: FieldRule) -> [Edge] {
    guard let target = rule.target, let path = rule.path(target) else { return [] }
    var sources: Set<String> = []
    for expression in [rule.value, rule.turn].compactMap({ $0 }) {
      for path in expression.paths where path.count > 1 && Side(rawValue: path[0]) != nil {
        sources.insert(path.joined(separator: "."))
      }
    }
    if rule.value == nil, let side = rule.source, let from = rule.path(side) {
      sources.insert("\(side.rawValue).\(from)")
    }
    return sources.sorted().map { Edge(from: $0, to: "\(target.rawValue).\(path)", rule: rule) }
  }

  /// The edges of the shortest way; none where start and end are one.
  private func shortest(from start: String, to end: String, _ edges: [Edge]) -> [Edge]? {
    var ways: [(node: String, way: [Edge])] = [(start, [])]
    var seen: Set<String> = [start]
    var next = 0
    while next < ways.count {
      let (node, way) = ways[next]
      next += 1
      if node == end { return way }
      for edge in edges where edge.from == node && seen.insert(edge.to).inserted {
        ways.append((edge.to, way + [edge]))
      }
    }
    return nil
  }
}
