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

      SIGTERM: /readyz says no and everything is still taken for the drain delay (10 s unless configured), so that load \
      balancers go elsewhere; then nothing new is taken, what is in flight is finished, and it exits with 0. SIGINT \
      does the same without the delay. A second signal skips the waiting; nothing that was acknowledged is lost.

      Under systemd it says when it is ready (Type=notify) and takes the sockets that `listen.public` calls \
      systemd:NAME. It leaves no core dump, and no other process may look into its memory, unless CAUSEWAY_DUMPABLE is 1.

      EXAMPLES
        causeway serve --config deploy/lead-to-cash
        causeway serve --config /etc/causeway --environment sandbox --data /var/lib/causeway
      """)

  @OptionGroup var folder: FolderOptions
  @OptionGroup var data: DataOptions

  func run() async throws {
    // Before anything is opened: a signal during the start waits for its end, and is heard.
    let signals = try Signals.stream(of: [.terminate, .interrupt, .hangUp])
    try Self.limitProcess()
    let inherited = try Self.inheritedSockets()
    let loaded = try folder.load()
    let log = Logger(label: "causeway") { _ in JSONLog { Output.write($0, to: STDERR_FILENO) } }
    for warning in loaded.warnings { log.warning("\(warning)") }
    let program = try await start(loaded, inherited, log)
    let end = await Self.end(of: program, signals)
    let patience = Patience()
    let impatience = Task {
      for await signal in signals where signal != .hangUp { patience.hurry() }
    }
    await program.stop(announcing: end == .signal(.terminate), patience: patience)
    impatience.cancel()
    if case .storage(let failure) = end { throw Failed(failure) }
  }

  /// Secrets are in memory from here on: not before this.
  private static func limitProcess() throws {
    ProcessLimits.raiseDescriptors()
    if Machine.environment["CAUSEWAY_DUMPABLE"] == "1" { return }
    do throws(Errno) {
      try ProcessLimits.forbidCoreDumps()
    } catch {
      throw Failed("core dumps cannot be forbidden: \(error); CAUSEWAY_DUMPABLE=1 allows them")
    }
  }

  private static func inheritedSockets() throws -> InheritedSockets {
    do throws(InheritedSockets.Unusable) {
      return try InheritedSockets.take(environment: Machine.environment)
    } catch {
      throw Failed("sockets of the service manager: \(error)")
    }
  }

  private func start(_ loaded: Loaded, _ inherited: InheritedSockets, _ log: Logger) async throws -> Program {
    var options = Program.Options()
    options.data = data.folder
    options.inherited = inherited
    options.manager = ServiceManager(environment: Machine.environment)
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

  private enum End: Equatable, Sendable {
    case signal(Signal)
    /// Only a new start, which verifies the log, helps.
    case storage(String)
  }

  private static func end(of program: Program, _ signals: AsyncStream<Signal>) async -> End {
    await withTaskGroup(of: End?.self) { group in
      group.addTask {
        for await signal in signals {
          guard signal == .hangUp else { return .signal(signal) }
          program.reload()
        }
        return nil
      }
      group.addTask {
        while !Task.isCancelled {
          if let failure = program.queue.failure {
            return .storage("storage failed, a restart verifies what is there: \(failure)")
          }
          try? await Task.sleep(for: .milliseconds(500))
        }
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first ?? .signal(.terminate)
    }
  }
}
