import ArgumentParser
import Formats
import HTTP

struct EventsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Every event that matches, oldest first.",
    discussion: """
      With --json one object a line, written while it is read: sequence, endpoint, id, key, state, receivedAt, kind, \
      subject, change, system, attempts, and dueAt, conflicting and reason where they are there. Never a payload.

      EXAMPLES
        causeway events list --config deploy/lead-to-cash --limit 20
        causeway events list --config deploy/lead-to-cash --state held --json
      """)

  @OptionGroup var admin: AdminOptions
  @OptionGroup var filter: EventFilter
  @Option(name: .long, help: "At most so many.")
  var limit: UInt32?
  @Option(name: .long, help: "Only those behind this sequence.")
  var after: UInt64?

  func run() async throws {
    var items = filter.items
    if let limit { items.append(("limit", "\(limit)")) }
    if let after { items.append(("after", "\(after)")) }
    let text = items.map { "\($0.0)=\(PercentCoding.encode($0.1))" }.joined(separator: "&")
    let query = Query(text) ?? [:]
    let isJSON = admin.json
    try await admin.withAPI { api in
      if isJSON {
        try await api.call(.get, "/api/v1/events", query: query) { Output.bytes($0) }
      } else {
        Output.line(EventTable.head)
        let lines = Lines { line in
          if let json = try? JSON.parse(line) { Output.line(EventTable.row(json)) }
        }
        try await api.call(.get, "/api/v1/events", query: query) { lines.add($0) }
      }
    }
  }
}

/// Columns for people.
enum EventTable {
  private static let columns: [(title: String, width: Int, value: @Sendable (JSON) -> String)] = [
    ("EVENT", 7, { $0["sequence"]?.int.map { "\($0)" } ?? "" }),
    ("STATE", 8, { $0["state"]?.string ?? "" }),
    ("RECEIVED", 20, { seconds($0["receivedAt"]?.string ?? "") }),
    ("ENDPOINT", 10, { $0["endpoint"]?.string ?? "" }),
    ("KIND", 16, { $0["kind"]?.string ?? "" }),
    ("ABOUT", 40, { "\($0["subject"]?.string ?? "") \($0["key"]?.string ?? "")" }),
    ("TRIES", 5, { $0["attempts"]?.int.map { "\($0)" } ?? "" }),
    ("REASON", 0, { $0["reason"]?["sentence"]?.string ?? "" }),
  ]

  /// An instant without its fraction.
  private static func seconds(_ text: String) -> String {
    guard let point = text.firstIndex(of: ".") else { return text }
    return text[..<point] + "Z"
  }

  static var head: String { line { title, _ in title } }

  static func row(_ json: JSON) -> String { line { _, value in Output.plain(value(json)) } }

  private static func line(_ cell: (String, (JSON) -> String) -> String) -> String {
    Table.line(columns.map { (cell($0.title, $0.value), $0.width) })
  }
}
