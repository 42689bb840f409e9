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
  ///
  /// A lane has the highest priority of what waits in it. Interactive lanes go first, but where both wait one lane of
  /// `Priorities.share` is a bulk one; and bulk lanes never have more than `Priorities.bulkLeases` leases at a time, so
  /// that there is a worker for whoever comes.
  func lease(lanes: Int, eventsPerLane: Int, except: Set<Route>) async throws(QueueError) -> [Lease]

  /// Moves the lease's end away.
  func extend(_ lease: Lease) async throws(QueueError)

  /// Synced when it returns: an intent before a write, a flow that is finished. Handed out again with the next lease.
  func note(_ lease: Lease, _ note: Note) async throws(QueueError)

  /// Ends leases, each by itself: the answers are in their order, nil for one that has ended, synced. What an outcome's
  /// `then` has is appended in the same batch as its end. After any error but `.notYours` the lease is still usable.
  func settle(_ endings: [Ending]) async -> [QueueError?]

  /// Events in the order of their sequence, those after `after`.
  func list(_ filter: Filter, after: UInt64?, limit: Int) async throws(QueueError) -> [Entry]

  /// Applies a change to everything that matches; says to how many.
  func change(_ filter: Filter, _ change: Change) async throws(QueueError) -> Int

  /// Nothing of the part is leased once this returns; what is leased is finished. It stays queued, however often the
  /// process begins anew, until it is resumed. False where it was paused already.
  func pause(_ part: WorkPart) async throws(QueueError) -> Bool

  /// False where it was not paused.
  func resume(_ part: WorkPart) async throws(QueueError) -> Bool

  /// What is paused, with what waits because of it; one whose `leased` is 0 has run dry.
  func pauses() async throws(QueueError) -> [Pause]

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
  /// Milliseconds that the event had to wait for its next attempts because of its own failures; of several events the
  /// least. Time in which it could not have been tried (it waited behind others, was paused, or its system was down) is
  /// not in it.
  public let waited: Int64
  public let notes: [Note]

  public init(
    token: LeaseToken, lane: Lane, events: [Entry], attempt: Int, waited: Int64 = 0, notes: [Note]
  ) {
    self.token = token
    self.lane = lane
    self.events = events
    self.attempt = attempt
    self.waited = waited
    self.notes = notes
  }
}

/// A lease with what came of it.
public struct Ending: Sendable, Equatable {
  public let lease: Lease
  public let outcome: Outcome

  public init(_ lease: Lease, _ outcome: Outcome) {
    self.lease = lease
    self.outcome = outcome
  }
}

extension EventQueue {
  /// Ends one lease.
  public func settle(_ lease: Lease, _ outcome: Outcome) async throws(QueueError) {
    if let error = await settle([Ending(lease, outcome)])[0] { throw error }
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
  /// A known id arrived with another body; this is the newcomer. Or it may be known, and what would say so could not be
  /// read: stored rather than lost.
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

extension Entry {
  /// Whether nothing of the event is left.
  public var isErased: Bool { event.id.isEmpty }
}

/// All that is set must hold; an empty filter matches everything.
public struct Filter: Sendable, Equatable {
  public var states: Set<EventState>
  public var kinds: Set<Event.Kind>
  public var endpoint: String?
  public var id: String?
  public var key: String?
  public var subject: String?
  /// The id of the record that its reason says has to be settled first.
  public var needs: String?
  public var sequences: ClosedRange<UInt64>?

  public init(
    states: Set<EventState> = [], kinds: Set<Event.Kind> = [], endpoint: String? = nil, id: String? = nil,
    key: String? = nil, subject: String? = nil, needs: String? = nil, sequences: ClosedRange<UInt64>? = nil
  ) {
    self.states = states
    self.kinds = kinds
    self.endpoint = endpoint
    self.id = id
    self.key = key
    self.subject = subject
    self.needs = needs
    self.sequences = sequences
  }
}

public enum Change: Sendable, Equatable {
  /// `held`, `dead` and `retrying` become due, with a fresh count of attempts. All of them or, after a crash, none.
  case retry(Retry = Retry())
  /// Given up by a person: `queued`, `retrying`, `held`, `dead` become `dropped`.
  case drop(Reason)
  /// Nothing of them is left once this returns, but when they came, the reason, and what tells their repeats: those
  /// whose payload or names hold the text, where one is given. Whatever was not done becomes `dropped`, what is leased
  /// too.
  case erase(containing: String?, Reason)
}

/// How events are retried.
public struct Retry: Sendable, Equatable {
  /// Milliseconds over which they become due, evenly, in the order of their sequence; 0: at once. An event in whose lane
  /// something else waits does not hold it up: it is due at once.
  public var over: Int64
  /// Also what is done or dropped: it is worked on once more.
  public var replays: Bool
  /// Also where a later event of its lane is done, which what is replayed would come after.
  public var isForced: Bool

  public init(over: Int64 = 0, replays: Bool = false, isForced: Bool = false) {
    self.over = over
    self.replays = replays
    self.isForced = isForced
  }
}

/// How interactive and bulk work share.
public enum Priorities {
  /// Of so many lanes that are chosen while both wait, one is bulk.
  public static let share = 8
  /// Lanes of bulk work that are leased at a time, at most.
  public static let bulkLeases = 16
  /// Retrying more events than this, or over some time, makes them bulk.
  public static let fewRetries = 16
}

/// A part of the work that is paused.
public struct Pause: Sendable, Equatable {
  public let part: WorkPart
  public let since: Instant
  /// Events that wait, due or not.
  public let waiting: Int
  /// Events that are still being worked on.
  public let leased: Int

  public init(part: WorkPart, since: Instant, waiting: Int, leased: Int) {
    self.part = part
    self.since = since
    self.waiting = waiting
    self.leased = leased
  }
}

/// `received == queued + leased + retrying + held + done + dead + dropped + expired + duplicates`, always.
public struct Counts: Sendable, Equatable {
  public var received: UInt64 = 0
  public var byState: [EventState: UInt64] = [:]
  public var expired: UInt64 = 0
  public var duplicates: UInt64 = 0
  /// Of what is queued or retrying, what a pause holds back.
  public var paused: UInt64 = 0
  /// How far the sums were off from what is there when it was counted last; 0, or the queue has lost its way.
  public var miscounted: UInt64 = 0
  /// When the oldest event that is not settled was accepted.
  public var oldestPending: Instant?

  public init() {}

  /// Events that were received and are in no state, and how far sums were off: 0, or the queue lost one.
  public var unaccounted: Int64 {
    let known = byState.values.reduce(expired &+ duplicates, &+)
    let missing = Int64(truncatingIfNeeded: received) &- Int64(truncatingIfNeeded: known)
    return missing == 0 ? Int64(clamping: miscounted) : missing
  }
}

extension Reason {
  /// Of an event that a change made due again.
  public static let retryAsked = Reason("retry-asked", .none, "It was asked to be tried again.")
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
