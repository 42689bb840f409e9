extension JSON {
  /// Reads one strict JSON text (RFC 8259): UTF-8 without a byte order mark, no two equal keys in an object, no lone
  /// surrogates, nothing after the value.
  ///
  /// Keys are compared as people read them: two spellings of one character are one key, so that no later reader can
  /// disagree about which member counts.
  public static func parse(_ bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) -> JSON {
    try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) -> JSON in
      try parse(buffer, limits)
    }
  }

  public static func parse(_ text: String) throws(JSONError) -> JSON {
    try parse(Array(text.utf8))
  }

  private static func parse(_ buffer: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) throws(JSONError) -> JSON {
    var reader = JSONReader(bytes: buffer, limits: limits)
    do {
      return try reader.document()
    } catch {
      let position = TextPosition(of: reader.index, in: buffer)
      throw JSONError(
        offset: reader.index, line: position.line, column: position.column, message: error.message)
    }
  }
}

/// What is wrong, before anyone has counted lines.
private struct Refusal: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

private struct JSONReader {
  let bytes: UnsafeBufferPointer<UInt8>
  let limits: JSONLimits
  var index = 0
  var depth = 0
  /// Where strings with escapes are put together.
  var scratch: [UInt8] = []

  init(bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  mutating func document() throws(Refusal) -> JSON {
    let value = try value()
    skipSpace()
    guard index == bytes.count else { throw Refusal("something follows the value") }
    return value
  }

  private mutating func value() throws(Refusal) -> JSON {
    skipSpace()
    guard index < bytes.count else { throw Refusal("a value is missing") }
    switch bytes[index] {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case 0xEF where index == 0: throw Refusal("JSON may not begin with a byte order mark")
    case 0x00 where index == 0, 0xFE where index == 0, 0xFF where index == 0: throw Refusal("JSON has to be in UTF-8")
    default: throw Refusal("no value can begin with this character")
    }
  }

  private mutating func object() throws(Refusal) -> JSON {
    try enter()
    var object = JSONObject()
    skipSpace()
    if take(UInt8(ascii: "}")) { return leave(.object(object)) }
    while true {
      skipSpace()
      guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw Refusal("a member needs a name") }
      let start = index
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw Refusal("a colon is missing after the member's name") }
      guard object.insert(key, try value()) else {
        index = start
        throw Refusal("two members of the object have the same name")
      }
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "}")) else { throw Refusal("a comma or the object's end is missing") }
      return leave(.object(object))
    }
  }

  private mutating func array() throws(Refusal) -> JSON {
    try enter()
    var elements: [JSON] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return leave(.array(elements)) }
    while true {
      elements.append(try value())
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "]")) else { throw Refusal("a comma or the array's end is missing") }
      return leave(.array(elements))
    }
  }

  private mutating func number() throws(Refusal) -> JSON {
    guard let end = JSONNumber.end(in: bytes, from: index) else { throw Refusal("this is not a number") }
    guard end - index <= limits.numberLength else {
      throw Refusal("the number has more than \(limits.numberLength) characters")
    }
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[index..<end]), as: UTF8.self)
    index = end
    return .number(JSONNumber(checked: text))
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws(Refusal) -> JSON {
    let count = word.utf8CodeUnitCount
    guard bytes.count - index >= count else { throw Refusal("no value is spelled like this") }
    for offset in 0..<count where bytes[index + offset] != word.utf8Start[offset] {
      throw Refusal("no value is spelled like this")
    }
    index += count
    return value
  }

  // MARK: Strings

  private mutating func string() throws(Refusal) -> String {
    index += 1
    let start = index
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        defer { index += 1 }
        return try decoded(UnsafeBufferPointer(rebasing: bytes[start..<index]))
      case UInt8(ascii: "\\"): return try escapedString(from: start)
      case 0..<0x20: throw Refusal("a control character must be escaped")
      default: index += 1
      }
    }
    throw Refusal("the string has no end")
  }

  private mutating func escapedString(from start: Int) throws(Refusal) -> String {
    scratch.removeAll(keepingCapacity: true)
    scratch.append(contentsOf: bytes[start..<index])
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        let text = try scratch.withUnsafeBufferPointer { (all) throws(Refusal) -> String in try decoded(all) }
        index += 1
        return text
      }
      guard byte >= 0x20 else { throw Refusal("a control character must be escaped") }
      if byte == UInt8(ascii: "\\") {
        try escape()
      } else {
        scratch.append(byte)
        index += 1
      }
    }
    throw Refusal("the string has no end")
  }

  private mutating func escape() throws(Refusal) {
    guard index + 1 < bytes.count else { throw Refusal("the string has no end") }
    let byte = bytes[index + 1]
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(byte)
    case UInt8(ascii: "b"): scratch.append(0x08)
    case UInt8(ascii: "f"): scratch.append(0x0C)
    case UInt8(ascii: "n"): scratch.append(0x0A)
    case UInt8(ascii: "r"): scratch.append(0x0D)
    case UInt8(ascii: "t"): scratch.append(0x09)
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw Refusal("there is no such escape")
    }
    index += 2
  }

  /// One `\uXXXX`, or two that are a surrogate pair.
  private mutating func unicodeEscape() throws(Refusal) {
    guard let high = hex(at: index + 2) else { throw Refusal("\\u needs four hexadecimal digits") }
    var code = high
    var length = 6
    if high & 0xFC00 == 0xD800 {
      guard index + 7 < bytes.count, bytes[index + 6] == UInt8(ascii: "\\"), bytes[index + 7] == UInt8(ascii: "u"),
        let low = hex(at: index + 8), low & 0xFC00 == 0xDC00
      else { throw Refusal("half of a surrogate pair stands alone") }
      code = 0x10000 + (high & 0x3FF) << 10 + (low & 0x3FF)
      length = 12
    }
    guard let scalar = Unicode.Scalar(code) else { throw Refusal("half of a surrogate pair stands alone") }
    scratch.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    index += length
  }

  private func hex(at start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    var code: UInt32 = 0
    for byte in bytes[start..<start + 4] {
      guard let digit = Digits.hex(byte) else { return nil }
      code = code << 4 | UInt32(digit)
    }
    return code
  }

  private func decoded(_ content: UnsafeBufferPointer<UInt8>) throws(Refusal) -> String {
    guard let text = try? UTF8Span(validating: content.span) else { throw Refusal("the string is not UTF-8") }
    return String(copying: text)
  }

  // MARK: Small steps

  private mutating func enter() throws(Refusal) {
    guard depth < limits.depth else { throw Refusal("nested deeper than \(limits.depth)") }
    depth += 1
    index += 1
  }

  private mutating func leave(_ value: JSON) -> JSON {
    depth -= 1
    return value
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func skipSpace() {
    while index < bytes.count {
      switch bytes[index] {
      case 0x20, 0x09, 0x0A, 0x0D: index += 1
      default: return
      }
    }
  }
}
