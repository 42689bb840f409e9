import Formats

/// A record as GET answers it: blanks left out, references with their names, sublists as links or expanded.
struct RecordShowing {
  let books: Books
  /// `http://host/services/rest/record/v1`.
  let base: String

  func show(_ entry: Books.Entry, expands: Bool, only: Set<String>? = nil) -> JSON {
    guard let type = books.types[entry.type.lowercased()] else { return .null }
    let place = "\(base)/\(type.name)/\(entry.id)"
    var shown: JSONObject = ["links": [["rel": "self", "href": .string(place)]], "id": .string(String(entry.id))]
    for field in type.fields where only?.contains(field.name.lowercased()) ?? true {
      if case .subrecord = field.kind {
        if let inner = subrecord(field, entry) { shown[field.name] = inner }
      } else if let json = value(value(of: field, in: entry), field) {
        shown[field.name] = json
      }
    }
    for sublist in type.sublists where only?.contains(sublist.name.lowercased()) ?? true {
      shown[sublist.name] =
        expands
        ? list(entry, sublist) : ["links": [["rel": "self", "href": .string("\(place)/\(sublist.name)")]]]
    }
    return .object(shown)
  }

  func list(_ entry: Books.Entry, _ sublist: Sublist) -> JSON {
    let lines = (entry.lists[sublist.name] ?? []).map { JSON.object(self.line($0, sublist)) }
    return [
      "links": [], "items": .array(lines), "count": .number(Int64(lines.count)), "hasMore": false,
      "offset": 0, "totalResults": .number(Int64(lines.count)),
    ]
  }

  private func value(of field: RecordField, in entry: Books.Entry) -> Cell {
    switch field.name {
    case "balance" where entry.type == "customer": .number(books.balance(of: entry))
    default: entry[field.name]
    }
  }

  private func subrecord(_ field: RecordField, _ entry: Books.Entry) -> JSON? {
    var inner: JSONObject = [:]
    for part in field.subfields {
      if let json = value(entry["\(field.name).\(part.name)"], part) { inner[part.name] = json }
    }
    return inner.isEmpty ? nil : .object(inner)
  }

  private func line(_ line: Books.Line, _ sublist: Sublist) -> JSONObject {
    var shown: JSONObject = ["links": []]
    if sublist.key == "internalId" {
      shown["internalId"] = .number(Int64(line.key))
      shown["id"] = .number(Int64(line.key))
    } else {
      shown[sublist.key] = .number(Int64(line.key))
    }
    for field in sublist.fields {
      if let json = value(line[field.name], field) { shown[field.name] = json }
    }
    if let name = sublist.subrecord {
      var inner: JSONObject = ["links": []]
      for field in sublist.subfields {
        if let json = value(line[field.name], field) { inner[field.name] = json }
      }
      shown[name] = .object(inner)
      shown[name + "_text"] = .string(line["addrText"].text ?? "")
    }
    return shown
  }

  private func value(_ cell: Cell, _ field: RecordField) -> JSON? {
    switch (cell, field.kind) {
    case (.null, _): return nil
    case (.text(let id), .reference(let types)):
      let name = books.entry(id, of: types).map { books.name(of: $0) } ?? ""
      return ["links": [], "id": .string(id), "refName": .string(name)]
    case (.text(let id), .choice(let names)): return ["id": .string(id), "refName": .string(names[id] ?? id)]
    case (.number(let number), .breakpoint): return ["value": .number(number.normalized)]
    case (.text(let text), _): return .string(text)
    case (.bool(let value), _): return .bool(value)
    case (.number(let number), _): return .number(number.normalized)
    case (.date(let date), _): return .string(date.description)
    case (.instant(let instant), _):
      return .string(Instant(secondsSince1970: instant.secondsSince1970).description)
    }
  }
}
