import Crypto
import Flows
import Logging
import Net
import Posix
import Web

extension Program {
  /// Where the program listens.
  public struct Addresses: Sendable {
    /// At least one, in the order of the configuration.
    public let publicListeners: [SocketAddress]
    public let console: SocketAddress
  }

  /// Binds the listeners and begins to work. `console` answers the console listener and the control socket.
  @discardableResult
  public func listen(console: any Handler) throws(StartError) -> Addresses {
    let socket = DataFolder.controlSocket(in: dataFolder)
    let loops = try loops()
    let settings = loaded.settings
    let intake = Intake(sources: sources, queue: queue, readiness: readiness, refusals: refusals)
    let hooks = Server(
      handler: intake, limits: settings.limits, proxies: settings.proxies, standing: Self.standing, loops: loops)
    let desk = Server(handler: console, loops: loops)
    let consoleAddress = try open(desk, socket)
    // What waits in a socket that was passed is answered from here on, a question whether we are ready too.
    readiness.become(.ready)
    let listening = PublicListening(
      server: hooks, proxies: settings.proxies, tls: tls?.server, inherited: options.inherited, log: log)
    let addresses = try listening.open(publicListeners)
    let dispatcher = Dispatcher(
      queue: queue, blueprint: loaded.blueprint, connections: connections, ledger: ledger, policy: options.retry,
      log: log, now: Now.wall)
    let work = Task { await dispatcher.run() }
    let audit = Task { [queue, log] in await Audit(queue: queue, log: log).run() }
    let keeping = Task { [keeper] in await keeper.run() }
    let watchdog = options.manager.flatMap { manager in
      Watchdog(manager: manager, loops: loops, isWell: { [queue] in queue.failure == nil }).start()
    }
    let certificates = tls.map { keeper in Task { await keeper.run() } }
    running.withLock {
      $0 = Running(
        loops: loops, hooks: hooks, desk: desk, work: work, audit: audit, watchdog: watchdog,
        certificates: certificates,
        keeping: keeping, socket: socket)
    }
    let all = addresses.map(\.description).joined(separator: " ")
    log.notice("ready", metadata: ["public": "\(all)", "console": "\(consoleAddress)"])
    options.manager?.ready("ready: webhooks on \(all), console on \(consoleAddress)")
    return Addresses(publicListeners: addresses, console: consoleAddress)
  }

  /// Of the public listener: nobody guesses what a body is, and who came over TLS comes over TLS for two years (RFC 6797).
  private static let standing = StandingFields(
    ["X-Content-Type-Options": "nosniff"], overTLS: ["Strict-Transport-Security": "max-age=63072000"])

  /// Reads again what may have changed on disk: the certificates of the public listener.
  public func reload() {
    options.manager?.reloading()
    tls?.look(force: true)
    options.manager?.ready("ready: what may change on disk was read again")
  }

  /// The public listener's handshakes; nil where it is plain.
  public var handshakes: TLSCounters? { tls?.server.counted }

  private var publicListeners: [PublicListener] {
    guard let address = options.publicListener else { return loaded.settings.publicListeners }
    return [PublicListener(.address(address), source: ConfigNode.Place(file: "causeway.yaml", line: 1))]
  }

  private func loops() throws(StartError) -> EventLoopGroup {
    do throws(NetError) {
      return try EventLoopGroup()
    } catch {
      throw StartError("cannot listen: \(error)")
    }
  }

  /// The control socket and the console.
  private func open(_ desk: Server, _ socket: String) throws(StartError) -> SocketAddress {
    guard let control = SocketAddress("unix:" + socket) else {
      throw StartError("the data folder's path is too long for a Unix socket in it: \(socket)")
    }
    let console = options.consoleListener ?? loaded.settings.consoleListener
    do throws(NetError) {
      try desk.listen(on: control)
      DataFolder.protect(socket)
    } catch {
      throw StartError("the control socket: \(BindProblem.sentence(error, control))")
    }
    do throws(NetError) {
      let address = try desk.listen(on: console)
      log.notice("listening", metadata: ["address": "\(address)", "for": "console"])
      return address
    } catch {
      throw StartError("causeway.yaml: listen.console: \(BindProblem.sentence(error, console))")
    }
  }
}
