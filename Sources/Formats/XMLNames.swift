/// Names, attributes and the namespaces that are in scope.
extension XMLReader {
  /// The value of an attribute of the element that began last; nil where there is none.
  public func attribute(_ name: StaticString, _ namespace: Int = XMLReader.noNamespace) -> String? {
    guard let attribute = find(name, namespace) else { return nil }
    guard !attribute.isPlain else { return text(of: attribute.value) }
    var value: [UInt8] = []
    // It was decoded once already, when the element was read, so it cannot fail.
    guard (try? decode(attribute.value, references: true, isAttribute: true, into: &value)) != nil else { return nil }
    return String(decoding: value, as: UTF8.self)
  }

  /// An attribute whose value is a name, like `xsi:type`: resolved in the scope of the element that began last.
  /// Nil where there is no such attribute.
  public func qualifiedName(inAttribute name: StaticString, _ namespace: Int) throws(XMLError) -> (
    namespace: Int, local: String
  )? {
    guard let attribute = find(name, namespace) else { return nil }
    let value = trimmed(attribute.value)
    guard attribute.isPlain, let name = XMLScan.qualifiedName(in: bytes, from: value.lowerBound),
      name.end == value.upperBound, name.length <= limits.nameLength
    else { throw error("the attribute's value is not a name") }
    var scope = self  // resolving says that it changes the reader
    return (try scope.resolve(name.prefix, isAttribute: false), text(of: name.local))
  }

