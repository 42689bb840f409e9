import Events
import Formats
import Ledger
import Queue
import Service
import Web

/// What the console shows and changes. A running program gives all of it; without one, a data folder gives the queue and
/// the ledger, and the rest is silent.
public struct ConsoleParts: Sendable {
  /// A connection to Salesforce or NetSuite, as far as the console knows it.
  public struct Connection: Sendable, Hashable {
    public var name: String
    public var kind: String
    public var account: String
    public var calls: Int
    public var failuresInARow: Int
    /// `closed`, `open` or `probing`.
    public var circuit: String

    public init(
      name: String, kind: String, account: String, calls: Int, failuresInARow: Int, circuit: String = "closed"
    ) {
      self.name = name
      self.kind = kind
      self.account = account
      self.calls = calls
      self.failuresInARow = failuresInARow
      self.circuit = circuit
    }
  }

  /// Handshakes of the public listener since the start.
  public struct Handshakes: Sendable, Hashable {
    /// Finished, and which of them took up an earlier session.
    public var finished: Int
    public var resumed: Int
    /// Came to nothing: for a client certificate that is not good, and for any other reason.
    public var certificatesRefused: Int
    public var failed: Int

    public init(finished: Int, resumed: Int, certificatesRefused: Int, failed: Int) {
      self.finished = finished
      self.resumed = resumed
      self.certificatesRefused = certificatesRefused
      self.failed = failed
    }
  }

  public var queue: any EventQueue
  public var ledger: Ledger
  /// `starting`, `ready`, `draining`, …; `stopped` where nothing runs.
  public var state: @Sendable () -> String
  public var connections: @Sendable () -> [Connection]
  /// Of the public listener; nil while nothing listens.
  public var counters: @Sendable () -> ServerCounters?
  /// Handshakes of the public listener; nil where it is plain.
  public var handshakes: @Sendable () -> Handshakes?
  /// What was doubtful in what senders sent, by endpoint and code.
  public var notices: @Sendable () -> [(kind: Notices.Kind, count: Int)]
  /// Requests that were refused, by endpoint and reason.
  public var refusals: @Sendable () -> [(kind: Notices.Kind, count: Int)]
  public var keys: @Sendable () -> [KeyReport]
  /// Names under which this listener may be called, beside those of the loopback interface.
  public var hosts: Set<String>
  public var now: @Sendable () -> Instant

  public init(
    queue: any EventQueue, ledger: Ledger, state: @escaping @Sendable () -> String = { "stopped" },
    connections: @escaping @Sendable () -> [Connection] = { [] },
    counters: @escaping @Sendable () -> ServerCounters? = { nil },
    handshakes: @escaping @Sendable () -> Handshakes? = { nil },
    notices: @escaping @Sendable () -> [(kind: Notices.Kind, count: Int)] = { [] },
    refusals: @escaping @Sendable () -> [(kind: Notices.Kind, count: Int)] = { [] },
    keys: @escaping @Sendable () -> [KeyReport] = { [] }, hosts: Set<String> = [],
    now: @escaping @Sendable () -> Instant = Now.wall
  ) {
    self.queue = queue
    self.ledger = ledger
    self.state = state
    self.connections = connections
    self.counters = counters
    self.handshakes = handshakes
    self.notices = notices
    self.refusals = refusals
    self.keys = keys
    self.hosts = hosts
    self.now = now
  }

  var isReady: Bool { state() == "ready" }
}
