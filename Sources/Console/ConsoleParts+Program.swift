import Service
import Web

extension ConsoleParts {
  /// What a running program gives.
  public init(program: Program) {
    self.init(
      queue: program.queue, ledger: program.ledger, state: { program.readiness.state.sentence },
      connections: {
        program.connectionStatus.map {
          Connection(
            name: $0.name, kind: $0.system.kind.rawValue, account: $0.system.account, calls: $0.calls,
            failuresInARow: $0.failuresInARow, circuit: $0.circuit)
        }
      },
      counters: { program.serverCounters },
      handshakes: {
        program.handshakes.map {
          Handshakes(
            finished: $0.finished, resumed: $0.resumed, certificatesRefused: $0.certificatesRefused, failed: $0.failed)
        }
      },
      notices: { program.notices.counts },
      refusals: { program.refusals.list }, keys: { program.keyReports },
      hosts: [program.loaded.settings.consoleListener.host])
  }
}

extension ConsoleHandler {
  public init(program: Program) { self.init(ConsoleParts(program: program)) }
}
