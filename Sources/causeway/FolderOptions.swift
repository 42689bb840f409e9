import ArgumentParser
import Flows
import Foundation
import Service

/// Where the configuration is.
struct FolderOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("The configuration folder: causeway.yaml and what stands beside it.", valueName: "dir"))
  var config: String

  @Option(name: .long, help: ArgumentHelp("Lay environments/NAME.yaml over causeway.yaml.", valueName: "name"))
  var environment: String?

  /// The configuration, or the end: every problem is a line on standard error.
  func load() throws -> Loaded {
    let (loaded, problems) = Configuration.load(folder: config, environment: environment)
    for problem in problems { Output.error("\(problem)") }
    guard let loaded else { throw ExitCode(1) }
    return loaded
  }
}

/// Where the data is.
struct DataOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The data folder, instead of the configuration's; CAUSEWAY_DATA says the same.", valueName: "dir"))
  var data: String?

  /// Nil where the configuration decides.
  var folder: String? { data ?? Machine.environment["CAUSEWAY_DATA"].flatMap { $0.isEmpty ? nil : $0 } }
}

enum Machine {
  static let environment = ProcessInfo.processInfo.environment
}
