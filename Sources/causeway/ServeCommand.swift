import ArgumentParser
import Console
import Glibc
import Logging
import Posix
import Service

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Receive events and settle the records that they touch, until told to stop.",
    discussion: """
      Listens where causeway.yaml says: webhooks on the public listener, the console on the other. Secrets come from \
      the environment and from files, as causeway.yaml names them. Logs are JSON objects, one a line, on standard error.

      SIGTERM and SIGINT drain: nothing new is taken, what is in flight is finished, then it exits with 0. A second \
      signal ends it at once; nothing that was acknowledged is lost.

      EXAMPLES
        causeway serve --config deploy/lead-to-cash
        causeway serve --config /etc/causeway --environment sandbox --data /var/lib/causeway
      """)

  @OptionGroup var folder: FolderOptions
  @OptionGroup var data: DataOptions

  func run() async throws {
    // Before anything is opened: a signal during the start waits for its end, and is heard.
    let signals = try Signals.stream(of: [.terminate, .interrupt])
    let loaded = try folder.load()
    let log = Logger(label: "causeway") { _ in JSONLog { Output.write($0, to: STDERR_FILENO) } }
    for warning in loaded.warnings { log.warning("\(warning)") }
    let program = try await start(loaded, log)
    let failure = await Self.end(of: program, signals)
    let impatience = Task {
      for await _ in signals { Glibc.exit(1) }
    }
    await program.stop()
    impatience.cancel()
    if let failure { throw Failed(failure) }
  }

  private func start(_ loaded: Loaded, _ log: Logger) async throws -> Program {
    var options = Program.Options()
    options.data = data.folder
    do throws(StartError) {
      let program = try await Program.open(loaded, environment: Machine.environment, options: options, log: log)
      do throws(StartError) {
        try program.listen(console: ConsoleHandler(program: program))
      } catch {
        await program.stop()
        throw error
      }
      return program
    } catch {
      throw Failed(error.description)
    }
  }

  /// Returns when a signal came (nil), or when storage failed: then only a new start, which verifies the log, helps.
  private static func end(of program: Program, _ signals: AsyncStream<Signal>) async -> String? {
    await withTaskGroup(of: String?.self) { group in
      group.addTask {
        for await _ in signals { break }
        return nil
      }
      group.addTask {
        while !Task.isCancelled {
          if let failure = program.queue.failure {
            return "storage failed, a restart verifies what is there: \(failure)"
          }
          try? await Task.sleep(for: .milliseconds(500))
        }
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
  }
}
