import Formats

/// What the body of a request asks for, its names known and its values read by type.
struct RecordInput: Sendable {
  struct Element: Sendable {
    /// The key property, where the element carries one.
    var key: Int?
    var fields: [String: Cell]
  }

  enum ListInput: Sendable {
    /// `"item": null`: every line goes.
    case cleared
    case elements([Element])
  }

  var fields: [String: Cell] = [:]
  var lists: [String: ListInput] = [:]
  /// Names that were not known and were dropped.
  var unknown: [String] = []
}

/// Reads a body against a record type.
struct BodyReader {
  let books: Books
  let type: RecordType
  /// `X-NetSuite-PropertyNameValidation: error`: an unknown name is refused rather than dropped.
  let refusesUnknown: Bool

  func read(_ body: JSONObject) throws(NetSuiteError) -> RecordInput {
    var input = RecordInput()
    for (key, json) in body.members where !["id", "links", "refname"].contains(key.lowercased()) {
      if let field = type.field(key) {
        try read(field, json, path: field.name, into: &input.fields, unknown: &input.unknown)
      } else if let sublist = type.sublist(key) {
        input.lists[sublist.name] = try read(sublist, json, unknown: &input.unknown)
      } else {
        try unknown(key, &input.unknown)
      }
    }
    return input
  }

  private func unknown(_ path: String, _ list: inout [String]) throws(NetSuiteError) {
    guard !refusesUnknown else {
      throw NetSuiteError(
        "Invalid property name '\(path)' in the request. The record \(type.name) has no such property.",
        code: "INVALID_CONTENT", path: path)
    }
    list.append(path)
  }

  private func read(
    _ field: RecordField, _ json: JSON, path: String, into cells: inout [String: Cell], unknown: inout [String]
  ) throws(NetSuiteError) {
    guard !field.isReadOnly else {
      throw .content("The field \(field.name) is read-only and cannot be set.", path: path)
    }
    guard case .subrecord = field.kind else {
      cells[field.name] = try FieldReader(books: books, path: path).cell(field, json)
      return
    }
    guard let members = json.isNull ? [] : json.object?.members else {
      throw .invalidValue(json.text, field.name, path: path)
    }
    if json.isNull { for inner in field.subfields { cells["\(field.name).\(inner.name)"] = .null } }
    for (key, value) in members where key != "links" {
      guard let inner = field.subfields.first(where: { $0.name.lowercased() == key.lowercased() }) else {
        try self.unknown("\(path).\(key)", &unknown)
        continue
      }
      guard !inner.isReadOnly else { continue }
      cells["\(field.name).\(inner.name)"] = try FieldReader(books: books, path: "\(path).\(key)").cell(inner, value)
    }
  }

  private func read(_ sublist: Sublist, _ json: JSON, unknown: inout [String]) throws(NetSuiteError)
    -> RecordInput.ListInput
  {
    if json.isNull { return .cleared }
    guard let items = json["items"] else { throw .content("A sublist is an object with items.", path: sublist.name) }
    if items.isNull { return .cleared }
    guard let array = items.array else { throw .content("The items of a sublist are an array.", path: sublist.name) }
    var elements: [RecordInput.Element] = []
    for (index, json) in array.enumerated() {
      let path = "\(sublist.name).items[\(index)]"
      guard let object = json.object else { throw .content("A line is an object.", path: path) }
      elements.append(try element(sublist, object, path: path, unknown: &unknown))
    }
    return .elements(elements)
  }

  private func element(
    _ sublist: Sublist, _ object: JSONObject, path: String, unknown: inout [String]
  ) throws(NetSuiteError) -> RecordInput.Element {
    var element = RecordInput.Element(key: nil, fields: [:])
    for (key, json) in object.members where !["links", "refname"].contains(key.lowercased()) {
      let lower = key.lowercased()
      if lower == sublist.key.lowercased() || (sublist.key == "internalId" && (lower == "id" || lower == "addressid")) {
        element.key = try lineKey(json, path: "\(path).\(key)")
      } else if lower == sublist.subrecord?.lowercased() {
        for (key, json) in json.object?.members ?? [] where key != "links" {
          guard let field = sublist.subfields.first(where: { $0.name.lowercased() == key.lowercased() }) else {
            try self.unknown("\(path).\(key)", &unknown)
            continue
          }
          try read(
            field, json, path: "\(path).\(sublist.subrecord ?? "").\(key)", into: &element.fields, unknown: &unknown)
        }
      } else if let field = sublist.field(key) {
        try read(field, json, path: "\(path).\(field.name)", into: &element.fields, unknown: &unknown)
      } else {
        try self.unknown("\(path).\(key)", &unknown)
      }
    }
    return element
  }

  private func lineKey(_ json: JSON, path: String) throws(NetSuiteError) -> Int? {
    if json.isNull { return nil }
    guard let key = json.int.map({ Int($0) }) ?? json.string.flatMap({ Books.number($0) }) else {
      throw .invalidValue(json.text, "line", path: path)
    }
    return key
  }
}
