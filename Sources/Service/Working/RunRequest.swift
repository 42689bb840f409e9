import Events
import Formats

/// "Settle this pair": what routing makes of an incoming event, once for each flow and pair that it touches.
public struct RunRequest: Hashable, Sendable {
  public var flow: String
  public var entity: String
  /// The record by which the pair was found, and on which side it is.
  public var side: Side
  public var record: RecordID
  /// The pair's order key: its Salesforce id where that is known, else the NetSuite record's.
  public var pair: String
  public var cause: Cause
  /// Of the event that asked for it.
  public var priority = Event.Priority.interactive

  /// The incoming event that asked for it.
  public struct Cause: Hashable, Sendable {
    public var sequence: UInt64
    public var endpoint: String
    public var id: String

    public init(sequence: UInt64, endpoint: String, id: String) {
      self.sequence = sequence
      self.endpoint = endpoint
      self.id = id
    }
  }

  public init(
    flow: String, entity: String, side: Side, record: RecordID, pair: String, cause: Cause,
    priority: Event.Priority = .interactive
  ) {
    self.flow = flow
    self.entity = entity
    self.side = side
    self.record = record
    self.pair = pair
    self.cause = cause
    self.priority = priority
  }

  /// A request's own identity follows from its cause, so that routing an event twice asks for one run.
  public func event(at now: Instant) -> Event {
    Event(
      system: System(.causeway, entity), endpoint: cause.endpoint, id: "\(cause.sequence)/\(flow)/\(pair)", kind: .run,
      key: pair, subject: flow, receivedAt: now, payload: json.bytes,
      priority: priority)
  }

  private var json: JSON {
    [
      "flow": .string(flow), "entity": .string(entity), "side": .string(side.rawValue),
      "record": ["type": .string(record.type), "id": .string(record.id)], "pair": .string(pair),
      "cause": [
        "sequence": .number(JSONNumber(Int64(cause.sequence))), "endpoint": .string(cause.endpoint),
        "id": .string(cause.id),
      ],
    ]
  }

  /// Reads a run request back; nil where the event is none.
  public init?(_ event: Event) {
    guard event.kind == .run, let json = try? JSON.parse(event.payload), let flow = json["flow"]?.string,
      let entity = json["entity"]?.string, let side = json["side"]?.string.flatMap(Side.init(rawValue:)),
      let type = json["record"]?["type"]?.string, let id = json["record"]?["id"]?.string,
      let pair = json["pair"]?.string, let cause = json["cause"], let sequence = cause["sequence"]?.int,
      let endpoint = cause["endpoint"]?.string, let causeID = cause["id"]?.string
    else { return nil }
    self.init(
      flow: flow, entity: entity, side: side, record: RecordID(type: type, id: id), pair: pair,
      cause: Cause(sequence: UInt64(clamping: sequence), endpoint: endpoint, id: causeID),
      priority: event.priority)
  }
}
