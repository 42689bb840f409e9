/// Makes values of a text that was found to be strict JSON: nothing is looked at twice, and nothing can fail.
struct JSONBuilder {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var index = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// The value that comes next.
  mutating func value() -> JSON {
    skipSpace()
    switch byte {
    case UInt8(ascii: "{"): return .object(object())
    case UInt8(ascii: "["): return .array(array())
    case UInt8(ascii: "\""): return .string(Self.text(string(), in: bytes))
    case UInt8(ascii: "t"): return skip(4, .bool(true))
    case UInt8(ascii: "f"): return skip(5, .bool(false))
    case UInt8(ascii: "n"): return skip(4, .null)
    default: return .number(number())
    }
  }

  /// Goes to the value that the object which comes next has by that name; false where there is none, or no object.
  mutating func find(_ name: String) -> Bool {
    skipSpace()
    guard byte == UInt8(ascii: "{") else { return false }
    index += 1
    while true {
      skipSpace()
      guard byte == UInt8(ascii: "\"") else { return false }
      let isWanted = Self.isSame(string(), name, bytes)
      skipSpace()
      index += 1
      if isWanted { return true }
      skipValue()
      skipSpace()
      guard byte == UInt8(ascii: ",") else { return false }
      index += 1
    }
  }

  /// 0 behind the end.
  @inline(__always)
  private var byte: UInt8 { index < bytes.count ? bytes[index] : 0 }

  private mutating func object() -> JSONObject {
    var object = JSONObject()
    index += 1
    while true {
      skipSpace()
      guard byte == UInt8(ascii: "\"") else { break }
      let name = Self.text(string(), in: bytes)
      skipSpace()
      index += 1
      object.append(name, value())
      skipSpace()
      guard byte == UInt8(ascii: ",") else { break }
      index += 1
    }
    index += 1
    return object
  }

  private mutating func array() -> [JSON] {
    var elements: [JSON] = []
    index += 1
    skipSpace()
    while index < bytes.count, byte != UInt8(ascii: "]") {
      elements.append(value())
      skipSpace()
      if byte == UInt8(ascii: ",") { index += 1 }
    }
    index += 1
    return elements
  }

  private mutating func number() -> JSONNumber {
    let start = index
    index = JSONNumber.end(in: bytes, from: start) ?? bytes.count
    let text = UnsafeBufferPointer(rebasing: bytes[start..<index])
    return JSONNumber(checked: String(decoding: text, as: UTF8.self))
  }

  private mutating func skip(_ count: Int, _ value: JSON) -> JSON {
    index += count
    return value
  }

  private mutating func skipSpace() { index = JSONScan.space(in: bytes, from: index) }

  /// Behind the value that comes next.
  private mutating func skipValue() {
    var depth = 0
    skipSpace()
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""): _ = string()
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        index += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        // That of the object around a number or a word.
        guard depth > 0 else { return }
        depth -= 1
        index += 1
      case UInt8(ascii: ",") where depth == 0: return
      default:
        index += 1
        continue
      }
      if depth == 0 { return }
    }
  }

  // MARK: Strings

  private mutating func string() -> JSONStringPlace {
    index += 1
    var place = JSONStringPlace(start: index, end: index)
    while true {
      index = JSONScan.special(in: bytes, from: index)
      switch byte {
      case UInt8(ascii: "\""), 0:
        place.end = index
        index += 1
        return place
      case UInt8(ascii: "\\"):
        place.hasEscapes = true
        index += 2
      default:
        place.isASCII = false
        index += 1
      }
    }
  }

  private static func isSame(_ place: JSONStringPlace, _ name: String, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if place.bytes(in: bytes).elementsEqual(name.utf8), !place.hasEscapes { return true }
    let isPlain = place.isASCII && !place.hasEscapes && name.utf8.allSatisfy { $0 < 0x80 }
    return !isPlain && text(place, in: bytes) == name
  }

  /// What a string says, escapes resolved.
  static func text(_ place: JSONStringPlace, in all: UnsafeBufferPointer<UInt8>) -> String {
    guard place.hasEscapes else { return String(decoding: place.bytes(in: all), as: UTF8.self) }
    var text: [UInt8] = []
    var index = place.start
    while index < place.end {
      guard all[index] == UInt8(ascii: "\\") else {
        text.append(all[index])
        index += 1
        continue
      }
      let letter = all[index + 1]
      switch letter {
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"):
        index += appendCharacter(at: index, of: all, to: &text)
        continue
      default: text.append(letter)
      }
      index += 2
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// That of one `\uXXXX`, or of two that are a surrogate pair. How long it is written.
  private static func appendCharacter(
    at index: Int, of all: UnsafeBufferPointer<UInt8>, to text: inout [UInt8]
  ) -> Int {
    var code = JSONScan.hex(in: all, at: index + 2) ?? 0
    let isPair = code & 0xFC00 == 0xD800
    if isPair { code = 0x10000 + (code & 0x3FF) << 10 + (JSONScan.hex(in: all, at: index + 8) ?? 0) & 0x3FF }
    let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
    text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    return isPair ? 12 : 6
  }
}
