import Connectors
import Events
import Flows
import Inbound

/// A configuration folder that was read and checked; its secrets were not.
public struct Loaded: Sendable {
  public let settings: Settings
  public let blueprint: Blueprint
  /// What is allowed and still doubtful.
  public let warnings: [String]
}

public enum Configuration {
  /// Reads and checks a configuration folder: `causeway.yaml` with `environments/<environment>.yaml` over it, then
  /// entities, flows and tables. Neither secrets nor environment variables are read.
  ///
  /// Returns everything that is wrong, by file and line; a configuration only where nothing is.
  public static func load(folder: String, environment: String? = nil) -> (Loaded?, [Problem]) {
    let problems = Problems()
    guard let root = root(folder, environment, problems) else { return (nil, problems.list) }
    let settings = SettingsLoader(folder: folder, problems).load(root)
    var warnings: [String] = []
    for endpoint in settings?.endpoints ?? [] {
      for problem in SourceCatalogue.problems(with: endpoint.source([:])) {
        let place = endpoint.place(of: problem)
        if problem.isWarning {
          warnings.append("\(place.text): endpoint `\(endpoint.name)`: \(problem)")
        } else {
          problems.report(place, "endpoint `\(endpoint.name)`: \(problem)")
        }
      }
    }
    // What is wrong with `tls` itself is said already.
    if let settings, (root["tls"] == nil) == (settings.tls == nil) { ClientCertificates(settings).report(to: problems) }
    let connections = settings?.connections ?? []
    let (blueprint, found) = Blueprint.load(
      folder: folder,
      connections: Dictionary(connections.map { ($0.name, $0.system.kind) }, uniquingKeysWith: { first, _ in first }),
      schemas: Dictionary(
        connections.map { ($0.name, $0.system.kind == .salesforce ? Schema.salesforce : Schema.netsuite) },
        uniquingKeysWith: { first, _ in first }),
      values: settings?.values ?? [:])
    for problem in found { problems.report(problem) }
    guard problems.isEmpty, let settings, let blueprint else { return (nil, problems.list) }
    return (Loaded(settings: settings, blueprint: blueprint, warnings: warnings), [])
  }

  private static func root(_ folder: String, _ environment: String?, _ problems: Problems) -> ConfigNode? {
    guard var root = file("causeway.yaml", in: folder, problems) else { return nil }
    guard let environment else { return root }
    guard let over = file("environments/\(environment).yaml", in: folder, problems) else { return nil }
    let allowed = ["connections", "values"]
    guard over.map(known: allowed, problems) != nil else { return nil }
    root = root.overlaid(with: over)
    return root
  }

  private static func file(_ name: String, in folder: String, _ problems: Problems) -> ConfigNode? {
    do {
      let bytes = try Files.read(folder + "/" + name, limit: 1 << 20)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        problems.report(Problem(file: name, line: 0, message: "is not UTF-8"))
        return nil
      }
      return try ConfigNode.parse(text, file: name)
    } catch let problem as Problem {
      problems.report(problem)
    } catch {
      problems.report(Problem(file: name, line: 0, message: "cannot be read in \(folder): \(error)"))
    }
    return nil
  }
}

extension ConfigNode.Place {
  /// As errors begin: `causeway.yaml:12`.
  var text: String { "\(file):\(line)" }
}
