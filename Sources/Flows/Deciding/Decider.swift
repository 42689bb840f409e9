import Events
import Expressions
import Formats

/// Decides a pair: a pure function of the blueprint and of what was fetched.
public struct Decider: Sendable {
  let blueprint: Blueprint
  let entity: Entity
  let start: Side
  let id: String
  let mode: Settlement.Mode

  public init(
    _ blueprint: Blueprint, entity: Entity, from side: Side, id: String, mode: Settlement.Mode = .settle
  ) {
    self.blueprint = blueprint
    self.entity = entity
    start = side
    self.id = id
    self.mode = mode
  }

  public func decide(_ facts: Facts) -> Decision {
    let inquiry = Inquiry(facts)
    let plan = decide(inquiry)
    return inquiry.needs.isEmpty ? .settled(plan ?? Plan(entity: entity.name, outcome: .agreed)) : .needs(inquiry.needs)
  }

  private func decide(_ inquiry: Inquiry) -> Plan? {
    guard let state = link(inquiry) else { return nil }
    switch state {
    case .finished(let plan): return plan
    case .alone(let record, let side): return planCreate(of: side.other, from: record, inquiry)
    case .pair(let pair): return planUpdate(pair, inquiry)
    }
  }

  /// The record that the run began with, if it was read.
  func startRecord(_ facts: Facts) -> Record? { facts.record(start, id: id) }

  func need(_ side: Side, id: String) -> Need {
    let part = entity.side(side)
    return .record(side, connection: part.connection, types: part.types, id: id, entity.shape(for: side))
  }

  func find(_ side: Side, _ fields: [String: FieldValue]) -> Need {
    let part = entity.side(side)
    return .find(
      side, connection: part.connection, types: part.types, fields: fields, limit: 3, entity.shape(for: side))
  }

  /// `crm-0065g00000ABCDEAA1`: what a NetSuite key holds for a Salesforce record.
  func externalID(of salesforceID: String) -> String { "\(entity.salesforce.connection)-\(salesforceID)" }

  /// The Salesforce id that a NetSuite key names; nil where it is another's.
  func salesforceID(in key: String) -> String? {
    let prefix = entity.salesforce.connection.lowercased() + "-"
    guard key.lowercased().hasPrefix(prefix) else { return nil }
    let rest = String(key.dropFirst(prefix.count))
    return rest.utf8.count == 18 && rest.utf8.allSatisfy(isLetterOrDigit) ? rest : nil
  }

  func names(of record: Record, _ side: Side) -> [String] {
    var names: [String] = []
    if side == .salesforce, let label = entity.label, let name = record[label].plain { names.append(name) }
    for field in entity.link.match.flatMap({ $0 }) {
      guard case .field(let path) = entity.field(field)?.path(side), let value = record[path].plain else { continue }
      names.append("\(path) \(value)")
    }
    return names.isEmpty ? [record.id.id] : names
  }

  /// What people call the record in a sentence: `Opportunity {0}` with its name quoted.
  func called(_ record: Record, _ side: Side) -> (text: String, quoted: String) {
    let label = side == .salesforce ? entity.label.flatMap { record[$0].plain } : nil
    return ("\(record.id.type) {0}", label.map { "“\($0)”" } ?? record.id.id)
  }
}

/// The facts, and what was found missing among them.
// Safe: made, used and dropped within one call of `decide`, on the caller's thread.
final class Inquiry: @unchecked Sendable {
  let facts: Facts
  private(set) var needs: [Need] = []

  init(_ facts: Facts) { self.facts = facts }

  /// The answer; nil where it is still to be fetched, which is noted.
  func ask(_ need: Need) -> Answer? {
    if let answer = facts[need] { return answer }
    if !needs.contains(need) { needs.append(need) }
    return nil
  }

  func record(_ need: Need) -> Record?? {
    guard let answer = ask(need) else { return nil }
    if case .record(let record) = answer { return .some(record) }
    return .some(nil)
  }

  func records(_ need: Need) -> [Record]? {
    guard let answer = ask(need) else { return nil }
    if case .records(let records) = answer { return records }
    return []
  }
}
