import ArgumentParser
import Formats
import HTTP

/// Which events a change is for: by number, by filter, or all that it can be applied to.
struct ChangeOptions: ParsableArguments {
  @Argument(help: "Sequences of events; without them, the filter chooses.")
  var sequences: [UInt64] = []
  @OptionGroup var filter: EventFilter
  @Flag(name: .long, help: "Every event that it can be applied to.")
  var all = false
  @OptionGroup var admin: AdminOptions

  /// The bodies to send, one after the other.
  func bodies() throws -> [JSONObject] {
    let chosen = filter.json
    if !sequences.isEmpty {
      guard chosen.isEmpty, !all else { throw ValidationError("give sequences, or a filter, not both") }
      return sequences.map { ["sequence": .number(Int64(clamping: $0))] }
    }
    guard all || !chosen.isEmpty else {
      throw ValidationError("say which events: sequences, a filter such as --state held, or --all")
    }
    if all, !chosen.isEmpty { throw ValidationError("--all takes no filter") }
    return [all ? ["all": true] : chosen]
  }

  func apply(_ name: String, _ more: JSONObject = [:]) async throws {
    let changed = try await admin.change(name, try bodies(), more)
    if !sequences.isEmpty, changed < sequences.count {
      throw Failed("\(name): not every event that was named is there and in a state for it")
    }
  }
}

extension AdminOptions {
  /// Sends the bodies, one after the other, and says how many events were changed.
  fileprivate func change(_ name: String, _ bodies: [JSONObject], _ more: JSONObject) async throws -> Int64 {
    let counter = Counter()
    try await withAPI { api in
      for var body in bodies {
        for (name, value) in more { body[name] = value }
        let answer = try await api.json(.post, "/api/v1/events/\(name)", body: .object(body))
        counter.value += answer["changed"]?.int ?? 0
      }
    }
    let changed = counter.value
    Output.line(
      json ? (["changed": .number(changed)] as JSON).text : "\(name): \(changed) \(changed == 1 ? "event" : "events")")
    return changed
  }

  private final class Counter { var value: Int64 = 0 }
}

struct EventsRetry: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Make events due that are held, dead or waiting for their next attempt.",
    discussion: """
      Both systems are read afresh, so a retry of something that was settled meanwhile writes nothing. More than 16 \
      events, and those with --over, are bulk work: what comes meanwhile goes before them.

      EXAMPLES
        causeway events retry 4711 --config deploy/lead-to-cash
        causeway events retry --state held --config deploy/lead-to-cash
        causeway events retry --state dead,held --over 10m --config deploy/lead-to-cash
        causeway events retry 4711 --replay --config deploy/lead-to-cash
      """)

  @OptionGroup var options: ChangeOptions
  @Option(name: .long, help: ArgumentHelp("Spread them evenly over this time: 30s, 10m, 2h.", valueName: "time"))
  var over: String?
  @Flag(name: .long, help: "Also events that are done or dropped, where nothing later of their lane is done.")
  var replay = false
  @Flag(name: .long, help: "With --replay: also where something later of their lane is done.")
  var force = false

  func validate() throws {
    if force, !replay { throw ValidationError("--force goes with --replay") }
    if let over, Self.seconds(over) == nil {
      throw ValidationError("--over takes a time such as 30s, 10m or 2h, at most 7d")
    }
  }

  func run() async throws {
    var more = JSONObject()
    if let seconds = over.flatMap(Self.seconds) { more["over"] = .number(seconds) }
    if replay { more["replay"] = true }
    if force { more["force"] = true }
    try await options.apply("retry", more)
  }

  /// `30s`, `10m`, `2h`, `1d`.
  static func seconds(_ text: String) -> Int64? {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    guard let factor = text.last.flatMap({ units[$0] }), let count = Digits.int(text.dropLast()) else { return nil }
    let (seconds, overflow) = Int64(count).multipliedReportingOverflow(by: factor)
    return overflow || seconds > 604_800 ? nil : seconds
  }
}

struct EventsDrop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop",
    abstract: "Give events up that are queued, held, dead or waiting for their next attempt.",
    discussion: """
      EXAMPLES
        causeway events drop 4711 --reason "test order" --config deploy/lead-to-cash
        causeway events drop --state dead --endpoint crm --config deploy/lead-to-cash
      """)

  @OptionGroup var options: ChangeOptions
  @Option(name: .long, help: "Why; kept with the event.")
  var reason: String?

  func run() async throws { try await options.apply("drop", reason.map { ["reason": .string($0)] } ?? [:]) }
}

struct EventsErase: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase",
    abstract: "Erase events from the disk, whatever came of them.",
    discussion: """
      Returns once nothing of them is left in the queue's files, those that a backup links to among them. Left are when \
      they came, the reason, and digests that tell their repeats. What was not done is not done any more. What flows \
      wrote down about them stays in the ledger; what was copied or carried away is yours to erase.

      EXAMPLES
        causeway events erase --containing ada@example.com --config deploy/lead-to-cash
        causeway events erase --key 0017F00000AbCdEQAV --config deploy/lead-to-cash
        causeway events erase 4711 4712 --config deploy/lead-to-cash
      """)

  @Argument(help: "Sequences of events; without them, the filter and the text choose.")
  var sequences: [UInt64] = []
  @OptionGroup var filter: EventFilter
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Whose payload, id, key or subject holds this text, with its case. A dash reads it from standard input.",
      valueName: "text"))
  var containing: String?
  @Option(name: .long, help: "Why; kept with what is left.")
  var reason: String?
  @OptionGroup var admin: AdminOptions

  func validate() throws {
    if !sequences.isEmpty, !filter.json.isEmpty { throw ValidationError("give sequences, or a filter, not both") }
    if sequences.isEmpty, filter.json.isEmpty, containing == nil {
      throw ValidationError("say which events: sequences, a filter such as --key, or --containing")
    }
    if containing == "" { throw ValidationError("--containing takes a text") }
  }

  func run() async throws {
    var more = JSONObject()
    if let reason { more["reason"] = .string(reason) }
    if let containing {
      guard let text = containing == "-" ? readLine() : containing, !text.isEmpty else {
        throw Failed("erase: there is no text on standard input")
      }
      more["containing"] = .string(text)
    }
    let named: [JSONObject] = sequences.map { ["sequence": .number(Int64(clamping: $0))] }
    let erased = try await admin.change("erase", named.isEmpty ? [filter.json] : named, more)
    if erased < named.count { throw Failed("erase: not every event that was named is there, or holds the text") }
  }
}
