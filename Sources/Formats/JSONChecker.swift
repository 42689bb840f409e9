/// What is wrong, before anyone has counted lines.
struct JSONRefusal: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

/// Reads a JSON text from one end to the other and makes nothing of it: the one place that says what strict JSON is.
struct JSONChecker {
  /// Every read of it is behind a look at its count: in a release build nothing else keeps reads inside.
  let bytes: UnsafeBufferPointer<UInt8>
  let limits: JSONLimits
  var index = 0
  private var depth = 0
  /// Of all objects that are open, the innermost's last.
  private var names = JSONNames()

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  mutating func document() throws(JSONRefusal) {
    try value()
    skipSpace()
    guard index == bytes.count else { throw JSONRefusal("something follows the value") }
  }

  private mutating func value() throws(JSONRefusal) {
    skipSpace()
    guard index < bytes.count else { throw JSONRefusal("a value is missing") }
    switch bytes[index] {
    case UInt8(ascii: "{"): try object()
    case UInt8(ascii: "["): try array()
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    case 0xEF where index == 0: throw JSONRefusal("JSON may not begin with a byte order mark")
    case 0x00 where index == 0, 0xFE where index == 0, 0xFF where index == 0:
      throw JSONRefusal("JSON has to be in UTF-8")
    default: throw JSONRefusal("no value can begin with this character")
    }
  }

  private mutating func object() throws(JSONRefusal) {
    try enter()
    skipSpace()
    if take(UInt8(ascii: "}")) { return leave() }
    let outer = names.open()
    while true {
      skipSpace()
      guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw JSONRefusal("a member needs a name") }
      let name = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw JSONRefusal("a colon is missing after the member's name") }
      try value()
      guard names.insert(name, in: bytes) else {
        index = name.start - 1
        throw JSONRefusal("two members of the object have the same name")
      }
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "}")) else { throw JSONRefusal("a comma or the object's end is missing") }
      names.close(outer)
      return leave()
    }
  }

  private mutating func array() throws(JSONRefusal) {
    try enter()
    skipSpace()
    if take(UInt8(ascii: "]")) { return leave() }
    while true {
      try value()
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "]")) else { throw JSONRefusal("a comma or the array's end is missing") }
      return leave()
    }
  }

  private mutating func number() throws(JSONRefusal) {
    guard let end = JSONNumber.end(in: bytes, from: index) else { throw JSONRefusal("this is not a number") }
    guard end - index <= limits.numberLength else {
      throw JSONRefusal("the number has more than \(limits.numberLength) characters")
    }
    index = end
  }

  private mutating func word(_ word: StaticString) throws(JSONRefusal) {
    let count = word.utf8CodeUnitCount
    guard bytes.count - index >= count else { throw JSONRefusal("no value is spelled like this") }
    for offset in 0..<count where bytes[index + offset] != word.utf8Start[offset] {
      throw JSONRefusal("no value is spelled like this")
    }
    index += count
  }

  // MARK: Strings

  private mutating func string() throws(JSONRefusal) -> JSONStringPlace {
    index += 1
    var place = JSONStringPlace(start: index, end: index)
    while true {
      index = JSONScan.special(in: bytes, from: index)
      guard index < bytes.count else { throw JSONRefusal("the string has no end") }
      switch bytes[index] {
      case UInt8(ascii: "\""):
        place.end = index
        // What is wrong with a string without escapes is told behind it.
        if !place.hasEscapes { index += 1 }
        if !place.isASCII, (try? UTF8Span(validating: place.bytes(in: bytes).span)) == nil {
          throw JSONRefusal("the string is not UTF-8")
        }
        if place.hasEscapes { index += 1 }
        return place
      case UInt8(ascii: "\\"):
        place.hasEscapes = true
        try escape()
      case 0..<0x20: throw JSONRefusal("a control character must be escaped")
      default:
        place.isASCII = false
        index += 1
      }
    }
  }

  private mutating func escape() throws(JSONRefusal) {
    guard index + 1 < bytes.count else { throw JSONRefusal("the string has no end") }
    switch bytes[index + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      index += 2
    case UInt8(ascii: "u"): try unicodeEscape()
    default: throw JSONRefusal("there is no such escape")
    }
  }

  /// One `\uXXXX`, or two that are a surrogate pair.
  private mutating func unicodeEscape() throws(JSONRefusal) {
    guard let code = JSONScan.hex(in: bytes, at: index + 2) else {
      throw JSONRefusal("\\u needs four hexadecimal digits")
    }
    switch code & 0xFC00 {
    case 0xD800:
      guard index + 7 < bytes.count, bytes[index + 6] == UInt8(ascii: "\\"), bytes[index + 7] == UInt8(ascii: "u"),
        let low = JSONScan.hex(in: bytes, at: index + 8), low & 0xFC00 == 0xDC00
      else { throw JSONRefusal("half of a surrogate pair stands alone") }
      index += 12
    case 0xDC00: throw JSONRefusal("half of a surrogate pair stands alone")
    default: index += 6
    }
  }

  // MARK: Small steps

  private mutating func enter() throws(JSONRefusal) {
    guard depth < limits.depth else { throw JSONRefusal("nested deeper than \(limits.depth)") }
    depth += 1
    index += 1
  }

  private mutating func leave() { depth -= 1 }

  @inline(__always)
  private mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  @inline(__always)
  private mutating func skipSpace() { index = JSONScan.space(in: bytes, from: index) }
}
