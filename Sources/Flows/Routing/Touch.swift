import Events
import Expressions
import Formats

/// That a flow wants an event, and how its record leads to the entity's.
public struct Touch: Sendable, Hashable {
  public enum Way: Sendable, Hashable {
    /// The event's record is the entity's.
    case itself
    /// Read this field of the event's record afresh, from its own system; its value is the id of the entity's record.
    /// Blank, or no such record: nothing is touched.
    case field(String)
    /// The first column of each row is the id of an entity's record.
    case query(String, parameters: [FieldValue])
  }

  public let flow: String
  public let entity: String
  /// The side of the event, and of the record that it leads to.
  public let side: Side
  public let connection: String
  /// The event's record, its type spelled as the write API does.
  public let event: RecordID
  public let way: Way
  /// The type of the entity's record.
  public let type: String

  /// The entity's record of an id that the way led to.
  public func record(_ id: String) -> RecordID { RecordID(type: type, id: id) }

  /// What to read of the event's record, for `.field`.
  public var shape: RecordShape {
    if case .field(let name) = way { RecordShape(fields: [name]) } else { RecordShape(fields: []) }
  }

  /// The id that a way's value or row gives; nil of a blank.
  public static func id(_ value: FieldValue) -> String? {
    if case .reference(let id, _) = value { id } else { value.plain }
  }
}

extension Blueprint {
  /// What an event of a record touches: nothing, or one or more pairs of one or more flows.
  ///
  /// - Parameters:
  ///   - connection: the connection whose system the event came from.
  ///   - record: as the event names it; NetSuite's types are compared without case.
  public func wants(_ record: RecordID, from connection: String) -> [Touch] {
    guard let kind = connections[connection], let side = Side(kind) else { return [] }
    var touches: [Touch] = []
    for flow in flows {
      guard let entity = entity(flow.entity), entity.side(side).connection == connection else { continue }
      let types = entity.side(side).types
      for trigger in flow.triggers where trigger.side == side && trigger.matches(record.type) {
        let event = RecordID(type: trigger.type, id: record.id)
        guard let way = trigger.touch(event) else { continue }
        let type = way == .itself ? types.first { $0.lowercased() == record.type.lowercased() } : types.first
        let touch = Touch(
          flow: flow.name, entity: entity.name, side: side, connection: connection, event: event, way: way,
          type: type ?? trigger.type)
        if !touches.contains(touch) { touches.append(touch) }
      }
    }
    return touches
  }
}

extension Trigger {
  func matches(_ type: String) -> Bool {
    side == .netsuite ? self.type.lowercased() == type.lowercased() : self.type == type
  }

  func touch(_ event: RecordID) -> Touch.Way? {
    switch way {
    case .itself: return .itself
    case .field(let name): return .field(name)
    case .query(let query):
      let variables: [String: Value] = ["event": ["id": .string(event.id), "type": .string(event.type)]]
      var parameters: [FieldValue] = []
      for parameter in query.parameters {
        guard let value = try? parameter.evaluate(variables) else { return nil }
        parameters.append(FieldValue(value))
      }
      return .query(query.text, parameters: parameters)
    }
  }
}

extension Side {
  init?(_ kind: System.Kind) {
    switch kind {
    case .salesforce: self = .salesforce
    case .netsuite: self = .netsuite
    case .json, .causeway: return nil
    }
  }
}
