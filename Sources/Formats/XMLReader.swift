/// A strict pull reader of XML 1.0 with namespaces, for messages from outside.
///
/// UTF-8 only; a byte order mark at the start is tolerated. Document types, entities and processing instructions are
/// refused, so nothing can be expanded or fetched. Names are resolved: a prefix that is not declared is an error.
///
///     var reader = try XMLReader(bytes, vocabulary)
///     while true {
///       switch try reader.next() { case .start: … case .text: … case .end: … case .finish: return }
///     }
public struct XMLReader {
  public enum Token: Hashable, Sendable {
    /// An element begins: its name and attributes can be asked for until the next token.
    case start
    case end
    /// A piece of text; a long text, or one with CDATA or comments in it, comes in several.
    case text
    /// The document is over, and was well-formed.
    case finish
  }

  /// The number of "no namespace".
  public static let noNamespace = -1
  /// The number of the namespace that `xml:` stands for.
  public static let xmlNamespace = -2

  /// Every read of it is behind a look at its count: in a release build nothing else keeps reads inside.
  let bytes: UnsafeBufferPointer<UInt8>
  /// Keeps `bytes` alive, where they are the reader's own.
  private let copy: XMLCopy?
  let limits: XMLLimits
  var index = 0
  let vocabulary: XMLVocabulary
  /// The namespaces beyond the vocabulary that were met.
  var met: [Met] = []
  var bindings: [Binding] = []
  var elements: [Element] = []
  var attributes: [Attribute] = []
  /// Text and values that are not in the document as they are to be read.
  var scratch: [UInt8] = []
  private var textRange: Range<Int>?
  private var hasRoot = false
  var endIsDue = false
  private var tokenStart = 0

  /// The namespace of the element that began last: its number in the vocabulary, a larger one that stays the same for
  /// the same URI, or `noNamespace`.
  public private(set) var namespace = XMLReader.noNamespace
  var local = 0..<0

  /// A URI: where it stands, or what it is once its references are resolved.
  struct Met {
    var range: Range<Int>
    var decoded: [UInt8]?
  }

  struct Binding {
    var prefix: Range<Int>
    /// `noNamespace` where the default namespace is taken away.
    var namespace: Int
  }

  struct Element {
    var name: Range<Int>
    var bindings: Int
  }

  struct Attribute {
    var prefix: Range<Int>
    var local: Range<Int>
    var value: Range<Int>
    var isPlain: Bool
    var namespace: Int
  }

  /// A reader of a copy of the bytes.
  public init(_ bytes: [UInt8], _ vocabulary: XMLVocabulary = XMLVocabulary([]), limits: XMLLimits = .default)
    throws(XMLError)
  {
    let copy = XMLCopy(bytes)
    try self.init(copy.bytes, copy, vocabulary, limits)
  }

  /// A reader of bytes that are lent, and outlive it and its copies.
  public init(
    lent bytes: UnsafeBufferPointer<UInt8>, _ vocabulary: XMLVocabulary, limits: XMLLimits = .default
  ) throws(XMLError) {
    try self.init(bytes, nil, vocabulary, limits)
  }

  private init(
    _ bytes: UnsafeBufferPointer<UInt8>, _ copy: XMLCopy?, _ vocabulary: XMLVocabulary, _ limits: XMLLimits
  ) throws(XMLError) {
    self.bytes = bytes
    self.copy = copy
    self.vocabulary = vocabulary
    self.limits = limits
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    if let bad = XMLScan.firstForbidden(in: bytes, from: index) {
      throw XMLError("this is not UTF-8, or a character that XML forbids", at: bad, in: bytes)
    }
    try declaration()
    elements.reserveCapacity(8)
    bindings.reserveCapacity(8)
  }

  /// How many elements are open; an empty one is until its `end` was read.
  public var depth: Int { elements.count }

  public mutating func next() throws(XMLError) -> Token {
    tokenStart = index
    if endIsDue { return close() }
    while index < bytes.count {
      tokenStart = index
      guard bytes[index] == UInt8(ascii: "<") else {
        if try readText() { return .text }
        continue
      }
      switch byte(at: index + 1) {
      case UInt8(ascii: "/"): return try readEnd()
      case UInt8(ascii: "!"):
        if try readDeclarationLike() { return .text }
      case UInt8(ascii: "?"): throw fail("processing instructions are not taken")
      default: return try readStart()
      }
    }
    guard elements.isEmpty else { throw fail("the document ends inside of an element") }
    guard hasRoot else { throw fail("the document holds no element") }
    return .finish
  }

