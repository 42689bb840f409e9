import Connectors
import Events
import Flows
import Formats
import Ledger

/// What a run did, step by step, for the ledger: what it read, what it decided and why, what it wrote, what was stored.
struct Journal {
  private(set) var steps: [Step] = []
  /// Done, or sent and not answered.
  private(set) var writes = 0
  /// Records that were read or written, by side, as the pair's names.
  private(set) var pair = Pair(salesforce: nil, netsuite: nil)

  mutating func read(_ side: Side, _ record: Record?, asked id: String) {
    guard let record else {
      steps.append(Step(.read, side: side, detail: ["id": .string(id), "found": false]))
      return
    }
    var fields = JSONObject()
    for (name, value) in record.fields.sorted(by: { $0.key < $1.key }) { fields[name] = value.typedJSON }
    var detail: JSONObject = ["fields": .object(fields)]
    for (name, elements) in record.lists.sorted(by: { $0.key < $1.key }) {
      detail[name] = .array(elements.map(Self.json))
    }
    steps.append(Step(.read, side: side, record: record.id, detail: .object(detail)))
  }

  mutating func rows(_ side: Side, _ query: String, _ rows: [[String: FieldValue]]) {
    let values = rows.map { row -> JSON in
      var object = JSONObject()
      for (name, value) in row.sorted(by: { $0.key < $1.key }) { object[name] = value.typedJSON }
      return .object(object)
    }
    steps.append(Step(.read, side: side, detail: ["query": .string(query), "rows": .array(values)]))
  }

  mutating func decided(_ plan: Plan) {
    pair = Pair(salesforce: plan.salesforce?.id ?? pair.salesforce, netsuite: plan.netsuite?.id ?? pair.netsuite)
    let fields = plan.fields.map { field -> JSON in
      var object: JSONObject = [
        "field": .string(field.field), "owner": .string("\(field.owner)"), "side": .string(field.side.rawValue),
        "path": .string(field.path), "verdict": .string(Self.word(field.verdict)),
      ]
      if let wanted = field.wanted { object["wanted"] = wanted.typedJSON }
      if let current = field.current { object["current"] = current.typedJSON }
      if case .skip(let why) = field.verdict { object["why"] = .string(why) }
      if case .held(let reason) = field.verdict { object["why"] = .string(reason.description) }
      return .object(object)
    }
    steps.append(Step(.decide, detail: ["entity": .string(plan.entity), "fields": .array(fields)]))
    for note in plan.notes { self.note(note.description) }
  }

  mutating func willWrite(_ planned: PlannedWrite) {
    var fields = JSONObject()
    for (name, value) in planned.write.fields.sorted(by: { $0.key < $1.key }) { fields[name] = value.typedJSON }
    var detail: JSONObject = ["type": .string(planned.write.type), "fields": .object(fields)]
    switch planned.write.target {
    case .create(_, let externalID): detail["create"] = .string(externalID)
    case .update(let id): detail["update"] = .string(id)
    }
    for list in planned.write.lists {
      detail[list.name] = .array(list.elements.map(Self.json))
      if !list.removed.isEmpty { detail["removed"] = .array(list.removed.map { .string($0) }) }
    }
    steps.append(Step(.write, side: planned.side, detail: .object(detail)))
  }

  mutating func wrote(_ planned: PlannedWrite, _ record: RecordID) {
    writes += 1
    steps.append(Step(.stored, side: planned.side, record: record, detail: ["created": .bool(planned.isCreate)]))
  }

  /// A write that was not answered, and that a look is to tell of.
  mutating func mayHaveWritten() { writes += 1 }

  mutating func note(_ text: String) {
    steps.append(Step(.note, detail: ["text": .string(text)]))
  }

  private static func json(_ element: ListElement) -> JSON {
    var object = JSONObject()
    if let key = element.key { object["key"] = .string(key) }
    for (name, value) in element.fields.sorted(by: { $0.key < $1.key }) { object[name] = value.typedJSON }
    return .object(object)
  }

  private static func word(_ verdict: FieldDecision.Verdict) -> String {
    switch verdict {
    case .same: "same"
    case .agreed: "agreed"
    case .write: "write"
    case .skip: "skip"
    case .held: "held"
    }
  }
}