  private func find(_ name: StaticString, _ namespace: Int) -> Attribute? {
    for place in 0..<attributes.count {
      let attribute = attributes[place]
      if attribute.namespace == namespace, equals(attribute.name.local, name) { return attribute }
    }
    return nil
  }

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, isSpace(bytes[start]) { start += 1 }
    while end > start, isSpace(bytes[end - 1]) { end -= 1 }
    return start..<end
  }

  mutating func readAttributes() throws(XMLError) {
    var declarations = 0
    let outer = bindings.count
    while true {
      let hadSpace = skipSpace()
      let next = byte(at: index)
      if next == UInt8(ascii: ">") || next == UInt8(ascii: "/") { break }
      guard hadSpace else { throw fail("the tag has no end") }
      guard attributes.count + declarations < limits.attributes else {
        throw fail("more than \(limits.attributes) attributes")
      }
      let name = try qualifiedName("an attribute needs a name")
      let (value, isPlain) = try attributeValue()
      if name.prefix.isEmpty ? equals(name.local, "xmlns") : equals(name.prefix, "xmlns") {
        try declare(name.prefix.isEmpty ? name.end..<name.end : name.local, value, isPlain, outer)
        declarations += 1
      } else {
        attributes.append(Attribute(name: name, value: value, isPlain: isPlain, namespace: Self.noNamespace))
      }
    }
    hasAttributes = !attributes.isEmpty
    try resolveAttributes()
  }

  /// No two attributes may have the same name, whatever their prefixes (Namespaces in XML, section 6.3).
  private mutating func resolveAttributes() throws(XMLError) {
    for position in 0..<attributes.count {
      var this = attributes[position]
      this.namespace = try resolve(this.name.prefix, isAttribute: true)
      attributes[position] = this
      for place in 0..<position {
        let other = attributes[place]
        guard other.namespace != this.namespace || !equals(other.name.local, this.name.local) else {
          throw fail("the element has the same attribute twice")
        }
      }
    }
  }

  private mutating func declare(_ prefix: Range<Int>, _ value: Range<Int>, _ isPlain: Bool, _ outer: Int)
    throws(XMLError)
  {
    for place in outer..<bindings.count where equals(bindings[place].prefix, prefix) {
      throw fail("the element has the same attribute twice")
    }
    guard bindings.count < limits.declarations else {
      throw fail("more than \(limits.declarations) namespace declarations in scope")
    }
    let namespace = try number(of: value, isPlain)
    let isXML = equals(prefix, "xml")
    guard !equals(prefix, "xmlns"), isXML == (namespace == Self.xmlNamespace) else {
      throw fail("a reserved prefix or namespace is declared")
    }
    guard !prefix.isEmpty || namespace != Self.xmlNamespace, prefix.isEmpty || namespace != Self.noNamespace else {
      throw fail("a prefix cannot stand for nothing")
    }
    bindings.append(Binding(prefix: prefix, namespace: namespace))
  }

  private mutating func number(of value: Range<Int>, _ isPlain: Bool) throws(XMLError) -> Int {
    var decoded: [UInt8]?
    if isPlain {
      if let known = known(part(value)) { return known }
    } else {
      var uri: [UInt8] = []
      try decode(value, references: true, isAttribute: true, into: &uri)
      if let known = uri.withUnsafeBufferPointer({ known($0) }) { return known }
      decoded = uri
    }
    guard met.count < limits.namespaces else { throw fail("more than \(limits.namespaces) namespaces") }
    met.append(Met(range: value, decoded: decoded))
    return vocabulary.namespaces.count + met.count - 1
  }

  private mutating func known(_ uri: UnsafeBufferPointer<UInt8>) -> Int? {
    if uri.isEmpty { return Self.noNamespace }
    for (number, namespace) in vocabulary.namespaces.enumerated() where namespace.count == uri.count {
      if namespace.withUnsafeBufferPointer({ XMLScan.same($0, uri) }) { return number }
    }
    for (number, other) in met.enumerated() {
      let isSame =
        other.decoded?.withUnsafeBufferPointer { XMLScan.same($0, uri) } ?? XMLScan.same(part(other.range), uri)
      if isSame { return vocabulary.namespaces.count + number }
    }
    let isXML = XMLScan.starts(with: "http://www.w3.org/XML/1998/namespace", in: uri, at: 0) && uri.count == 36
    return isXML ? Self.xmlNamespace : nil
  }

  /// An attribute without a prefix is in no namespace; an element without one is in the default namespace.
  mutating func resolve(_ prefix: Range<Int>, isAttribute: Bool) throws(XMLError) -> Int {
    if prefix.isEmpty, isAttribute { return Self.noNamespace }
    var place = bindings.count
    while place > 0 {
      place -= 1
      if equals(bindings[place].prefix, prefix) { return bindings[place].namespace }
    }
    if prefix.isEmpty { return Self.noNamespace }
    guard equals(prefix, "xml") else { throw fail("the prefix of a name is not declared") }
    return Self.xmlNamespace
  }

  // MARK: Small steps

  mutating func qualifiedName(_ missing: String) throws(XMLError) -> XMLScan.QualifiedName {
    let start = index
    guard let name = XMLScan.qualifiedName(in: bytes, from: start) else {
      let isBegun = XMLScan.name(in: bytes, from: start) > start
      throw fail(isBegun ? "a name ends with its colon" : missing)
    }
    guard name.length <= limits.nameLength else { throw fail("a name of more than \(limits.nameLength) bytes") }
    index = name.end
    return name
  }

  mutating func attributeValue() throws(XMLError) -> (range: Range<Int>, isPlain: Bool) {
    skipSpace()
    guard byte(at: index) == UInt8(ascii: "=") else { throw fail("an attribute needs a value") }
    index += 1
    skipSpace()
    let quote = byte(at: index)
    guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { throw fail("an attribute needs a value") }
    index += 1
    let start = index
    guard let run = XMLScan.value(in: bytes, from: start, quote: quote) else {
      throw fail("the attribute's value has no end")
    }
    if !run.isPlain {
      var unused: [UInt8] = []
      try decode(start..<run.end, references: true, isAttribute: true, into: &unused)
    }
    index = run.end + 1
    return (start..<run.end, run.isPlain)
  }

  @discardableResult
  @inline(__always)
  mutating func skipSpace() -> Bool {
    let start = index
    var next = start
    while next < bytes.count, isSpace(bytes[next]) { next += 1 }
    index = next
    return next > start
  }

  @inline(__always)
  func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D }
}
