import Events
import Formats

/// What was decided for a pair, and why.
public struct Plan: Sendable, Hashable {
  public enum Outcome: Sendable, Hashable {
    /// Not of this entity, not to be made, gone: nothing is to be done.
    case nothing(Reason)
    /// Both sides are as they should be.
    case agreed
    /// `write` brings one side nearer; decide again after it.
    case writing
    /// Waits for a person or a change. Fields that are not concerned are settled all the same.
    case held([Reason])
  }

  public let entity: String
  public internal(set) var salesforce: RecordID?
  public internal(set) var netsuite: RecordID?
  /// Both keys point at each other, as far as the entity has them.
  public internal(set) var isLinked = false
  public internal(set) var outcome: Outcome
  /// One write to one side; NetSuite's comes first.
  public internal(set) var write: PlannedWrite?
  /// Every field of the entity that was decided.
  public internal(set) var fields: [FieldDecision] = []
  /// What was found and a person may want to know: a copy whose key was cleared.
  public internal(set) var notes: [Reason] = []
  /// What people know the pair's records by.
  var names: [Side: [String]] = [:]

  init(entity: String, salesforce: RecordID? = nil, netsuite: RecordID? = nil, outcome: Outcome) {
    self.entity = entity
    self.salesforce = salesforce
    self.netsuite = netsuite
    self.outcome = outcome
  }

  public func record(_ side: Side) -> RecordID? { side == .salesforce ? salesforce : netsuite }

  /// The reason of an outcome that has one.
  public var reason: Reason? {
    switch outcome {
    case .nothing(let reason): reason
    case .held(let reasons): reasons.first
    case .agreed, .writing: nil
    }
  }

  /// The answer to `Need.partner` for a record of this side.
  public func partner(of side: Side) -> Partner {
    Partner(id: isLinked ? record(side.other)?.id : nil, names: names[side] ?? [], reason: isLinked ? nil : reason)
  }
}

/// One write, with what it wants of each place, so that a read-back can be compared.
public struct PlannedWrite: Sendable, Hashable {
  public let side: Side
  public let connection: String
  public let write: RecordWrite
  /// By place; nothing for links and stamps.
  public let wanted: [AgreedKey: FieldValue]

  public init(side: Side, connection: String, write: RecordWrite, wanted: [AgreedKey: FieldValue]) {
    self.side = side
    self.connection = connection
    self.write = write
    self.wanted = wanted
  }

  public var isCreate: Bool {
    if case .create = write.target { true } else { false }
  }
}

/// What was decided for one field, and from what.
public struct FieldDecision: Sendable, Hashable {
  public enum Verdict: Sendable, Hashable {
    case same
    /// The side keeps its own form of what was written.
    case agreed
    case write
    /// Nothing is written; why.
    case skip(String)
    case held(Reason)
  }

  /// `name`, or `lines[00k…].rate`.
  public let field: String
  public let owner: Owner
  /// Where it would be written.
  public let side: Side
  public let path: String
  /// What the owner says; nil where nothing could be said.
  public let wanted: FieldValue?
  /// What is there now.
  public let current: FieldValue?
  public internal(set) var verdict: Verdict
}

public enum Decision: Sendable, Hashable {
  case needs([Need])
  case settled(Plan)
}
