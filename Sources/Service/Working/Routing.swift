import Events
import Flows
import Formats
import Ledger
import Queue

/// Turns incoming events into run requests: one for each flow and each pair that they touch.
struct Routing: Sendable {
  let blueprint: Blueprint
  let connections: Connections
  let ledger: Ledger

  /// What flows want of a lease's events.
  struct Touches {
    fileprivate var found: [(Touch, Event, RunRequest.Cause)] = []

    /// No system is called to know what they lead to.
    var areAtHand: Bool { found.allSatisfy { touch, _, _ in touch.way == .itself } }
  }

  func touches(of lease: Lease) throws(Stop) -> Touches {
    var touches = Touches()
    for entry in lease.events {
      if let reason = lost(entry.event) { throw Stop(.held(reason), at: nil) }
      guard let record = Self.record(of: entry.event), let connection = connections.name(of: entry.event.system)
      else { continue }
      let cause = RunRequest.Cause(sequence: entry.sequence, endpoint: entry.event.endpoint, id: entry.event.id)
      touches.found += blueprint.wants(record, from: connection).map { ($0, entry.event, cause) }
    }
    return touches
  }

  /// The run requests that they ask for, each pair of a flow once. Empty where no flow wants any of the events.
  func requests(of touches: Touches) async throws(Stop) -> [RunRequest] {
    var found: [RunRequest] = []
    for (touch, event, cause) in touches.found {
      for request in try await requests(of: touch, event, cause) {
        // A later event asks for the same as an earlier one: one run, caused by the later.
        found.removeAll { $0.flow == request.flow && $0.pair == request.pair }
        found.append(request)
      }
    }
    return found
  }

  /// The sender lost track of changes and names no record: `done` would say that all is well. Which records they were
  /// nobody knows, so a person has to have them read again.
  private func lost(_ event: Event) -> Reason? {
    guard event.change == .overflow, Self.record(of: event) == nil,
      let connection = connections.name(of: event.system),
      !blueprint.wants(RecordID(type: event.subject, id: event.key), from: connection).isEmpty
    else { return nil }
    return Reason(
      "changes-lost", .reference,
      "{0} sent that changes of {1} were lost, and not of which records: have them sent again, then drop this event",
      quoted: [connection, event.subject])
  }

  private func requests(
    of touch: Touch, _ event: Event, _ cause: RunRequest.Cause
  ) async throws(Stop) -> [RunRequest] {
    var ids = try await ids(of: touch)
    if touch.way != .itself {
      let last = (try? await ledger.touched(flow: touch.flow, system: event.system, record: touch.event)) ?? []
      let pairs = ids.map { pair(touch.side, $0) }
      for pair in last {
        guard let id = touch.side == .salesforce ? pair.salesforce : pair.netsuite, !ids.contains(id) else { continue }
        ids.append(id)
      }
      // Only a hint for the next time; without it a moved record refreshes one pair instead of two.
      try? await ledger.remember(touched: pairs, flow: touch.flow, system: event.system, record: touch.event)
    }
    var requests: [RunRequest] = []
    for id in ids {
      requests.append(
        RunRequest(
          flow: touch.flow, entity: touch.entity, side: touch.side, record: touch.record(id),
          pair: await key(of: touch, id), cause: cause, priority: event.priority))
    }
    return requests
  }

  private func ids(of touch: Touch) async throws(Stop) -> [String] {
    switch touch.way {
    case .itself: return [touch.event.id]
    case .field(let name):
      let record = try await connections.call(touch.connection) { connector throws(Failure) in
        try await connector.read(touch.event, touch.shape)
      }
      return record.flatMap { Touch.id($0[name]) }.map { [$0] } ?? []
    case .query(let text, let parameters):
      let rows = try await connections.call(touch.connection) { connector throws(Failure) in
        try await connector.query(text, parameters)
      }
      var ids: [String] = []
      for row in rows {
        // A row has no order: of several columns none can be called the first.
        guard row.count <= 1 else {
          let sentence = "the query of the flow {0} gives {1} columns: it must give the id alone"
          let quoted = [touch.flow, "\(row.count)"]
          throw Stop(.never(Reason("query-columns", .configuration, sentence, quoted: quoted)), at: nil)
        }
        guard let id = row.values.first.flatMap(Touch.id), !ids.contains(id) else { continue }
        ids.append(id)
      }
      return ids
    }
  }

  /// A pair's order key: its Salesforce id where the link is known, so that both sides' hints wait in one lane.
  private func key(of touch: Touch, _ id: String) async -> String {
    if touch.side == .salesforce { return id }
    let link = try? await ledger.link(entity: touch.entity, side: .netsuite, id: id)
    return link?.salesforce ?? "netsuite \(touch.type) \(id)"
  }

  private func pair(_ side: Side, _ id: String) -> Pair {
    side == .salesforce ? Pair(salesforce: id, netsuite: nil) : Pair(salesforce: nil, netsuite: id)
  }

  /// The record that an event names, by the payload's convention.
  static func record(of event: Event) -> RecordID? {
    guard let json = try? JSON.parse(event.payload), let type = json["record"]?["type"]?.string,
      let id = json["record"]?["id"]?.string
    else { return nil }
    return RecordID(type: type, id: id)
  }
}
