import Events
import Formats

@testable import Flows

/// Both systems as two dictionaries: what a settlement fetches comes from them, what it writes goes to them.
final class TwoSystems {
  var records: [Side: [Record]] = [.salesforce: [], .netsuite: []]
  var rows: [String: [[String: FieldValue]]] = [:]
  var agreed: [AgreedKey: Agreed] = [:]
  /// What NetSuite makes of a text that is written to it.
  var stores: (FieldValue) -> FieldValue = { $0 }
  var writes: [PlannedWrite] = []
  let blueprint: Blueprint
  private var nextID = 100

  init(_ blueprint: Blueprint) { self.blueprint = blueprint }

  func settle(
    _ entity: String, from side: Side, _ id: String, mode: Settlement.Mode = .settle
  ) -> Plan? {
    guard let entity = blueprint.entity(entity), let today = CalendarDate("2026-11-24") else { return nil }
    var run = Settlement(blueprint, entity: entity, from: side, id: id, mode: mode, today: today)
    for _ in 0..<60 {
      switch run.next() {
      case .fetch(let needs): for need in needs { run.answer(need, answer(need)) }
      case .write(let planned): run.wrote(planned, as: write(planned))
      case .remember(_, _, let found): agreed.merge(found) { $1 }
      case .finished(let plan): return plan
      }
    }
    return nil
  }

  func answer(_ need: Need) -> Answer {
    switch need {
    case .record(let side, _, let types, let id, _):
      return .record(records[side]?.first { $0.id.id == id && types.contains($0.id.type) })
    case .find(let side, _, let types, let fields, let limit, _):
      let found = records[side]?.filter { record in
        types.contains(record.id.type) && fields.allSatisfy { record[$0.key].agrees(with: $0.value) }
      }
      return .records(Array((found ?? []).prefix(limit)))
    case .rows(_, _, let query, _):
      return .rows(rows.first { query.contains($0.key) }?.value ?? [])
    case .partner(let entity, let side, let id, let mayWrite, let mayCreate):
      let plan = settle(entity, from: side, id, mode: .partner(mayWrite: mayWrite, mayCreate: mayCreate))
      return .partner(plan?.partner(of: side) ?? Partner(id: nil))
    case .agreed: return .agreed(agreed)
    }
  }

  func write(_ planned: PlannedWrite) -> RecordID {
    writes.append(planned)
    let side = planned.side
    switch planned.write.target {
    case .create(let field, let externalID):
      nextID += 1
      var record = Record(
        id: RecordID(type: planned.write.type, id: String(nextID)), fields: [field: .text(externalID)])
      apply(planned.write, to: &record, side)
      records[side]?.append(record)
      return record.id
    case .update(let id):
      guard let index = records[side]?.firstIndex(where: { $0.id.id == id }), var record = records[side]?[index] else {
        return RecordID(type: planned.write.type, id: id)
      }
      apply(planned.write, to: &record, side)
      records[side]?[index] = record
      return record.id
    }
  }

  private func apply(_ write: RecordWrite, to record: inout Record, _ side: Side) {
    for (field, value) in write.fields { record.fields[field] = side == .netsuite ? stores(value) : value }
    for list in write.lists {
      var elements = record.lists[list.name] ?? []
      elements.removeAll { list.removed.contains($0.key ?? "") }
      for element in list.elements {
        if let key = element.key, let index = elements.firstIndex(where: { $0.key == key }) {
          elements[index].fields.merge(element.fields) { $1 }
        } else {
          nextID += 1
          elements.append(ListElement(key: String(nextID), fields: element.fields))
        }
      }
      record.lists[list.name] = elements
    }
  }

  func record(_ side: Side, _ id: String) -> Record? { records[side]?.first { $0.id.id == id } }
}
