import Formats

/// What a change event says of its record's fields.
///
/// The transports differ in what a null means. CometD, an event relay and AppFlow send what changed and leave out the
/// rest, with names in `changedFields`; a field that is named there and is not in the body became null. The Pub/Sub API
/// sends every field of the schema, nulls where nothing changed, bitmaps, and `nulledFields` beside them.
struct ChangedFields {
  /// What the record's fields are now, as far as the event says: null where a field became null, absent where nothing
  /// is said of it.
  private(set) var values = JSONObject()
  /// Long texts that came as the difference from before (`diffFields`); they are no values.
  private(set) var diffs = JSONObject()
  /// The fields that changed, by name; nil where they are bitmaps that cannot be read.
  let changed: [String]?
  private let nulled: [String]
  private let type: String
  private let isPubSub: Bool

  init(_ header: JSONObject, _ body: JSONObject, type: String, schema: [ChangeEventField]?) {
    self.type = type
    let texts = ["changedFields", "nulledFields", "diffFields"].map { name in
      header[name]?.array?.compactMap(\.string) ?? []
    }
    let hasBitmaps = texts.joined().contains { ChangeBitmap.isOne($0) }
    isPubSub = hasBitmaps || header["nulledFields"] != nil || header["diffFields"] != nil
    var names: [[String]?] = texts
    if hasBitmaps {
      let bitmap = schema.map { ChangeBitmap($0) } ?? ChangeBitmap(body: body)
      names = texts.map { bitmap?.names(of: $0) }
      if schema == nil, !Self.fits(names, body) { names = [nil, nil, nil] }
    }
    changed = names[0]
    nulled = names[1] ?? []
    // Which texts are differences cannot be told: then none of them is a value.
    guard let diffed = names[2] else {
      if texts[2].isEmpty { read(body, diffed: []) } else { diffs = Self.filled(body) }
      return
    }
    read(body, diffed: Set(diffed))
  }

  /// Whether what was read by the body's own order agrees with the body: what is said to be null is, and what is said to
  /// have changed is not.
  private static func fits(_ names: [[String]?], _ body: JSONObject) -> Bool {
    guard let changed = names[0], let nulled = names[1] else { return false }
    let nulls = Set(nulled)
    func value(_ name: String) -> JSON? {
      guard let dot = name.firstIndex(of: ".") else { return body[name] }
      return body[String(name[..<dot])]?[String(name[name.index(after: dot)...])]
    }
    return nulled.allSatisfy { value($0)?.isNull ?? false }
      && changed.allSatisfy { name in
        nulls.contains(name) || value(name)?.isNull == false || nulled.contains { $0.hasPrefix(name + ".") }
      }
  }

  private static func filled(_ body: JSONObject) -> JSONObject {
    var filled = JSONObject()
    for (name, value) in body where name != header && !value.isNull { filled[name] = value }
    return filled
  }

  private static let header = "ChangeEventHeader"

  // MARK: Values

  private mutating func read(_ body: JSONObject, diffed: Set<String>) {
    let isWhole = type == "CREATE" || type == "UNDELETE"
    // Said of an update only (Change Data Capture guide); whole records have their nulls in place.
    let named = type == "UPDATE" ? (changed ?? []) + nulled : []
    let nullsCount = isWhole || (type == "UPDATE" && !isPubSub)
    let listed = Set(named)
    let parts = Self.parts(named)
    for (name, value) in body where name != Self.header {
      if diffed.contains(name) {
        if !value.isNull { diffs[name] = value }
      } else if value.isNull, nullsCount || listed.contains(name) {
        values[name] = JSON.null
      } else if let parts = parts[name] {
        values[name] = .object(compound(value.object ?? JSONObject(), parts))
      } else if !value.isNull {
        values[name] = isPubSub && !isWhole ? value.object.map { .object(compound($0, [])) } ?? value : value
      }
    }
    for name in named {
      let parent = String(name.prefix { $0 != "." })
      guard body[parent] == nil, values[parent] == nil, !diffed.contains(parent) else { continue }
      values[parent] = parent == name ? .null : .object(compound(JSONObject(), parts[parent] ?? []))
    }
  }

  /// The parts that are named, by their field: `MailingAddress.City`.
  private static func parts(_ names: [String]) -> [String: [String]] {
    var parts: [String: [String]] = [:]
    for name in names {
      guard let dot = name.firstIndex(of: ".") else { continue }
      parts[String(name[..<dot]), default: []].append(String(name[name.index(after: dot)...]))
    }
    return parts
  }

  /// A compound field: its parts that are there, and null for those that are named and are not.
  private func compound(_ value: JSONObject, _ named: [String]) -> JSONObject {
    var compound = JSONObject()
    for (name, part) in value where !isPubSub || !part.isNull { compound[name] = part }
    for name in named where compound[name] == nil { compound[name] = JSON.null }
    return compound
  }
}
