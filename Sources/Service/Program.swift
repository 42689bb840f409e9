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
    public init() {}
  }

  public let loaded: Loaded
  public let dataFolder: String
  public let queue: FileQueue
  public let ledger: Ledger
  public let readiness: Readiness
  public let connections: Connections
  public let notices: Notices
  private let client: CurlClient
  private let sources: [String: any Source]
  private let options: Options
  private let log: Logger
  private let running = Lock<Running?>(nil)

  private struct Running {
    let loops: EventLoopGroup
    let servers: [Server]
    let work: Task<Void, Never>
    let socket: String
  }

  /// Reads the secrets, opens queue and ledger, and makes the connections; nothing listens yet.
  public static func open(
    _ loaded: Loaded, environment: [String: String], options: Options = Options(), log: Logger
  ) async throws(StartError) -> Program {
    Signals.ignoreBrokenPipes()
    let folder = DataFolder.path(loaded.settings, override: options.data)
    let notices = Notices(log: log)
    let sources = try sources(loaded, environment, notices)
    let opened = try Opening(loaded, environment).connections()
    do throws(Errno) {
      try Files.makeFolder(folder)
    } catch {
      throw StartError("the data folder \(folder) cannot be made: \(error)")
    }
    let readiness = Readiness()
    let queue = try queue(folder, Wanted(loaded), readiness, log)
    let ledger: Ledger
    do throws(LedgerError) {
      ledger = try Ledger.open(path: DataFolder.ledger(in: folder))
    } catch {
      throw StartError("the ledger in \(folder) cannot be opened: \(error)")
    }
    return Program(
      loaded, folder, queue, ledger, readiness, Connections(opened.connectors), opened.client, sources, options,
      notices,
      log)
  }

  private init(
    _ loaded: Loaded, _ folder: String, _ queue: FileQueue, _ ledger: Ledger, _ readiness: Readiness,
    _ connections: Connections, _ client: CurlClient, _ sources: [String: any Source], _ options: Options,
    _ notices: Notices, _ log: Logger
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
    self.options = options
    self.log = log
  }

  private static func sources(
    _ loaded: Loaded, _ environment: [String: String], _ notices: Notices
  ) throws(StartError) -> [String: any Source] {
    var sources: [String: any Source] = [:]
    for endpoint in loaded.settings.endpoints {
      do throws(SettingsProblem) {
        var settings = endpoint.source(environment)
        settings.notice = { notices.take($0) }
        sources[endpoint.name] = try SourceCatalogue.open(settings)
      } catch {
        throw StartError("\(endpoint.place(of: error).text): endpoint `\(endpoint.name)`: \(error)")
      }
    }
    return sources
  }

  private static func queue(
    _ folder: String, _ wanted: Wanted, _ readiness: Readiness, _ log: Logger
  ) throws(StartError) -> FileQueue {
    var options = QueueOptions()
    options.unwanted = { wanted.refusal($0) }
    // A failed sync is final: say that we are not ready, and let the supervisor start us anew, which verifies the tail.
    options.onFailure = { error in
      readiness.become(.refused("\(error)"))
      log.critical("storage failed; a restart verifies what is on disk", metadata: ["error": "\(error)"])
    }
    do throws(QueueError) {
      let queue = try FileQueue.open(folder: DataFolder.queue(in: folder), options: options)
      for damage in queue.recovery.damage {
        log.error("the log was damaged; the rest is delivered", metadata: ["damage": "\(damage)"])
      }
      return queue
    } catch {
      if case .storage(let why) = error { throw StartError("the queue cannot be opened: \(why)") }
      throw StartError("the queue in \(folder) cannot be opened: \(error)")
    }
  }

  /// Binds the listeners and begins to work. `console` answers the console listener and the control socket.
  @discardableResult
  public func listen(
    console: any Handler
  ) throws(StartError) -> (publicAddress: SocketAddress, consoleAddress: SocketAddress) {
    let socket = DataFolder.controlSocket(in: dataFolder)
    guard let control = SocketAddress("unix:" + socket) else {
      throw StartError("the data folder's path is too long for a Unix socket in it: \(socket)")
    }
    do throws(NetError) {
      let loops = try EventLoopGroup()
      let intake = Intake(sources: sources, queue: queue, readiness: readiness)
      let hooks = Server(handler: intake, loops: loops)
      let desk = Server(handler: console, loops: loops)
      DataFolder.removeStale(socket)
      try desk.listen(on: control)
      DataFolder.protect(socket)
      let consoleAddress = try desk.listen(on: options.consoleListener ?? loaded.settings.consoleListener)
      let publicAddress = try hooks.listen(on: options.publicListener ?? loaded.settings.publicListener)
      let dispatcher = Dispatcher(
        queue: queue, blueprint: loaded.blueprint, connections: connections, ledger: ledger, policy: options.retry,
        log: log, now: Now.wall)
      let work = Task { await dispatcher.run() }
      running.withLock { $0 = Running(loops: loops, servers: [hooks, desk], work: work, socket: socket) }
      readiness.become(.ready)
      log.notice("ready", metadata: ["public": "\(publicAddress)", "console": "\(consoleAddress)"])
      return (publicAddress, consoleAddress)
    } catch {
      throw StartError("cannot listen: \(error)")
    }
  }

  /// What the public listener has counted; nil while it does not listen.
  public var serverCounters: ServerCounters? { running.withLock { $0?.servers.first }?.counters }

  /// How the connections do, by name.
  public var connectionStatus: [ConnectionStatus] {
    loaded.settings.connections.map { connection in
      ConnectionStatus(
        name: connection.name, system: connection.system,
        calls: connections.connectors[connection.name]?.calls ?? 0,
        failuresInARow: connections.streak(connection.name))
    }
  }

  /// Friendly end: readiness goes first, what is in flight is answered, what is leased is finished, then all is closed.
  public func stop() async {
    readiness.become(.draining)
    let running = running.withLock { running in
      defer { running = nil }
      return running
    }
    if let running {
      log.notice("draining")
      for server in running.servers { await server.drain() }
      running.work.cancel()
      await running.work.value
      running.loops.stop()
      DataFolder.removeStale(running.socket)
    }
    await queue.close()
    try? ledger.close()
    client.close()
    log.notice("stopped")
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
}
