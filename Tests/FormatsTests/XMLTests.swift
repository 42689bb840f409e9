import Formats
import Testing

@Suite struct XMLTests {
  private static let vocabulary = XMLVocabulary(["urn:a", "urn:b"])

  /// Everything a document says, a line a token.
  private func tokens(_ bytes: [UInt8], limits: XMLLimits = .default) throws -> [String] {
    var reader = try XMLReader(bytes, Self.vocabulary, limits: limits)
    var lines: [String] = []
    while true {
      switch try reader.next() {
      case .start: lines.append("<\(reader.uri(reader.namespace)) \(reader.name)")
      case .end: lines.append(">")
      case .text: lines.append("\"\(reader.text)\"")
      case .finish: return lines
      }
    }
  }

  private func tokens(_ text: String) throws -> [String] { try tokens(Array(text.utf8)) }

  @Test func `names are resolved whatever their prefixes`() throws {
    let lines = try tokens("<x:r xmlns:x='urn:a' xmlns=\"urn:b\"><c/><x:d xmlns:x='urn:c'></x:d><e xmlns=''/></x:r>")
    #expect(lines == ["<urn:a r", "<urn:b c", ">", "<urn:c d", ">", "< e", ">", ">"])
  }

  @Test func `text is read with references, CDATA and line ends put right`() throws {
    let lines = try tokens("<r>a&amp;&#x41;&#66;\r\nb\rc<!-- no --><![CDATA[<&\r\n]]>&lt;é</r>")
    #expect(lines == ["< r", "\"a&AB\nb\nc\"", "\"<&\n\"", "\"<é\"", ">"])
  }

