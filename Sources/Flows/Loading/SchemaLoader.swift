import Events

/// `schema/<connection>.yaml`: the custom fields of an org or account, on top of the built-in catalogue.
///
///     Account:
///       Credit_Limit__c: money                          # text bool number money date time choice
///       Owner_Team__c: { type: record, of: [ Group ] }
///       Terms__c: { type: choice, list: term, writable: false }
///     salesOrder:
///       "item[].custcol_crm_line": text                 # a field of a sublist's elements
enum SchemaLoader {
  static let words: [String: FieldSchema.Kind] = [
    "text": .text, "bool": .bool, "number": .number, "money": .money, "date": .date, "time": .instant,
    "choice": .choice(list: nil),
  ]

  static func merge(_ node: ConfigNode, into schema: Schema, _ problems: Problems) -> Schema {
    var schema = schema
    for record in node.map(problems) ?? [] {
      let name = schema.name(of: record.key) ?? record.key
      var merged = schema.records[name] ?? RecordSchema(fields: [:])
      for field in record.value.map(problems) ?? [] {
        guard let read = self.field(field.value, problems) else { continue }
        guard let mark = field.key.firstRange(of: "[].") else {
          merged.fields[field.key] = read
          continue
        }
        let list = String(field.key[..<mark.lowerBound])
        merged.lists[list, default: ListSchema(key: nil, fields: [:])].fields[String(field.key[mark.upperBound...])] =
          read
      }
      schema.records[name] = merged
    }
    return schema
  }

  private static func field(_ node: ConfigNode, _ problems: Problems) -> FieldSchema? {
    guard case .map = node.content else {
      guard let word = node.word(of: words.keys.sorted(), problems) else { return nil }
      return words[word].map { FieldSchema($0) }
    }
    guard let map = node.map(known: ["type", "of", "list", "writable"], problems),
      let word = map.required("type")?.word(of: words.keys.sorted() + ["record"], problems)
    else { return nil }
    var kind = words[word] ?? .record(map.texts("of") ?? [])
    if word == "choice", let list = map.text("list") { kind = .choice(list: list) }
    return FieldSchema(kind, isWritable: map["writable"] == nil || map.bool("writable") == true)
  }
}
