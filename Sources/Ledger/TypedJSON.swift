import Events
import Formats

extension FieldValue {
  /// The value as JSON that keeps its type: `null`, `{"bool":true}`, `{"number":1.10}`, `{"text":"…"}`,
  /// `{"date":"2026-11-24"}`, `{"instant":"…Z"}`, `{"reference":{"id":"7","name":"Net 30"}}`.
  public var typedJSON: JSON {
    switch self {
    case .null: .null
    case .bool(let value): ["bool": .bool(value)]
    case .number(let value): ["number": .number(JSONNumber(value))]
    case .text(let value): ["text": .string(value)]
    case .date(let value): ["date": .string(value.description)]
    case .instant(let value): ["instant": .string(value.description)]
    case .reference(let id, let name):
      ["reference": ["id": id.map { .string($0) } ?? .null, "name": name.map { .string($0) } ?? .null]]
    }
  }

  /// Nil unless it is what `typedJSON` gives.
  public init?(typedJSON json: JSON) {
    if json.isNull {
      self = .null
      return
    }
    guard let members = json.object?.members, members.count == 1 else { return nil }
    let (kind, value) = members[0]
    let found: FieldValue? =
      switch kind {
      case "bool": value.bool.map { .bool($0) }
      case "number": value.decimal.map { .number($0) }
      case "text": value.string.map { .text($0) }
      case "date": value.string.flatMap { CalendarDate($0) }.map { .date($0) }
      case "instant": value.string.flatMap { Instant($0) }.map { .instant($0) }
      case "reference": value.object.map { _ in .reference(id: value["id"]?.string, name: value["name"]?.string) }
      default: nil
      }
    guard let found else { return nil }
    self = found
  }
}

extension Reason {
  /// The reason as JSON: `code`, `class`, `sentence`, and where they are there `quoted`, `side`, `record`, `field`.
  public var json: JSON {
    var object: JSONObject = [
      "code": .string(code), "class": .string(kind.rawValue), "sentence": .string(sentence),
    ]
    if !quoted.isEmpty { object["quoted"] = .array(quoted.map { .string($0) }) }
    if let side { object["side"] = .string(side.rawValue) }
    if let record { object["record"] = ["type": .string(record.type), "id": .string(record.id)] }
    if let field { object["field"] = .string(field) }
    return .object(object)
  }

  /// Nil unless it is what `json` gives.
  public init?(json: JSON) {
    guard let code = json["code"]?.string, let name = json["class"]?.string, let kind = Class(rawValue: name),
      let sentence = json["sentence"]?.string
    else { return nil }
    var record: RecordID?
    if let type = json["record"]?["type"]?.string, let id = json["record"]?["id"]?.string {
      record = RecordID(type: type, id: id)
    }
    self.init(
      code, kind, sentence, quoted: json["quoted"]?.array?.compactMap(\.string) ?? [],
      side: json["side"]?.string.flatMap { Side(rawValue: $0) }, record: record, field: json["field"]?.string)
  }
}
