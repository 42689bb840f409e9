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

  // What is asked for with every element changes the reader, or says that it does: a reader that is only read from is
  // copied whole for the call.

  /// Every read of it is behind a look at its count: in a release build nothing else keeps reads inside.
  @usableFromInline let bytes: UnsafeBufferPointer<UInt8>
  /// Keeps `bytes` alive, where they are the reader's own.
  private let copy: XMLCopy?
  let limits: XMLLimits
  var index = 0
  let vocabulary: XMLVocabulary
  /// The namespaces beyond the vocabulary that were met.
  var met: [Met] = []
  var bindings = XMLStack<Binding>()
  var elements = XMLStack<Element>()
  var attributes = XMLStack<Attribute>()
  /// Whether the element that began last has any attribute.
  public internal(set) var hasAttributes = false
  /// Text and values that are not in the document as they are to be read.
  @usableFromInline var scratch: [UInt8] = []
  /// Where the piece of text stands; nil where it is in `scratch`.
  @usableFromInline var textRange: Range<Int>?
  var hasRoot = false
  var endIsDue = false
  var tokenStart = 0

  /// The namespace of the element that began last: its number in the vocabulary, a larger one that stays the same for
  /// the same URI, or `noNamespace`.
  public internal(set) var namespace = XMLReader.noNamespace
  @usableFromInline var local = 0..<0

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
    /// How many bindings were in scope before it.
    var bindings: Int
  }

  struct Attribute {
    var name: XMLScan.QualifiedName
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

  @inlinable
  @inline(__always)
  public func isNamed(_ name: StaticString, _ namespace: Int) -> Bool {
    self.namespace == namespace && local.count == name.utf8CodeUnitCount && Self.holds(part(local), name)
  }

  @usableFromInline
  static func holds(_ part: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
    XMLScan.starts(with: text, in: part, at: 0)
  }

  /// The local name, in place.
  @inlinable
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
  @inlinable
  public func withText<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    guard let textRange else { return scratch.withUnsafeBufferPointer(body) }
    return body(part(textRange))
  }

  public var text: String { withText { String(decoding: $0, as: UTF8.self) } }

  @inline(__always)
  func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
    range.count == text.utf8CodeUnitCount && XMLScan.starts(with: text, in: bytes, at: range.lowerBound)
  }

  @inline(__always)
  func equals(_ one: Range<Int>, _ other: Range<Int>) -> Bool { XMLScan.same(part(one), part(other)) }

  /// A range that was found by scanning, so that it lies inside.
  @inlinable
  @inline(__always)
  func part(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    guard let base = bytes.baseAddress else { return bytes }
    return UnsafeBufferPointer(start: base + range.lowerBound, count: range.upperBound - range.lowerBound)
  }

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
