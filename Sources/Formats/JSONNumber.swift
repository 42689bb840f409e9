/// A JSON number, kept as the text it came as: what counts its digits may look at them, nothing rounds them.
///
/// Two numbers are equal when their texts are; compare `decimal` to compare values.
public struct JSONNumber: Sendable, Hashable, CustomStringConvertible {
  public let text: String

  /// Nil unless the text is a JSON number, whole (RFC 8259 section 6).
  public init?(text: String) {
    var text = text
    let isNumber = text.withUTF8 { bytes in
      guard let base = bytes.baseAddress else { return false }
      return JSONNumber.end(in: UnsafeBufferPointer(start: base, count: bytes.count), from: 0) == bytes.count
    }
    guard isNumber else { return nil }
    self.text = text
  }

  public init(_ value: Int64) { text = String(value) }
  public init(_ value: ExactDecimal) { text = value.description }

  /// For the reader, which has looked at the text already.
  init(checked text: String) { self.text = text }

  public var decimal: ExactDecimal? { ExactDecimal(text) }

  public var int: Int64? {
    let digits = text.utf8
    if let first = digits.first, first != UInt8(ascii: "-"), let plain = Digits.int(digits) { return plain }
    return decimal?.intValue
  }

  public var description: String { text }

  /// Where the number that begins at `start` ends; nil where there is none.
  static func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var index = start
    func digits() -> Bool {
      let first = index
      while index < bytes.count, bytes[index] &- 0x30 < 10 { index += 1 }
      return index > first
    }
    if index < bytes.count, bytes[index] == UInt8(ascii: "-") { index += 1 }
    if index < bytes.count, bytes[index] == UInt8(ascii: "0") {
      index += 1
    } else if !digits() {
      return nil
    }
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      if !digits() { return nil }
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
      if !digits() { return nil }
    }
    return index
  }
}
