import ArgumentParser
import Console
import Glibc

/// The program. Exit 0: done; 1: the work found something wrong; 2: the call was wrong.
@main
struct Causeway: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "causeway",
    abstract: "Connects Salesforce and NetSuite: a signed event in, the right record out.",
    discussion: """
      A configuration folder says which records are one thing, who owns which field, and which events matter. \
      `serve` runs it; `check` says what is wrong with it; `events` shows and changes what was received; \
      `queue` verifies, backs up and restores what is on disk.

      EXAMPLES
        causeway check --config deploy/lead-to-cash
        causeway serve --config deploy/lead-to-cash --data /var/lib/causeway
        causeway events list --config deploy/lead-to-cash --state held

      Exit status: 0 done, 1 the work found something wrong, 2 the call was wrong.
      """,
    version: "causeway \(Build.version)",
    subcommands: [
      ServeCommand.self, CheckCommand.self, EventsCommand.self, QueueCommand.self, KeysCommand.self, DemoCommand.self,
      SandboxCommand.self,
    ])

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      end(error)
    }
  }

  private static func end(_ error: any Error) -> Never {
    if let failed = error as? Failed {
      Output.error("causeway: \(failed.description)")
      Glibc.exit(failed.code)
    }
    let code = exitCode(for: error)
    if code == .validationFailure {
      Output.error("causeway: \(message(for: error)) (`causeway help` says how it is called)")
      Glibc.exit(2)
    }
    // Help and version, and a code that was chosen without words.
    exit(withError: error)
  }
}

/// What ends a command, in one line.
struct Failed: Error, CustomStringConvertible {
  let description: String
  /// 1: the work found something wrong; 2: the call was wrong.
  let code: Int32

  init(_ description: String, code: Int32 = 1) {
    self.description = description
    self.code = code
  }
}
