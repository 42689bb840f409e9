// What an `XMLReader` reads one by one: tags, text, the declaration.

extension XMLReader {
  /// False where it was space outside of the root element.
  mutating func readText() throws(XMLError) -> Bool {
    let start = index
    let run = XMLScan.text(in: bytes, from: start)
    if elements.isEmpty {
      while index < run.end {
        guard isSpace(bytes[index]) else { throw fail("text stands outside of the root element") }
        index += 1
      }
      return false
    }
    if let bad = run.closesSection {
      index = bad
      throw fail("text may not hold ]]>")
    }
    try take(start..<run.end, isPlain: run.isPlain, references: true)
    index = run.end
    return true
  }

  /// A comment (false) or CDATA (true); all else that begins so is refused.
  mutating func readDeclarationLike() throws(XMLError) -> Bool {
    let start = index
    if starts(with: "<!--") {
      guard let end = XMLScan.find("--", in: bytes, from: start + 4),
        byte(at: end + 2) == UInt8(ascii: ">")
      else { throw fail("the comment has no end, or -- inside of it") }
      index = end + 3
      return false
    }
    guard starts(with: "<![CDATA[") else { throw fail("document types and entities are not taken") }
    guard !elements.isEmpty else { throw fail("text stands outside of the root element") }
    guard let end = XMLScan.find("]]>", in: bytes, from: start + 9) else {
      throw fail("the CDATA section has no end")
    }
    let section = start + 9..<end
    try take(section, isPlain: !part(section).contains(0x0D), references: false)
    index = end + 3
    return true
  }

  mutating func take(_ range: Range<Int>, isPlain: Bool, references: Bool) throws(XMLError) {
    textRange = isPlain ? range : nil
    guard !isPlain else { return }
    scratch.removeAll(keepingCapacity: true)
    try decode(range, references: references, into: &scratch)
  }

  mutating func readStart() throws(XMLError) -> Token {
    guard !(hasRoot && elements.isEmpty) else { throw fail("a second root element") }
    guard elements.count < limits.depth else { throw fail("nested deeper than \(limits.depth)") }
    index += 1
    let name = try qualifiedName("an element needs a name")
    let outer = bindings.count
    attributes.count = 0
    hasAttributes = false
    // Most tags end behind their name.
    if byte(at: index) != UInt8(ascii: ">") { try readAttributes() }
    namespace = try resolve(name.prefix, isAttribute: false)
    local = name.local
    elements.append(Element(name: name.whole, bindings: outer))
    hasRoot = true
    if byte(at: index) == UInt8(ascii: "/") {
      index += 1
      endIsDue = true
    }
    guard byte(at: index) == UInt8(ascii: ">") else { throw fail("the tag has no end") }
    index += 1
    return .start
  }

  mutating func readEnd() throws(XMLError) -> Token {
    guard !elements.isEmpty else { throw fail("an end without its beginning") }
    let due = elements[elements.count - 1].name
    let name = Range(uncheckedBounds: (index + 2, index + 2 + due.count))
    guard name.upperBound < bytes.count, equals(name, due) else {
      throw fail("the end tag is not the one that was due")
    }
    index = name.upperBound
    if byte(at: index) != UInt8(ascii: ">") { skipSpace() }
    guard byte(at: index) == UInt8(ascii: ">") else { throw fail("the end tag is not the one that was due") }
    index += 1
    return close()
  }

  mutating func close() -> Token {
    endIsDue = false
    if !elements.isEmpty {
      elements.count -= 1
      bindings.count = elements[elements.count].bindings
    }
    return .end
  }

  private static var usualDeclaration: StaticString { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" }

  /// The XML declaration, where there is one: version 1.x, UTF-8.
  mutating func declaration() throws(XMLError) {
    // As nearly everybody writes it.
    if starts(with: Self.usualDeclaration) {
      index += Self.usualDeclaration.utf8CodeUnitCount
      return
    }
    guard starts(with: "<?xml"), isSpace(byte(at: index + 5)) else { return }
    let start = index
    guard let end = XMLScan.find("?>", in: bytes, from: start) else {
      throw fail("the XML declaration has no end")
    }
    index += 5
    var expected: [StaticString] = ["version", "encoding", "standalone"]
    while true {
      skipSpace()
      if index == end { break }
      let name = try qualifiedName("the XML declaration is not right")
      guard let place = expected.firstIndex(where: { equals(name.local, $0) }) else {
        throw fail("the XML declaration is not right")
      }
      guard expected.count == 3 ? place == 0 : true, index < end else { throw fail("the XML declaration is not right") }
      let value = try attributeValue().range
      let text = text(of: value)
      switch expected[place].description {
      case "version" where text.hasPrefix("1."): break
      case "encoding" where text.lowercased() == "utf-8": break
      case "standalone" where text == "yes" || text == "no": break
      default: throw fail("only XML 1.0 in UTF-8 is taken")
      }
      expected.removeSubrange(...place)
    }
    guard expected.count < 3 else { throw fail("the XML declaration is not right") }
    index = end + 2
  }
}
