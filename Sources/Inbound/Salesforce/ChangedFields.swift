import Formats

/// A field of a change event's schema, in the schema's order; the first is `ChangeEventHeader`.
public struct ChangeEventField: Hashable, Sendable {
  public let name: String
  /// The parts of a compound field (`MailingAddress`), in the schema's order.
  public let parts: [String]

  public init(_ name: String, parts: [String] = []) {
    self.name = name
    self.parts = parts
  }
}

/// Which fields a change event says it changed or made null: names, or bitmaps over the schema (Pub/Sub API).
struct ChangedFields {
  /// Names; nil where they are bitmaps and the schema is not known.
  let changed: [String]?
  private let nulled: [String]?
  private let hasBitmaps: Bool

  init(_ header: JSONObject, _ schema: [ChangeEventField]?) {
    let changed = Self.texts(header["changedFields"])
    let nulled = Self.texts(header["nulledFields"])
    hasBitmaps = (changed + nulled + Self.texts(header["diffFields"])).contains { Self.isBitmap($0) }
    self.changed = Self.names(changed, schema)
    self.nulled = Self.names(nulled, schema)
  }

  private static func texts(_ json: JSON?) -> [String] { json?.array?.compactMap(\.string) ?? [] }

  /// The record's fields, as far as the event says what they are now. A decoded Pub/Sub event has every field of the
  /// schema in it, and null there says nothing unless the record was just made.
  func values(in body: JSONObject, type: String) -> JSONObject {
    let nullsCount = type == "CREATE" || type == "UNDELETE" || (type == "UPDATE" && !hasBitmaps)
    var fields = JSONObject()
    for (name, value) in body where name != "ChangeEventHeader" && (nullsCount || !value.isNull) {
      fields[name] = value
    }
    for name in nulled ?? [] where !name.utf8.contains(UInt8(ascii: ".")) { fields[name] = JSON.null }
    return fields
  }

  // MARK: Bitmaps

  /// `0x400800`: fields; `4-0x10`: parts of the field at 4.
  private static func isBitmap(_ text: String) -> Bool {
    text.hasPrefix("0x") || text.utf8.drop { $0 &- 0x30 < 10 }.starts(with: "-0x".utf8)
  }

  private static func names(_ texts: [String], _ schema: [ChangeEventField]?) -> [String]? {
    var names: [String] = []
    for text in texts {
      guard isBitmap(text) else {
        names.append(text)
        continue
      }
      guard let schema, let found = decode(text, schema) else { return nil }
      names += found
    }
    return names
  }

  private static func decode(_ text: String, _ schema: [ChangeEventField]) -> [String]? {
    guard !text.hasPrefix("0x") else { return bits(text.dropFirst(2)).flatMap { pick($0, schema.map(\.name), "") } }
    let parts = text.split(separator: "-", maxSplits: 1)
    guard parts.count == 2, let parent = Digits.int(parts[0], max: 1 << 16), schema.indices.contains(Int(parent)),
      let bits = bits(parts[1].dropFirst(2))
    else { return nil }
    let field = schema[Int(parent)]
    return pick(bits, field.parts, field.name + ".")
  }

  /// The places of the ones; the last digit holds the first four fields.
  private static func bits(_ digits: Substring) -> [Int]? {
    var places: [Int] = []
    for (place, digit) in digits.utf8.reversed().enumerated() {
      guard let value = Digits.hex(digit) else { return nil }
      for bit in 0..<4 where value & (1 << bit) != 0 { places.append(place * 4 + bit) }
    }
    return places
  }

  private static func pick(_ places: [Int], _ names: [String], _ prefix: String) -> [String]? {
    guard places.allSatisfy({ names.indices.contains($0) }) else { return nil }
    return places.map { prefix + names[$0] }
  }
}
