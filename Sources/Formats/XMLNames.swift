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
      name.local.upperBound == value.upperBound, name.length <= limits.nameLength
    else { throw error("the attribute's value is not a name") }
    return (try resolve(name.prefix, isAttribute: false), text(of: name.local))
  }

  /// Whether the element that began last has any attribute.
  public var hasAttributes: Bool { !attributes.isEmpty }

  private func find(_ name: StaticString, _ namespace: Int) -> Attribute? {
    attributes.first { $0.namespace == namespace && equals($0.local, name) }
  }

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, isSpace(bytes[start]) { start += 1 }
    while end > start, isSpace(bytes[end - 1]) { end -= 1 }
    return start..<end
  }

  mutating func readAttributes() throws(XMLError) {
    if !attributes.isEmpty { attributes.removeAll(keepingCapacity: true) }
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
        try declare(
          name.prefix.isEmpty ? name.local.lowerBound..<name.local.lowerBound : name.local, value, isPlain, outer)
        declarations += 1
      } else {
        attributes.append(
          Attribute(prefix: name.prefix, local: name.local, value: value, isPlain: isPlain, namespace: Self.noNamespace)
        )
      }
    }
    try resolveAttributes()
  }

  /// No two attributes may have the same name, whatever their prefixes (Namespaces in XML, section 6.3).
  private mutating func resolveAttributes() throws(XMLError) {
    for position in attributes.indices {
      attributes[position].namespace = try resolve(attributes[position].prefix, isAttribute: true)
      let this = attributes[position]
      for other in attributes[..<position] where other.namespace == this.namespace && equals(other.local, this.local) {
        throw fail("the element has the same attribute twice")
      }
    }
  }

  private mutating func declare(_ prefix: Range<Int>, _ value: Range<Int>, _ isPlain: Bool, _ outer: Int)
    throws(XMLError)
  {
    for binding in bindings[outer...] where equals(binding.prefix, prefix) {
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

  private func known(_ uri: UnsafeBufferPointer<UInt8>) -> Int? {
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
  func resolve(_ prefix: Range<Int>, isAttribute: Bool) throws(XMLError) -> Int {
    if prefix.isEmpty, isAttribute { return Self.noNamespace }
    for binding in bindings.reversed() where equals(binding.prefix, prefix) { return binding.namespace }
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
    index = name.local.upperBound
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
  mutating func skipSpace() -> Bool {
    let start = index
    while index < bytes.count, isSpace(bytes[index]) { index += 1 }
    return index > start
  }

  @inline(__always)
  func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D }
}
