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

/// Reads what the Pub/Sub API writes where others write names of fields (Pub/Sub API guide, "Event Deserialization
/// Considerations"): `0x400800` says which fields, bit 0 the first of the schema; `4-0x10` which parts of the field at 4.
struct ChangeBitmap {
  private let schema: [ChangeEventField]
  private let names: [String]

  init(_ schema: [ChangeEventField]) {
    self.schema = schema
    names = schema.map(\.name)
  }

  /// By the body itself: an event of the Pub/Sub API, decoded, has every field of its schema in it, in order. Nil where
  /// that order was lost on the way: sorted, or without the header in front.
  init?(body: JSONObject) {
    let keys = body.keys
    guard keys.first == "ChangeEventHeader", keys.count > 2, zip(keys, keys.dropFirst()).contains(where: { $0 > $1 })
    else { return nil }
    self.init(body.map { ChangeEventField($0.key, parts: $0.value.object?.keys ?? []) })
  }

  static func isOne(_ text: String) -> Bool {
    text.hasPrefix("0x") || text.utf8.drop { $0 &- 0x30 < 10 }.starts(with: "-0x".utf8)
  }

  /// Names, bitmaps read, those of parts with their field (`Name.LastName`). Nil where one cannot be read.
  func names(of texts: [String]) -> [String]? {
    var found: [String] = []
    for text in texts {
      guard Self.isOne(text) else {
        found.append(text)
        continue
      }
      guard let read = read(text) else { return nil }
      found += read
    }
    return found
  }

  private func read(_ text: String) -> [String]? {
    guard !text.hasPrefix("0x") else { return Self.places(text.dropFirst(2)).flatMap { Self.pick($0, names, "") } }
    let halves = text.split(separator: "-", maxSplits: 1)
    guard halves.count == 2, let place = Digits.int(halves[0], max: 1 << 16).map(Int.init),
      schema.indices.contains(place), let parts = Self.places(halves[1].dropFirst(2))
    else { return nil }
    let field = schema[place]
    // A compound field that is null as a whole does not show its parts.
    return field.parts.isEmpty ? [field.name] : Self.pick(parts, field.parts, field.name + ".")
  }

  /// The places of the ones; the last digit holds the first four.
  private static func places(_ digits: Substring) -> [Int]? {
    guard digits.utf8.count <= Limits.bitmapDigits else { return nil }
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
