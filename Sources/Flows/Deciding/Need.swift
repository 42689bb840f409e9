import Events
import Formats

/// Something that has to be fetched before a pair can be decided. Deciding is pure: the caller fetches and asks again.
public enum Need: Hashable, Sendable {
  /// A record, afresh. Several types where the system has several for one object: whichever has the id. Answer: `.record`.
  case record(Side, connection: String, types: [String], id: String, RecordShape)
  /// Records in which all these fields have these values. Answer: `.records`, at most `limit` over all types.
  case find(
    Side, connection: String, types: [String], fields: [String: FieldValue], limit: Int, RecordShape)
  /// Rows of a query. Answer: `.rows`.
  case rows(Side, connection: String, query: String, parameters: [FieldValue])
  /// The partner of another entity's record: run that entity from this record with a `Settlement` in the mode
  /// `.partner`, and answer with its plan's `partner(of:)`. Answer: `.partner`.
  case partner(entity: String, Side, id: String, mayWrite: Bool, mayCreate: Bool)
  /// What was agreed for the pair (see `Agreed`). Answer: `.agreed`, empty where nothing is known.
  case agreed(entity: String, salesforce: String, netsuite: String)
}

public enum Answer: Hashable, Sendable {
  case record(Record?)
  case records([Record])
  case rows([[String: FieldValue]])
  case partner(Partner)
  case agreed([AgreedKey: Agreed])
}

/// What became of the search for a record's partner.
public struct Partner: Hashable, Sendable {
  /// The partner's id; nil where there is none.
  public var id: String?
  /// What people know the record by whose partner was asked for: its name, then what it would be matched by.
  public var names: [String]
  /// Why there is none.
  public var reason: Reason?

  public init(id: String?, names: [String] = [], reason: Reason? = nil) {
    self.id = id
    self.names = names
    self.reason = reason
  }
}

/// One written place of a pair: `rate` of the line 00k…, the zip of the billing address.
public struct AgreedKey: Hashable, Sendable, CustomStringConvertible {
  public let side: Side
  /// `Name`, `addressBook[defaultBilling].zip`, `lines[00k7F000002XyzQAE].rate`.
  public let path: String

  public init(_ side: Side, _ path: String) {
    self.side = side
    self.path = path
  }

  public var description: String { "\(side.rawValue).\(path)" }
}

/// What a side stored for what was written to it, where the two differ: no difference later. Both are canonical texts
/// (`FieldValue.canonical`), to be kept and compared as they are.
public struct Agreed: Hashable, Sendable {
  public let wanted: String
  public let stored: String

  public init(wanted: String, stored: String) {
    self.wanted = wanted
    self.stored = stored
  }
}

/// What was fetched so far in a run.
public struct Facts: Sendable {
  /// Of the account's time zone.
  public let today: CalendarDate
  var answers: [Need: Answer] = [:]
  /// Agreed in this run, on top of what was known before.
  var agreed: [AgreedKey: Agreed] = [:]
  /// Partners that were made in this run.
  var made: [Side: RecordID] = [:]

  public init(today: CalendarDate) { self.today = today }

  public subscript(_ need: Need) -> Answer? {
    get { answers[need] }
    set { answers[need] = newValue }
  }

  /// Drops what was read of a side, so that it is read afresh.
  public mutating func forget(_ side: Side) {
    answers = answers.filter { need, _ in
      switch need {
      case .record(let of, _, _, _, _), .find(let of, _, _, _, _, _), .rows(let of, _, _, _): of != side
      case .partner, .agreed: true
      }
    }
  }

  /// The record as it was read last; nil where it was not, or is not there.
  func record(_ side: Side, id: String) -> Record? {
    for (need, answer) in answers {
      switch (need, answer) {
      case (.record(let of, _, _, id, _), .record(let record?)) where of == side: return record
      case (.find(let of, _, _, _, _, _), .records(let records)) where of == side:
        if let record = records.first(where: { $0.id.id == id }) { return record }
      default: continue
      }
    }
    return nil
  }
}