  /// The next token that is no space; other text is an error.
  public mutating func nextElement() throws(XMLError) -> Token {
    while true {
      let start = index
      if !endIsDue, skipSpace(), byte(at: index) != UInt8(ascii: "<") { index = start }
      let token = try next()
      guard token == .text else { return token }
      let isSpace = withText { $0.allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x09 || $0 == 0x0D } }
      guard isSpace else { throw error("text stands where only elements belong") }
    }
  }

  /// An error that points at the token that was read last: for what is well-formed and still wrong.
  public func error(_ message: String) -> XMLError { XMLError(message, at: tokenStart, in: bytes) }

  func fail(_ message: String) -> XMLError { XMLError(message, at: index, in: bytes) }

  // MARK: What was read

  /// The local name of the element that began last.
  public var name: String { text(of: local) }

  public func isNamed(_ name: StaticString, _ namespace: Int) -> Bool {
    self.namespace == namespace && equals(local, name)
  }

  /// The local name, in place.
  public func withName<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R { body(part(local)) }

  /// The URI with this number; empty for none.
  public func uri(_ namespace: Int) -> String {
    if namespace == Self.xmlNamespace { return "http://www.w3.org/XML/1998/namespace" }
    let known = vocabulary.namespaces
    if known.indices.contains(namespace) { return String(decoding: known[namespace], as: UTF8.self) }
    guard met.indices.contains(namespace - known.count) else { return "" }
    let uri = met[namespace - known.count]
    return uri.decoded.map { String(decoding: $0, as: UTF8.self) } ?? text(of: uri.range)
  }

  /// The piece of text, in place, references resolved and line ends made LF.
  public func withText<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    guard let textRange else { return scratch.withUnsafeBufferPointer(body) }
    return body(part(textRange))
  }

  public var text: String { withText { String(decoding: $0, as: UTF8.self) } }

  func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
    range.count == text.utf8CodeUnitCount && XMLScan.starts(with: text, in: bytes, at: range.lowerBound)
  }

  func equals(_ one: Range<Int>, _ other: Range<Int>) -> Bool { XMLScan.same(part(one), part(other)) }

  /// A range that was found by scanning, so that it lies inside.
  @inline(__always)
  func part(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: bytes[range]) }

  func text(of range: Range<Int>) -> String { String(decoding: part(range), as: UTF8.self) }

  @inline(__always)
  func byte(at index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

  func starts(with text: StaticString) -> Bool { XMLScan.starts(with: text, in: bytes, at: index) }
}

/// The bytes of a reader that has its own.
private final class XMLCopy {
  let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: [UInt8]) {
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    _ = copy.initialize(from: bytes)
    self.bytes = UnsafeBufferPointer(copy)
  }

  deinit { bytes.deallocate() }
}

// MARK: Tokens

extension XMLReader {
  /// False where it was space outside of the root element.
  private mutating func readText() throws(XMLError) -> Bool {
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
  private mutating func readDeclarationLike() throws(XMLError) -> Bool {
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

  private mutating func take(_ range: Range<Int>, isPlain: Bool, references: Bool) throws(XMLError) {
    textRange = isPlain ? range : nil
    guard !isPlain else { return }
    scratch.removeAll(keepingCapacity: true)
    try decode(range, references: references, into: &scratch)
  }

  private mutating func readStart() throws(XMLError) -> Token {
    guard !(hasRoot && elements.isEmpty) else { throw fail("a second root element") }
    guard elements.count < limits.depth else { throw fail("nested deeper than \(limits.depth)") }
    index += 1
    let name = try qualifiedName("an element needs a name")
    let element = Element(name: name.start..<name.local.upperBound, bindings: bindings.count)
    try readAttributes()
    namespace = try resolve(name.prefix, isAttribute: false)
    local = name.local
    elements.append(element)
    hasRoot = true
    if byte(at: index) == UInt8(ascii: "/") {
      index += 1
      endIsDue = true
    }
    guard byte(at: index) == UInt8(ascii: ">") else { throw fail("the tag has no end") }
    index += 1
    return .start
  }

  private mutating func readEnd() throws(XMLError) -> Token {
    guard let element = elements.last else { throw fail("an end without its beginning") }
    let name = index + 2..<index + 2 + element.name.count
    guard name.upperBound < bytes.count, equals(name, element.name) else {
      throw fail("the end tag is not the one that was due")
    }
    index = name.upperBound
    skipSpace()
    guard byte(at: index) == UInt8(ascii: ">") else { throw fail("the end tag is not the one that was due") }
    index += 1
    return close()
  }

  private mutating func close() -> Token {
    endIsDue = false
    if let element = elements.popLast(), bindings.count > element.bindings {
      bindings.removeSubrange(element.bindings...)
    }
    return .end
  }

  private static var usualDeclaration: StaticString { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" }

  /// The XML declaration, where there is one: version 1.x, UTF-8.
  private mutating func declaration() throws(XMLError) {
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
