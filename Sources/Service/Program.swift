import Client
import Connectors
import Crypto
import Events
import Flows
import Formats
import Inbound
import Ledger
import Logging
import Net
import Posix
import Queue
import Web

/// What keeps the program from starting, in one sentence that says what and where.
public struct StartError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}

/// The rooms put together: the queue and the ledger opened, the systems connected, the listeners and the dispatcher.
public final class Program: Sendable {
  public struct Options: Sendable {
    /// Instead of the configuration's.
    public var data: String?
    public var publicListener: SocketAddress?
    public var consoleListener: SocketAddress?
    public var retry = RetryPolicy()
    /// Sockets that the service manager holds, for `systemd:NAME`.
    public var inherited: InheritedSockets?
    /// Who is told of the start and of the end.
    public var manager: ServiceManager?
    public init() {}
  }

  public let loaded: Loaded
  public let dataFolder: String
  public let queue: FileQueue
  public let ledger: Ledger
  public let readiness: Readiness
  public let connections: Connections
  public let notices: Notices
  let tls: TLSKeeper?
  public let refusals = Refusals()
  let client: CurlClient
  let sources: [String: any Source]
  let keeper: ProofKeeper
  let options: Options
  let log: Logger
  let running = Lock<Running?>(nil)

  struct Running {
    let loops: EventLoopGroup
    /// For webhooks, and for the console and the control socket.
    let hooks: Server
    let desk: Server
    let work: Task<Void, Never>
    let audit: Task<Void, Never>
    let watchdog: Task<Void, Never>?
    let certificates: Task<Void, Never>?
    let keeping: Task<Void, Never>
    let socket: String
  }

  /// Reads the secrets, opens queue and ledger, and makes the connections; nothing listens yet.
  public static func open(
    _ loaded: Loaded, environment: [String: String], options: Options = Options(), log: Logger
  ) async throws(StartError) -> Program {
    Signals.ignoreBrokenPipes()
    let folder = DataFolder.path(loaded.settings, override: options.data)
    let notices = Notices(log: log)
    let tokens = TokenMemory(isWritten: true)
    let sources = try sources(loaded, environment, notices, tokens)
    let tls = try loaded.settings.tls.map { (files) throws(StartError) in
      try TLSKeeper(files, folder: loaded.settings.folder, environment: environment, log: log)
    }
    let opened = try Opening(loaded, environment).connections()
    do throws(Errno) {
      try Files.makeFolder(folder)
    } catch {
      throw StartError("the data folder \(folder) cannot be made: \(error)")
    }
    let readiness = Readiness()
    let queueOptions = try queueOptions(loaded.settings, environment)
    let queue = try await queue(folder, queueOptions, loaded, readiness, log)
    let keeper = ProofKeeper(folder: folder, sources: sources, tokens: tokens, log: log)
    keeper.restore()
    let ledger: Ledger
    do throws(LedgerError) {
      ledger = try Ledger.open(path: DataFolder.ledger(in: folder))
    } catch {
      throw StartError("the ledger in \(folder) cannot be opened: \(error)")
    }
    return Program(
      loaded, folder, queue, ledger, readiness, Connections(opened.connectors), opened.client, sources, options,
      notices, tls, keeper, log)
  }

  private init(
    _ loaded: Loaded, _ folder: String, _ queue: FileQueue, _ ledger: Ledger, _ readiness: Readiness,
    _ connections: Connections, _ client: CurlClient, _ sources: [String: any Source], _ options: Options,
    _ notices: Notices, _ tls: TLSKeeper?, _ keeper: ProofKeeper, _ log: Logger
  ) {
    self.loaded = loaded
    dataFolder = folder
    self.queue = queue
    self.ledger = ledger
    self.readiness = readiness
    self.connections = connections
    self.client = client
    self.sources = sources
    self.notices = notices
    self.tls = tls
    self.keeper = keeper
    self.options = options
    self.log = log
  }

  private static func sources(
    _ loaded: Loaded, _ environment: [String: String], _ notices: Notices, _ tokens: TokenMemory
  ) throws(StartError) -> [String: any Source] {
    var sources: [String: any Source] = [:]
    for endpoint in loaded.settings.endpoints {
      do throws(SettingsProblem) {
        var settings = endpoint.source(environment)
        settings.notice = { notices.take($0) }
        settings.usualBodyLimit = loaded.settings.limits.body
        sources[endpoint.name] = try SourceCatalogue.open(settings, tokens: tokens)
      } catch {
        throw StartError("\(endpoint.place(of: error).text): endpoint `\(endpoint.name)`: \(error)")
      }
    }
    return sources
  }

