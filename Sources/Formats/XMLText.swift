/// Text between its written and its read form.
extension XMLReader {
  /// Resolves references and line ends (XML 1.0 sections 2.11, 3.3.3, 4.6); of entities only the five built in.
  func decode(_ range: Range<Int>, references: Bool, isAttribute: Bool = false, into text: inout [UInt8])
    throws(XMLError)
  {
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = bytes[index]
      if byte == UInt8(ascii: "&"), references {
        index = try decodeReference(at: index, before: range.upperBound, into: &text)
        continue
      }
      if byte == 0x0D {
        if index + 1 < range.upperBound, bytes[index + 1] == 0x0A { index += 1 }
        text.append(isAttribute ? 0x20 : 0x0A)
      } else {
        text.append(isAttribute && isSpace(byte) ? 0x20 : byte)
      }
      index += 1
    }
  }

  /// The longest is `&#x10FFFF;`, with some zeros before it.
  private static let referenceLength = 16

  private func decodeReference(at start: Int, before end: Int, into text: inout [UInt8]) throws(XMLError) -> Int {
    let window = start + 1..<min(end, start + Self.referenceLength)
    guard let semicolon = bytes[window].firstIndex(of: UInt8(ascii: ";")) else {
      throw XMLError("a reference without its end", at: start, in: bytes)
    }
    let name = start + 1..<semicolon
    if let scalar = numeric(part(name)) {
      text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      return semicolon + 1
    }
    if equals(name, "amp") {
      text.append(UInt8(ascii: "&"))
    } else if equals(name, "lt") {
      text.append(UInt8(ascii: "<"))
    } else if equals(name, "gt") {
      text.append(UInt8(ascii: ">"))
    } else if equals(name, "quot") {
      text.append(UInt8(ascii: "\""))
    } else if equals(name, "apos") {
      text.append(UInt8(ascii: "'"))
    } else {
      throw XMLError("a reference to something that is not built in", at: start, in: bytes)
    }
    return semicolon + 1
  }

  private func numeric(_ name: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar? {
    guard name.first == UInt8(ascii: "#") else { return nil }
    let digits = name.dropFirst()
    var code: UInt32 = 0
    if digits.first == UInt8(ascii: "x") {
      guard digits.count > 1 else { return nil }
      for byte in digits.dropFirst() {
        guard let digit = Digits.hex(byte), code < 0x110000 else { return nil }
        code = code << 4 | UInt32(digit)
      }
    } else {
      guard let value = Digits.int(digits, max: 0x10FFFF) else { return nil }
      code = UInt32(value)
    }
    switch code {
    case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: return Unicode.Scalar(code)
    default: return nil
    }
  }

  /// The text of the element that began last, up to its end, which is read too. Child elements are an error, and so is
  /// more than `limit` bytes.
  public mutating func content(limit: Int = .max) throws(XMLError) -> String {
    if let plain = try plainContent(limit: limit) { return String(decoding: plain, as: UTF8.self) }
    var content: [UInt8] = []
    try appendContent(into: &content, limit: limit)
    return String(decoding: content, as: UTF8.self)
  }

  /// The same, in place, where it is one piece that stands as it is to be read, as most are. Nil where it is not, and
  /// then nothing was read.
  public mutating func plainContent(limit: Int = .max) throws(XMLError) -> UnsafeBufferPointer<UInt8>? {
    guard !endIsDue, !elements.isEmpty else { return nil }
    let start = index
    let run = XMLScan.text(in: bytes, from: start)
    guard run.isPlain, run.closesSection == nil, run.end - start <= limit, byte(at: run.end + 1) == UInt8(ascii: "/")
    else { return nil }
    index = run.end
    tokenStart = index
    _ = try readEnd()
    return part(start..<run.end)
  }

  /// The same, appended as it is.
  public mutating func appendContent(into content: inout [UInt8], limit: Int = .max) throws(XMLError) {
    let start = content.count
    while true {
      switch try next() {
      case .text:
        withText { content.append(contentsOf: $0) }
        guard content.count - start <= limit else { throw error("the element holds too much text") }
      case .end: return
      case .start: throw error("an element stands where only text belongs")
      case .finish: throw error("the document ends inside of an element")
      }
    }
  }

  /// Reads on to the end of the element that began last.
  public mutating func skip() throws(XMLError) {
    let outside = depth - 1
    while depth > outside { _ = try next() }
  }
}

/// Writing text into XML.
public enum XMLText {
  /// Appends a text so that it can stand in an element or in an attribute of either quote. Characters that XML forbids
  /// become U+FFFD.
  public static func escape(_ text: String, into bytes: inout [UInt8]) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": bytes.append(contentsOf: "&amp;".utf8)
      case "<": bytes.append(contentsOf: "&lt;".utf8)
      case ">": bytes.append(contentsOf: "&gt;".utf8)
      case "\"": bytes.append(contentsOf: "&quot;".utf8)
      case "'": bytes.append(contentsOf: "&apos;".utf8)
      case "\r": bytes.append(contentsOf: "&#13;".utf8)
      case "\n", "\t": bytes.append(UInt8(scalar.value))
      case "\0"..<" ", "\u{FFFE}", "\u{FFFF}": bytes.append(contentsOf: UTF8.encodedReplacementCharacter)
      default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
  }
}
