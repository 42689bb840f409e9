import ArgumentParser
import Formats
import HTTP
import Queue
import Service

struct EventsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "List, show, retry, drop, erase, pause and resume the events that were received.",
    discussion: """
      Works while `serve` runs, through the control socket in the data folder, and without it, on the folder itself. \
      No secret is needed.

      States: queued, leased, retrying, held (waits for a person or a change outside), done, dead (will not work as it \
      is), dropped.

      EXAMPLES
        causeway events list --config deploy/lead-to-cash --state held,dead
        causeway events show 4711 --config deploy/lead-to-cash
        causeway events retry --state held --config deploy/lead-to-cash
        causeway events drop 4711 --reason "test order" --config deploy/lead-to-cash
        causeway events erase --containing ada@example.com --config deploy/lead-to-cash
        causeway events drain --flow order --config deploy/lead-to-cash
      """,
    subcommands: [
      EventsList.self, EventsShow.self, EventsRetry.self, EventsDrop.self, EventsErase.self, EventsPause.self,
      EventsDrain.self, EventsResume.self, EventsPauses.self,
    ], defaultSubcommand: nil)
}

/// Which data folder a command works on.
struct AdminOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("The configuration folder. Not needed where --data says where the data is.", valueName: "dir"))
  var config: String?
  @Option(name: .long, help: ArgumentHelp("Lay environments/NAME.yaml over causeway.yaml.", valueName: "name"))
  var environment: String?
  @OptionGroup var data: DataOptions
  @Flag(name: .long, help: "JSON on standard output: one object a line in listings.")
  var json = false

  /// Nil where there is no data yet.
  func open() throws -> (any AdminAPI)? {
    let folder = try folder()
    if let socket = ControlSocket(path: DataFolder.controlSocket(in: folder)) { return socket }
    guard Paths.exists(DataFolder.queue(in: folder)) else {
      Output.error("causeway: there is no data in \(folder) yet")
      return nil
    }
    return try FolderAPI(folder: folder, encryption())
  }

  /// Where the data is.
  func folder() throws -> String {
    if let folder = data.folder { return folder }
    guard let config else { throw ValidationError("--config DIR or --data DIR has to say where the data is") }
    return DataFolder.path(try settings(config), override: nil)
  }

  /// The keys that the data is encrypted with, where the configuration is given.
  func encryption() throws -> QueueEncryption {
    guard let config else { return QueueEncryption() }
    do {
      return try settings(config).queueEncryption(Machine.environment)
    } catch let error as EncryptionFiles.Unusable {
      throw Failed("\(error)")
    }
  }

  private func settings(_ config: String) throws -> Settings {
    let (loaded, problems) = Configuration.load(folder: config, environment: environment)
    for problem in problems { Output.error("\(problem)") }
    guard let loaded else { throw ExitCode(1) }
    return loaded.settings
  }

  /// Opens the API, works, and closes it whatever happens.
  func withAPI(_ work: (any AdminAPI) async throws -> Void) async throws {
    guard let api = try open() else { return }
    do {
      try await work(api)
    } catch {
      await api.close()
      throw error
    }
    await api.close()
  }
}

/// Which events are meant.
struct EventFilter: ParsableArguments {
  @Option(name: .long, help: "Of these states, with commas between.")
  var state: String?
  @Option(name: .long, help: "Of these kinds: outbound-message, change-event, platform-event, netsuite, json, run.")
  var kind: String?
  @Option(name: .long, help: "Received at this endpoint.")
  var endpoint: String?
  @Option(name: .long, help: "With this id, as its sender gave it.")
  var id: String?
  @Option(name: .long, help: "With this order key: a record's id, or the pair's.")
  var key: String?
  @Option(name: .long, help: "About this: Opportunity, salesorder, …; a run's flow.")
  var subject: String?

  var items: [(String, String)] {
    [("state", state), ("kind", kind), ("endpoint", endpoint), ("id", id), ("key", key), ("subject", subject)]
      .compactMap { name, value in value.map { (name, $0) } }
  }

  /// As the admin API takes it.
  var json: JSONObject {
    var json = JSONObject()
    for (name, value) in items {
      json[name] =
        name == "state" || name == "kind"
        ? .array(value.split(separator: ",").map { .string(String($0)) }) : .string(value)
    }
    return json
  }
}
