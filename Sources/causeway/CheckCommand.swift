import ArgumentParser
import Flows
import Formats
import Service

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say whether a configuration folder can be served, and what is wrong with it.",
    discussion: """
      Reads the folder as `serve` does, without any secret and without calling anybody. Each problem is a line on \
      standard error that begins with its file and line.

      EXAMPLES
        causeway check --config deploy/lead-to-cash
        causeway check --config deploy/lead-to-cash --json
      """)

  @OptionGroup var folder: FolderOptions
  @Flag(name: .long, help: "One JSON object on standard output instead of lines.")
  var json = false

  func run() throws {
    let (loaded, problems) = Configuration.load(folder: folder.config, environment: folder.environment)
    if json {
      Output.line(Self.json(loaded, problems).text)
    } else {
      for problem in problems { Output.error("\(problem)") }
      for warning in loaded?.warnings ?? [] { Output.error("warning: \(warning)") }
    }
    guard let loaded else { throw ExitCode(1) }
    if !json {
      let (entities, flows) = (loaded.blueprint.entities.count, loaded.blueprint.flows.count)
      Output.line("check: ok (\(entities) entities, \(flows) flows, \(loaded.settings.endpoints.count) endpoints)")
    }
  }

  private static func json(_ loaded: Loaded?, _ problems: [Problem]) -> JSON {
    var json: JSONObject = [
      "ok": .bool(loaded != nil),
      "problems": .array(
        problems.map {
          ["file": .string($0.file), "line": .number(Int64($0.line)), "message": .string($0.message)]
        }),
      "warnings": .array((loaded?.warnings ?? []).map { .string($0) }),
    ]
    if let loaded {
      json["entities"] = .array(loaded.blueprint.entities.map { .string($0.name) })
      json["flows"] = .array(loaded.blueprint.flows.map { .string($0.name) })
      json["endpoints"] = .array(loaded.settings.endpoints.map { .string($0.name) })
    }
    return .object(json)
  }
}
