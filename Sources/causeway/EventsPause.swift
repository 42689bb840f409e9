import ArgumentParser
import Formats

/// Which part of the work is paused or resumed.
struct PartOptions: ParsableArguments {
  @Option(name: .long, help: "The runs of this flow.")
  var flow: String?
  @Option(
    name: .long,
    help: "What reads or writes this system, and what comes from it: a connection's name, or netsuite:1234567.")
  var destination: String?
  @Option(name: .long, help: "With --key: a lane's system, as `events list --json` shows it.")
  var system: String?
  @Option(name: .long, help: "With --system: a lane's order key.")
  var key: String?
  @OptionGroup var admin: AdminOptions

  func validate() throws {
    let parts = [flow, destination, system].compactMap { $0 }
    guard parts.count == 1, (system == nil) == (key == nil) else {
      throw ValidationError("say which part: --flow, --destination, or --system and --key")
    }
  }

  var body: JSON {
    var json = JSONObject()
    for (name, value) in [("flow", flow), ("destination", destination), ("system", system), ("key", key)] {
      if let value { json[name] = .string(value) }
    }
    return .object(json)
  }

  func apply(_ name: String, done: String, already: String) async throws {
    try await admin.withAPI { api in
      let answer = try await api.json(.post, "/api/v1/pauses/\(name)", body: body)
      Output.line(admin.json ? answer.text : answer["changed"]?.int == 1 ? done : already)
    }
  }
}

struct EventsPause: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Begin nothing new of a flow, a system or a lane.",
    discussion: """
      What waits stays queued and does not age, over restarts too, until it is resumed. What is being worked on is \
      finished: `drain` waits for that.

      EXAMPLES
        causeway events pause --flow order --config deploy/lead-to-cash
        causeway events pause --destination netsuite:1234567 --config deploy/lead-to-cash
        causeway events pauses --config deploy/lead-to-cash
      """)

  @OptionGroup var part: PartOptions

  func run() async throws { try await part.apply("pause", done: "paused", already: "it is paused already") }
}

struct EventsResume: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Go on with what was paused or drained.",
    discussion: """
      EXAMPLES
        causeway events resume --flow order --config deploy/lead-to-cash
      """)

  @OptionGroup var part: PartOptions

  func run() async throws { try await part.apply("resume", done: "resumed", already: "it is not paused") }
}

struct EventsDrain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain",
    abstract: "Pause a flow, a system or a lane, and wait until nothing of it is being worked on.",
    discussion: """
      It stays paused: `resume` goes on with it.

      EXAMPLES
        causeway events drain --destination netsuite:1234567 --config deploy/lead-to-cash
      """)

  @OptionGroup var part: PartOptions

  func run() async throws {
    try await part.admin.withAPI { api in
      while true {
        // Pausing what is paused changes nothing, and says how it stands.
        let answer = try await api.json(.post, "/api/v1/pauses/pause", body: part.body)
        guard let pause = answer["pause"], let leased = pause["leased"]?.int, leased > 0 else {
          let name = answer["pause"]?["part"]?.string ?? ""
          let waiting = answer["pause"]?["waiting"]?.int ?? 0
          Output.line(
            part.admin.json
              ? (answer["pause"] ?? .null).text
              : "empty: nothing of \(Output.plain(name)) is being worked on, \(waiting) waiting")
          return
        }
        try await Task.sleep(for: .milliseconds(200))
      }
    }
  }
}

struct EventsPauses: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pauses", abstract: "What is paused, since when, and what waits because of it.",
    discussion: """
      EXAMPLES
        causeway events pauses --config deploy/lead-to-cash
      """)

  @OptionGroup var admin: AdminOptions

  func run() async throws {
    try await admin.withAPI { api in
      let answer = try await api.json(.get, "/api/v1/pauses")
      if admin.json { return Output.line(answer.text) }
      let columns = [("PART", 40), ("SINCE", 30), ("WAITING", 8), ("LEASED", 0)]
      Output.line(Table.line(columns.map { ($0.0, $0.1) }))
      for pause in answer["pauses"]?.array ?? [] {
        let cells = [
          pause["part"]?.string ?? "", pause["since"]?.string ?? "", "\(pause["waiting"]?.int ?? 0)",
          "\(pause["leased"]?.int ?? 0)",
        ]
        Output.line(Table.line(zip(cells, columns).map { (Output.plain($0), $1.1) }))
      }
    }
  }
}
