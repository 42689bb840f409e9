import ArgumentParser
import Formats
import HTTP

struct EventsShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "One event: its state and why, the runs that it asked for, and what each did.",
    discussion: """
      EXAMPLES
        causeway events show 4711 --config deploy/lead-to-cash
        causeway events show 4711 --config deploy/lead-to-cash --payload --json
      """)

  @Argument(help: "The event's sequence: the first column of `events list`.")
  var sequence: UInt64
  @OptionGroup var admin: AdminOptions
  @Flag(name: .long, help: "With its payload, which may hold personal data.")
  var payload = false

  func run() async throws {
    guard let api = try admin.open() else { throw Failed("There is no such event.") }
    let answer: JSON
    do {
      answer = try await api.json(
        .get, "/api/v1/events/\(sequence)", query: payload ? ["payload": "1"] : [:])
    } catch {
      await api.close()
      throw error
    }
    await api.close()
    if admin.json { Output.line(answer.text) } else { Self.show(answer) }
  }

  private static func show(_ event: JSON) {
    for name in ["sequence", "state", "receivedAt", "endpoint", "kind", "subject", "key", "id", "system", "attempts"] {
      if let value = event[name] { line(name, value) }
    }
    for name in ["dueAt", "conflicting", "cause"] {
      if let value = event[name] { line(name, value) }
    }
    if let reason = event["reason"] {
      line("reason", reason["sentence"] ?? .null)
      line("code", .string("\(reason["code"]?.string ?? "") (\(reason["class"]?.string ?? ""))"))
    }
    if let payload = event["payload"] { line("payload", .string(payload.text)) }
    for request in event["requests"]?.array ?? [] {
      Output.line("")
      Output.line("asked for " + EventTable.row(request))
    }
    for run in event["runs"]?.array ?? [] { show(run: run) }
  }

  private static func show(run: JSON) {
    func text(_ name: String) -> String { Output.plain(run[name]?.string ?? "-") }
    Output.line("")
    Output.line("run \(run["id"]?.int ?? 0) of \(text("flow")): \(text("outcome"))")
    Output.line("  pair      salesforce \(text("salesforce")), netsuite \(text("netsuite"))")
    Output.line("  took      \(text("started")) to \(text("finished")), \(run["calls"]?.int ?? 0) API calls")
    if let sentence = run["reason"]?["sentence"]?.string { Output.line("  reason    \(Output.plain(sentence))") }
    for step in run["steps"]?.array ?? [] {
      for line in StepText.lines(step) { Output.line("  " + Output.plain(line)) }
    }
  }

  private static func line(_ name: String, _ value: JSON) {
    let title = name + String(repeating: " ", count: max(0, 12 - name.count))
    Output.line(title + Output.plain(value.string ?? value.text))
  }
}