  private static func queueOptions(
    _ settings: Settings, _ environment: [String: String]
  ) throws(StartError) -> QueueOptions {
    var options = QueueOptions()
    options.retention = settings.retention
    options.segmentSize = UInt64(settings.queue.segment)
    options.reserve = min(options.reserve, options.segmentSize / 16)
    options.minimumFree = UInt64(settings.queue.keepFree)
    do throws(EncryptionFiles.Unusable) {
      options.encryption = try settings.queueEncryption(environment)
    } catch {
      throw StartError("\(error)")
    }
    return options
  }

  private static func queue(
    _ folder: String, _ options: QueueOptions, _ loaded: Loaded, _ readiness: Readiness, _ log: Logger
  ) async throws(StartError) -> FileQueue {
    var options = options
    let wanted = Wanted(loaded)
    options.unwanted = { wanted.refusal($0) }
    let reach = Reach(loaded)
    options.destinations = { reach.destinations(of: $0) }
    // A failed sync is final: say that we are not ready, and let the supervisor start us anew, which verifies the tail.
    options.onFailure = { error in
      readiness.become(.refused("\(error)"))
      log.critical("storage failed; a restart verifies what is on disk", metadata: ["error": "\(error)"])
    }
    options.onDamage = { damage in
      log.error("a part of the log that was whole is damaged", metadata: ["damage": "\(damage)"])
    }
    let queue = try await open(folder, options, log)
    for damage in queue.recovery.damage {
      log.error("the log was damaged; the rest is delivered", metadata: ["damage": "\(damage)"])
    }
    if let key = options.encryption.current { await rotate(queue, to: key, log) }
    return queue
  }

  /// The keys of what was written under an older key are encrypted under the current one, so that the older can go.
  private static func rotate(_ queue: FileQueue, to key: KeyEncryptionKey, _ log: Logger) async {
    do throws(QueueError) {
      let count = try await queue.rotate(to: key)
      if count > 0 {
        log.notice(
          "the queue's keys were encrypted under the current key; no other is needed any more",
          metadata: ["key": "\(key.id)", "count": "\(count)"])
      }
    } catch {
      log.error("older keys are still needed; the next start tries again", metadata: ["error": "\(error)"])
    }
  }

  /// Opens the queue once nobody else has it: a command that only looks in, and a service that is about to end, are
  /// waited for.
  private static func open(
    _ folder: String, _ options: QueueOptions, _ log: Logger
  ) async throws(StartError) -> FileQueue {
    var left = Limits.folderWait / Limits.folderPause
    while true {
      do throws(QueueError) {
        return try FileQueue.open(folder: DataFolder.queue(in: folder), options: options)
      } catch {
        switch error {
        case .inUse where left > 0 && FolderHolder.process(of: folder) == nil: left -= 1
        case .inUse: throw StartError(inUse(folder))
        case .storage(let why): throw StartError("the queue cannot be opened: \(why)")
        default: throw StartError("the queue in \(folder) cannot be opened: \(error)")
        }
      }
      try? await Task.sleep(for: .milliseconds(Limits.folderPause))
    }
  }

  private static func inUse(_ folder: String) -> String {
    let holder = FolderHolder.process(of: folder).map { "process \($0)" } ?? "another process"
    return
      "the data folder \(folder) is in use by \(holder), and one service at a time uses a folder: stop that one, or "
      + "give this one a folder of its own with --data"
  }

  private enum Limits {
    /// Milliseconds that the start waits for the data folder, and between two looks.
    static let folderWait = 5_000
    static let folderPause = 20
  }

  /// What the public listener has counted; nil while it does not listen.
  public var serverCounters: ServerCounters? { running.withLock { $0?.hooks }?.counters }

  /// How each key of each endpoint was used.
  public var keyReports: [KeyReport] { KeyReport.of(sources) }

  /// How the connections do, by name.
  public var connectionStatus: [ConnectionStatus] {
    loaded.settings.connections.map { connection in
      ConnectionStatus(
        name: connection.name, system: connection.system,
        calls: connections.connectors[connection.name]?.calls ?? 0,
        failuresInARow: connections.streak(connection.name), circuit: connections.circuit(connection.name))
    }
  }
}

/// One connection, for people and for `/metrics`.
public struct ConnectionStatus: Hashable, Sendable {
  public let name: String
  public let system: System
  /// API calls since the start, sign-ins included.
  public let calls: Int
  /// How often in a row the system itself was at fault.
  public let failuresInARow: Int
  /// `closed`, `open` (it is left alone for now) or `probing`.
  public let circuit: String
}