  @Test func `a byte order mark, a declaration and comments may come first`() throws {
    #expect(
      try tokens(
        [0xEF, 0xBB, 0xBF] + Array("<?xml version=\"1.0\" encoding='utf-8' standalone=\"no\"?>\n<!-- c --><r/>\n".utf8))
        == ["< r", ">"])
  }

  @Test(arguments: [
    "", "  ", "text", "<r>", "<r></s>", "<r/><s/>", "<r/>x", "x<r/>", "</r>", "<r", "<r a></r>", "<r a=1/>",
    "<r a='1'b='2'/>",
    "<r a='<'/>", "<r a='1' a='2'/>", "<r xmlns:p='u' xmlns:q='u' p:a='1' q:a='2'/>", "<p:r/>", "<r p:a='1'/>",
    "<r xmlns:p=''/>", "<r xmlns:xml='urn:a'/>", "<r xmlns:xmlns='urn:a'/>", "<r xmlns:p='u' xmlns:p='v'/>",
    "<r xmlns:p='http://www.w3.org/XML/1998/namespace'/>", "<!DOCTYPE r><r/>", "<r><!ENTITY e 'x'></r>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><r>&e;</r>", "<r>&e;</r>", "<r>&#0;</r>",
    "<r>&#xD800;</r>",
    "<r>&#x110000;</r>", "<r>&#xFFFE;</r>", "<r>&#;</r>", "<r>&#x;</r>", "<r>&#+65;</r>", "<r>&amp</r>", "<r>&</r>",
    "<r>&#00000000000000000065;</r>", "<r a='&e;'/>", "<r><?php x?></r>", "<?xml-stylesheet href='x'?><r/>",
    "<r>]]></r>",
    "<r><!-- a -- b --></r>", "<r><!-- a</r>", "<r><![CDATA[x</r>", "<![CDATA[x]]><r/>", "<1r/>",
    "<a:b:c xmlns:a='u'/>",
    "<:r/>", "<r:/>", "<r >x</r x>", "<r\u{1}/>", "<r>\u{1}</r>", "<r>\u{FFFF}</r>", "<?xml version='2.0'?><r/>",
    "<?xml version='1.0' encoding='latin1'?><r/>", "<?xml encoding='utf-8'?><r/>", " <?xml version='1.0'?><r/>",
    "<?xml version='1.0' standalone='maybe'?><r/>", "<r/ >", "<r / >",
  ])
  func `what is not well-formed, or not for us, is refused`(text: String) {
    #expect(throws: XMLError.self) { try tokens(text) }
  }

  @Test func `bytes that are not UTF-8 are refused wherever they stand`() {
    for bad: [UInt8] in [
      [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80], [0],
    ] {
      for padding in 0..<20 {
        let text = Array("<r>".utf8) + [UInt8](repeating: 0x61, count: padding) + bad + Array("</r>".utf8)
        #expect(throws: XMLError.self) { try tokens(text) }
      }
    }
  }

  @Test func `limits hold`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
    }
    func attributes(_ count: Int) -> String { "<a " + (0..<count).map { "a\($0)='' " }.joined() + "/>" }
    func named(_ length: Int) -> String { "<" + String(repeating: "n", count: length) + "/>" }
    #expect(try tokens(nested(32)).count == 64)
    #expect(throws: XMLError.self) { try tokens(nested(33)) }
    #expect(try tokens(attributes(32)).count == 2)
    #expect(throws: XMLError.self) { try tokens(attributes(33)) }
    #expect(try tokens(named(256)).count == 2)
    #expect(throws: XMLError.self) { try tokens(named(257)) }
  }

  @Test func `attributes are found by their name and namespace`() throws {
    let text = "<r xmlns:i='urn:a' xmlns:s='urn:b' i:type=' s:Thing ' type=\"a&amp;\n'b'\" i:bad='x:y' i:text='a b'/>"
    var reader = try XMLReader(Array(text.utf8), Self.vocabulary)
    #expect(try reader.next() == .start)
    #expect(reader.attribute("type") == "a& 'b'")
    #expect(reader.attribute("none") == nil)
    let type = try #require(try reader.qualifiedName(inAttribute: "type", 0))
    #expect(type.namespace == 1)
    #expect(type.local == "Thing")
    #expect(throws: XMLError.self) { try reader.qualifiedName(inAttribute: "bad", 0) }
    #expect(throws: XMLError.self) { try reader.qualifiedName(inAttribute: "text", 0) }
    #expect(try reader.qualifiedName(inAttribute: "none", 0) == nil)
  }

  @Test func `content and skipping end where the element ends`() throws {
    var reader = try XMLReader(Array("<r><a>x<![CDATA[y]]>&lt;</a><b><c>1</c><c/></b><s/><d/><e>12345</e></r>".utf8))
    #expect(try reader.next() == .start)
    #expect(try reader.next() == .start)
    #expect(try reader.content() == "xy<")
    #expect(try reader.next() == .start)
    try reader.skip()
    #expect(reader.depth == 1)
    #expect(try reader.next() == .start)
    #expect(reader.depth == 2)
    try reader.skip()
    #expect(reader.depth == 1)
    #expect(try reader.next() == .start)
    #expect(try reader.content() == "")
    #expect(try reader.next() == .start)
    #expect(reader.isNamed("e", XMLReader.noNamespace))
    #expect(throws: XMLError.self) { try reader.content(limit: 4) }
  }

  @Test func `an error says where, and quotes nothing`() {
    do throws(XMLError) {
      var reader = try XMLReader(Array("<r>\n é&secret;</r>".utf8))
      while try reader.next() != .finish {}
      Issue.record("it was taken")
    } catch {
      #expect((error.offset, error.line, error.column) == (7, 2, 3))
      #expect(!error.description.contains("secret"))
    }
  }

  @Test func `a cut document is refused at every cut and no byte makes the reader fall`() throws {
    let text = Array("<?xml version='1.0'?><a:r xmlns:a='u' b='&#65;'>t&amp;<!--c--><![CDATA[d]]><e/>é</a:r>".utf8)
    #expect(try tokens(text).count == 7)
    for end in 0..<text.count {
      #expect(throws: XMLError.self) { try tokens(Array(text[..<end])) }
    }
    for index in text.indices {
      for byte in UInt8(0)...255 {
        var changed = text
        changed[index] = byte
        _ = try? tokens(changed)
      }
    }
  }

  @Test func `escaped text is read back the same`() throws {
    let text = "a<b>&\"'\r\n\té😀"
    var bytes = Array("<r>".utf8)
    XMLText.escape(text, into: &bytes)
    bytes += Array("</r>".utf8)
    var reader = try XMLReader(bytes)
    _ = try reader.next()
    #expect(try reader.content() == text)
  }
}
