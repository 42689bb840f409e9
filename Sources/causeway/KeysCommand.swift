import ArgumentParser
import Flows
import Formats
import HTTP
import Service

struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Which key of which endpoint last proved a request, and when.",
    discussion: """
      Works while `serve` runs, through the control socket in the data folder, and without it, on the folder itself. \
      No secret is needed, and none is shown: keys have the names that causeway.yaml gives them.

      To rotate a secret: name the new one beside the old one in the entry's list and restart; have the sender use the \
      new one; wait until the old one's last use is longer ago than the sender may retry (a day for Salesforce, three \
      for most others); take the old one out and restart. A key that never proved a request says `never`.

      With --json one object a line: endpoint, entry, key, count, lastUsed (null: never).

      EXAMPLES
        causeway keys --config deploy/lead-to-cash
        causeway keys --config /etc/causeway --json
      """)

  @OptionGroup var admin: AdminOptions

  func run() async throws {
    let keys = try await reports()
    if admin.json {
      for key in keys { Output.line(key.text) }
    } else {
      Output.line(KeyTable.head)
      for key in keys { Output.line(KeyTable.row(key)) }
    }
  }

  private func reports() async throws -> [JSON] {
    let folder = try admin.folder()
    if let socket = ControlSocket(path: DataFolder.controlSocket(in: folder)) {
      return try await socket.json(.get, "/api/v1/keys")["keys"]?.array ?? []
    }
    guard let config = admin.config else { throw ValidationError("--config DIR has to say which keys there are") }
    let (loaded, _) = Configuration.load(folder: config, environment: admin.environment)
    guard let loaded else { throw ExitCode(1) }
    do throws(KeyUseFile.Unreadable) {
      return try KeyReport.of(loaded.settings, data: folder).map(\.json)
    } catch {
      throw Failed(error.description)
    }
  }
}

/// Columns for people.
enum KeyTable {
  private static let columns: [(title: String, width: Int, value: @Sendable (JSON) -> String)] = [
    ("ENDPOINT", 16, { $0["endpoint"]?.string ?? "" }),
    ("ENTRY", 18, { $0["entry"]?.string ?? "" }),
    ("KEY", 28, { $0["key"]?.string ?? "" }),
    ("REQUESTS", 10, { $0["count"]?.int.map { "\($0)" } ?? "" }),
    ("LAST USED", 0, { lastUsed($0["lastUsed"]?.string) }),
  ]

  /// To the second.
  private static func lastUsed(_ text: String?) -> String {
    guard let text else { return "never" }
    guard let point = text.firstIndex(of: ".") else { return text }
    return text[..<point] + "Z"
  }

  static var head: String { Table.line(columns.map { ($0.title, $0.width) }) }

  static func row(_ json: JSON) -> String { Table.line(columns.map { (Output.plain($0.value(json)), $0.width) }) }
}
