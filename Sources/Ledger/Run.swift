import Events
import Formats

/// Two records that are one thing; a side that is not known, or not made yet, is nil.
public struct Pair: Hashable, Sendable {
  public var salesforce: String?
  public var netsuite: String?

  public init(salesforce: String?, netsuite: String?) {
    self.salesforce = salesforce
    self.netsuite = netsuite
  }
}

/// One run: what settled one pair, why, and what came of it. Times are kept to the millisecond.
public struct Run: Hashable, Sendable {
  public enum Outcome: String, Sendable, CaseIterable {
    /// Something was written.
    case written
    /// Both sides agreed already.
    case unchanged
    /// Planned and not written: the flow is a shadow.
    case planned
    case held
    case retry
    case dead
  }

  /// The event that asked for it.
  public struct Cause: Hashable, Sendable {
    /// Its place in the queue; nil where a schedule or a person asked.
    public var sequence: UInt64?
    /// The sender's identity of it.
    public var event: String
    public var endpoint: String

    public init(sequence: UInt64?, event: String, endpoint: String) {
      self.sequence = sequence
      self.event = event
      self.endpoint = endpoint
    }
  }

  /// Given by the ledger, rising; nil before it is recorded.
  public var id: Int64?
  public var flow: String
  public var entity: String
  public var pair: Pair
  public var cause: Cause
  public var started: Instant
  public var finished: Instant
  public var outcome: Outcome
  public var reason: Reason?
  public var apiCalls: Int
  /// In the order in which they happened. A listing leaves them out.
  public var steps: [Step]

  public init(
    id: Int64? = nil, flow: String, entity: String, pair: Pair, cause: Cause, started: Instant, finished: Instant,
    outcome: Outcome, reason: Reason? = nil, apiCalls: Int = 0, steps: [Step] = []
  ) {
    self.id = id
    self.flow = flow
    self.entity = entity
    self.pair = pair
    self.cause = cause
    self.started = started
    self.finished = finished
    self.outcome = outcome
    self.reason = reason
    self.apiCalls = apiCalls
    self.steps = steps
  }
}

/// One step of a run.
public struct Step: Hashable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// What was read, what was decided and why, what was sent, what came back and was stored there, and anything else.
    case read, decide, write, stored, note
  }

  public var kind: Kind
  public var side: Side?
  public var record: RecordID?
  /// Whatever the step has to show; values of fields as `FieldValue.typedJSON`. Never a secret.
  public var detail: JSON

  public init(_ kind: Kind, side: Side? = nil, record: RecordID? = nil, detail: JSON) {
    self.kind = kind
    self.side = side
    self.record = record
    self.detail = detail
  }
}

/// All that is set must hold.
public struct RunFilter: Hashable, Sendable {
  public var flow: String?
  public var entity: String?
  public var outcomes: Set<Run.Outcome>
  /// The id of the pair's record, of either side.
  public var record: String?
  public var sequence: UInt64?
  /// Started then or later.
  public var since: Instant?

  public init(
    flow: String? = nil, entity: String? = nil, outcomes: Set<Run.Outcome> = [], record: String? = nil,
    sequence: UInt64? = nil, since: Instant? = nil
  ) {
    self.flow = flow
    self.entity = entity
    self.outcomes = outcomes
    self.record = record
    self.sequence = sequence
    self.since = since
  }
}
