import Formats

/// A hint that something happened outside, or a run that such a hint asked for.
///
/// An event is what the queue keeps: it was verified, read and normalised before it was made. Its payload is JSON text
/// in the event's own normal form (see `Inbound`), never the raw request.
public struct Event: Hashable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    case outboundMessage = "outbound-message"
    case changeEvent = "change-event"
    case platformEvent = "platform-event"
    case netsuite
    case json
    /// Ours: a flow is to settle one pair. Made by routing, appended in the settlement of the event that caused it.
    case run
  }

  public enum Change: String, Sendable, CaseIterable {
    case create, update, delete, undelete
    /// The sender lost track: the record, or the whole entity, has to be read again.
    case gap, overflow
    case unknown
  }

  public var system: System
  /// The endpoint it came through, by its name in the configuration. A run request carries its cause's.
  public var endpoint: String
  /// The sender's own identity of the event. (system, id) is what duplicates are told by.
  public var id: String
  public var kind: Kind
  /// The order key: events of one (system, key) are worked one after the other.
  public var key: String
  /// What the event is about, as its sender names it: `Opportunity`, `salesorder`, `Low_Ink__e`; a run's flow.
  public var subject: String
  public var change: Change
  /// When it was accepted, by the wall clock.
  public var receivedAt: Instant
  /// JSON text, UTF-8.
  public var payload: [UInt8]
  public var priority = Priority.interactive

  /// What waits for a worker with others: somebody may be waiting for it, or it is one of many that nobody watches.
  public enum Priority: Hashable, Sendable { case interactive, bulk }

  public init(
    system: System, endpoint: String, id: String, kind: Kind, key: String, subject: String, change: Change = .unknown,
    receivedAt: Instant, payload: [UInt8], priority: Priority = .interactive
  ) {
    self.system = system
    self.endpoint = endpoint
    self.id = id
    self.kind = kind
    self.key = key
    self.subject = subject
    self.change = change
    self.receivedAt = receivedAt
    self.payload = payload
    self.priority = priority
  }

  /// The lane it waits in. A run request's key is its pair, so that all that wait for a pair wait in one lane.
  public var lane: Lane { Lane(system: system, key: key) }
}

/// Events of one lane are worked in order, one lease at a time.
public struct Lane: Hashable, Sendable, CustomStringConvertible {
  public let system: System
  public let key: String

  public init(system: System, key: String) {
    self.system = system
    self.key = key
  }

  public var description: String { "\(system)/\(key)" }
}

/// A flow and where it writes: what a circuit opens.
public struct Route: Hashable, Sendable {
  public let flow: String
  public let destination: System

  public init(flow: String, destination: System) {
    self.flow = flow
    self.destination = destination
  }
}

/// A part of the work that can be paused by itself.
public enum WorkPart: Hashable, Sendable, CustomStringConvertible {
  case lane(Lane)
  /// The runs of a flow.
  case flow(String)
  /// The runs of all flows that read or write the system, and what comes from it: routing that may read it too.
  case destination(System)

  public var description: String {
    switch self {
    case .lane(let lane): "lane \(lane)"
    case .flow(let name): "flow \(name)"
    case .destination(let system): "destination \(system)"
    }
  }
}

/// What `append` says of each event, in the order they were given.
public struct Accepted: Hashable, Sendable {
  public enum Verdict: Hashable, Sendable {
    case stored
    /// The same (system, id) was stored before, and is on disk.
    case duplicate
  }

  public let sequence: UInt64
  public let verdict: Verdict

  public init(sequence: UInt64, verdict: Verdict) {
    self.sequence = sequence
    self.verdict = verdict
  }
}
