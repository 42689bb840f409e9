import Events
import Formats

/// What the promise "an acknowledged event is never lost" is made of.
///
/// Every engine passes `Tests/Contracts/QueueContract.swift`.
public protocol EventQueue: Sendable {
  /// Appends all or none; returns once they are on disk, synced. A duplicate of an event whose sync is still under way
  /// waits for that sync.
  func append(_ events: [Event]) async throws(QueueError) -> [Accepted]

  /// Suspends until something is due, then leases at most `lanes` lanes with at most `eventsPerLane` events each; never
  /// two leases in one lane. The attempt is counted on disk before this returns.
  func lease(lanes: Int, eventsPerLane: Int, except: Set<Route>) async throws(QueueError) -> [Lease]

  /// Moves the lease's end away.
  func extend(_ lease: Lease) async throws(QueueError)

  /// Synced when it returns: an intent before a write, a flow that is finished. Handed out again with the next lease.
  func note(_ lease: Lease, _ note: Note) async throws(QueueError)

  /// Ends a lease. Events in `then` are appended in the same batch. After any error but `.notYours` the lease is still
  /// usable.
  func settle(_ lease: Lease, _ outcome: Outcome) async throws(QueueError)

  /// Events in the order of their sequence, those after `after`.
  func list(_ filter: Filter, after: UInt64?, limit: Int) async throws(QueueError) -> [Entry]

  /// Applies a change to everything that matches; says to how many.
  func change(_ filter: Filter, _ change: Change) async throws(QueueError) -> Int

  /// Numbers for `/metrics` and the console; always adds up (`received` is the sum of all others).
  func counts() async -> Counts
}

public struct LeaseToken: Hashable, Sendable {
  public let number: UInt64
  public init(_ number: UInt64) { self.number = number }
}

/// Some consecutive events of one lane, for one worker, for a while.
public struct Lease: Sendable, Equatable {
  public let token: LeaseToken
  public let lane: Lane
  /// Sequence and event, oldest first.
  public let events: [Entry]
  /// From 1. Counts only attempts that were the event's own fault, and process deaths.
  public let attempt: Int
  public let notes: [Note]

  public init(token: LeaseToken, lane: Lane, events: [Entry], attempt: Int, notes: [Note]) {
    self.token = token
    self.lane = lane
    self.events = events
    self.attempt = attempt
    self.notes = notes
  }
}

/// A short text that belongs to a lane's head event and survives: `intent <what>`, `written <what>`.
public struct Note: Hashable, Sendable {
  public let text: String
  public init(_ text: String) { self.text = text }
}

public enum Outcome: Sendable, Equatable {
  /// Finished. `then` is appended in the same batch.
  case done(Reason?, then: [Event])
  /// Again at `at`. `counts` is false when the destination, not the event, was at fault.
  case retry(at: Instant, Reason, counts: Bool)
  /// Waits for a person or a change outside; the lane goes on.
  case held(Reason)
  /// Will not work; kept as a dead letter; the lane goes on.
  case dead(Reason)
}

public enum EventState: String, Sendable, CaseIterable {
  case queued, leased, retrying, held, done, dead, dropped
}

/// An event with what the queue knows of it.
public struct Entry: Sendable, Equatable {
  public let sequence: UInt64
  public let event: Event
  public let state: EventState
  public let attempts: Int
  /// When it is due again, while `retrying`.
  public let dueAt: Instant?
  public let reason: Reason?
  /// A known id arrived with another body; this is the newcomer.
  public let isConflicting: Bool

  public init(
    sequence: UInt64, event: Event, state: EventState, attempts: Int, dueAt: Instant? = nil, reason: Reason? = nil,
    isConflicting: Bool = false
  ) {
    self.sequence = sequence
    self.event = event
    self.state = state
    self.attempts = attempts
    self.dueAt = dueAt
    self.reason = reason
    self.isConflicting = isConflicting
  }
}

/// All that is set must hold; an empty filter matches everything.
public struct Filter: Sendable, Equatable {
  public var states: Set<EventState>
  public var kinds: Set<Event.Kind>
  public var endpoint: String?
  public var id: String?
  public var key: String?
  public var subject: String?
  public var sequences: ClosedRange<UInt64>?

  public init(
    states: Set<EventState> = [], kinds: Set<Event.Kind> = [], endpoint: String? = nil, id: String? = nil,
    key: String? = nil, subject: String? = nil, sequences: ClosedRange<UInt64>? = nil
  ) {
    self.states = states
    self.kinds = kinds
    self.endpoint = endpoint
    self.id = id
    self.key = key
    self.subject = subject
    self.sequences = sequences
  }
}

public enum Change: Sendable, Equatable {
  /// `held`, `dead` and `retrying` become due now, with a fresh count of attempts.
  case retry
  /// Given up by a person: `queued`, `retrying`, `held`, `dead` become `dropped`.
  case drop(Reason)
}

/// `received == queued + leased + retrying + held + done + dead + dropped + expired + duplicates`, always.
public struct Counts: Sendable, Equatable {
  public var received: UInt64 = 0
  public var byState: [EventState: UInt64] = [:]
  public var expired: UInt64 = 0
  public var duplicates: UInt64 = 0
  /// When the oldest event that is not settled was accepted.
  public var oldestPending: Instant?

  public init() {}
}

public enum QueueError: Error, Hashable, Sendable {
  /// The lease has ended: another holds it, or it was settled.
  case notYours
  /// Storage refuses; the text says which call and which error. Nothing was acknowledged.
  case storage(String)
  /// Another process has the folder.
  case inUse(folder: String)
  /// No room for more: intake stops, work goes on.
  case full
  /// The event is larger than the queue takes.
  case tooLarge(limit: Int)
  case closed
}
