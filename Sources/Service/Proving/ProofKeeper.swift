import Formats
import Inbound
import Logging
import Posix

/// Keeps what has to be known of proofs beyond a restart: how each key was used, and which token came with which body.
/// Reads lists of addresses again, too. All of it apart from the event loops, which wait for no file.
final class ProofKeeper: Sendable {
  private struct State {
    /// As they were when they were last written.
    var written: [KeyReport] = []
    /// Taken from the memory and not yet in the file.
    var tokens: [TokenUse] = []
    /// Lines in the token file.
    var lines = 0
    var failures: Set<String> = []
  }

  private let sources: [String: any Source]
  private let tokens: TokenMemory
  private let keyFile: KeyUseFile
  private let tokenFile: TokenFile
  private let now: @Sendable () -> Instant
  private let log: Logger
  private let state = Lock(State())

  /// How often tokens, key uses and lists of addresses are seen to.
  private static let tokenStep = Duration.milliseconds(250)
  private static let stepsUntilKeys = 40
  private static let stepsUntilLists = 120
  /// Lines of the token file that may be of no use before it is written anew.
  private static let spareLines = 20_000

  init(
    folder: String, sources: [String: any Source], tokens: TokenMemory, log: Logger,
    now: @escaping @Sendable () -> Instant = Now.wall
  ) {
    self.sources = sources
    self.tokens = tokens
    keyFile = KeyUseFile(folder: folder)
    tokenFile = TokenFile(folder: folder)
    self.now = now
    self.log = log
  }

  /// What was known before; called before anything listens. A file that cannot be read costs what it held.
  func restore() {
    do {
      let known = try keyFile.read()
      for (endpoint, source) in sources {
        for key in source.verifier.keys {
          let report = KeyReport(endpoint: endpoint, entry: key.entry, key: key.key)
          guard let before = known.first(where: { $0.names(the: report) }) else { continue }
          key.restore(count: before.count, lastUsed: before.lastUsed)
        }
      }
    } catch {
      tell("\(error)")
    }
    do {
      let uses = try tokenFile.read()
      tokens.restore(uses, now: now().secondsSince1970)
      state.withLock { $0.lines = uses.count }
    } catch {
      tell("which tokens were used before cannot be read: \(error)")
    }
    state.withLock { $0.written = KeyReport.of(sources) }
  }

  /// Until the task is cancelled.
  func run() async {
    var steps = 0
    while !Task.isCancelled {
      try? await Task.sleep(for: Self.tokenStep)
      steps += 1
      writeTokens()
      if steps % Self.stepsUntilKeys == 0 { writeKeys() }
      if steps % Self.stepsUntilLists == 0 { refresh() }
    }
  }

  /// What is known is written; for the end, when nothing is verified any more.
  func close() {
    writeTokens()
    writeKeys()
  }

  private func writeKeys() {
    let reports = KeyReport.of(sources)
    guard state.withLock({ $0.written != reports }) else { return }
    do {
      try keyFile.write(reports)
      state.withLock { $0.written = reports }
    } catch {
      tell("how keys were used cannot be written: \(error)")
    }
  }

  private func writeTokens() {
    let new = tokens.takeUnwritten()
    let (uses, lines) = state.withLock { state in
      state.tokens += new
      return (state.tokens, state.lines)
    }
    guard !uses.isEmpty else { return }
    do {
      if lines + uses.count > 2 * tokens.count + Self.spareLines {
        let live = tokens.all(now: now().secondsSince1970)
        try tokenFile.replace(with: live)
        state.withLock { $0.lines = live.count }
      } else {
        try tokenFile.append(uses)
        state.withLock { $0.lines += uses.count }
      }
      state.withLock { $0.tokens = [] }
    } catch {
      tell("which tokens were used cannot be written: \(error)")
    }
  }

  private func refresh() {
    for (endpoint, source) in sources.sorted(by: { $0.key < $1.key }) {
      for problem in source.verifier.refresh() {
        tell("endpoint `\(endpoint)` keeps its list of addresses: \(problem)")
      }
    }
  }

  /// Once for each: a disk that is full stays so for a while.
  private func tell(_ sentence: String) {
    guard state.withLock({ $0.failures.insert(sentence).inserted }) else { return }
    log.warning("\(sentence)")
  }
}
