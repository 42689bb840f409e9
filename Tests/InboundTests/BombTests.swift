import Events
import Formats
import HTTP
import Inbound
import Posix
import Support
import Testing
import Web

/// Bodies that are small to send and meant to be large, deep or slow to read. Each is refused with a 4xx, and what it
/// costs is bounded: the place where reading stopped, or the limit that keeps the whole from growing.
@Suite struct BombTests {
  struct Bomb: Sendable, CustomTestStringConvertible {
    let name: String
    let kind: String
    let body: [UInt8]
    var status: Status = .badRequest
    /// Bytes that may have been read when it is refused.
    var within: Int
    var testDescription: String { name }

    init(_ name: String, _ kind: String, _ body: String, _ status: Status = .badRequest, within: Int) {
      self.init(name, kind, bytes: Array(body.utf8), status, within: within)
    }

    init(_ name: String, _ kind: String, bytes: [UInt8], _ status: Status = .badRequest, within: Int) {
      self.name = name
      self.kind = kind
      self.body = bytes
      self.status = status
      self.within = within
    }
  }

  private static let soap = "salesforce-outbound-message"
  private static let id = "<sf:Id>0067F00000ABCDEQA5</sf:Id>"

  private static func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

  private static func record(_ fields: String) -> String {
    String(decoding: Messages.outbound(Messages.notification("04l7F0000001AAAQAY", fields)), as: UTF8.self)
  }

  private static let xml: [Bomb] = [
    Bomb(
      "billion laughs", soap,
      #"<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>"#, within: 1),
    Bomb(
      "quadratic entity", soap, "<!DOCTYPE l [<!ENTITY a \"\(many("a", 50_000))\">]><l>\(many("&a;", 10_000))</l>",
      within: 1),
    Bomb("external entity", soap, #"<!DOCTYPE l [<!ENTITY a SYSTEM "file:///dev/zero">]><l>&a;</l>"#, within: 1),
    Bomb("parameter entity", soap, #"<!DOCTYPE l [<!ENTITY % a SYSTEM "http://192.0.2.1/x">%a;]><l/>"#, within: 1),
    Bomb("document type inside", soap, record(id + "<!DOCTYPE x>"), within: 1_500),
    Bomb("unknown references", soap, record(id + "<sf:A>" + many("&a;", 100_000) + "</sf:A>"), within: 1_500),
    Bomb("deep elements", soap, many("<a>", 300_000), within: 200),
    Bomb("deep fields", soap, record(id + "<sf:A>" + many("<sf:B>", 100_000)), within: 1_500),
    Bomb("deep headers", soap, record("").replacing("<soapenv:Body>", with: many("<x>", 100_000)), within: 400),
    Bomb("many attributes", soap, "<a " + (0..<100_000).map { "a\($0)='' " }.joined() + "/>", within: 600),
    Bomb("many declarations", soap, "<a " + (0..<100_000).map { "xmlns:a\($0)='u' " }.joined() + "/>", within: 800),
    Bomb(
      "declarations at every depth", soap,
      (0..<31).map { d in "<a " + (0..<31).map { "xmlns:a\(d)x\($0)='u' " }.joined() + ">" }.joined(), within: 1_200),
    Bomb(
      "namespaces without end", soap, "<a>" + (0..<100_000).map { "<b xmlns='u\($0)'/>" }.joined() + "</a>",
      within: 400),
    Bomb("a long name", soap, "<" + many("n", 1_000_000) + "/>", within: 1),
    Bomb("a long attribute name", soap, "<a " + many("n", 1_000_000) + "=''/>", within: 3),
    Bomb("an attribute without end", soap, "<a b='" + many("x", 1_000_000), within: 6),
    Bomb("a tag without end", soap, "<a" + many(" ", 1_000_000), within: 1_000_002),
    Bomb("a comment without end", soap, "<!--" + many("x-", 500_000), within: 1),
    Bomb("a CDATA section without end", soap, "<a><![CDATA[" + many("]]", 500_000), within: 3),
    Bomb("a declaration without end", soap, "<?xml " + many("x", 1_000_000), within: 1),
    Bomb("processing instructions", soap, many("<?a b?>", 100_000), within: 1),
    Bomb("a long id", soap, record("<sf:Id>" + many("0", 1_000_000) + "</sf:Id>"), within: 1_001_500),
    Bomb(
      "the same field again, unsorted", soap,
      record(id + (0..<50_000).map { "<sf:z\(99_999 - $0)/>" }.joined() + "<sf:z99999/>"), within: 900_000),
    Bomb(
      "notifications without end", soap,
      String(
        decoding: Messages.outbound(many("<Notification><Id>04l7F0000001AAAQAY</Id></Notification>", 20_000)),
        as: UTF8.self), within: 600_000),
    Bomb(
      "UTF-16", soap, bytes: [0xFF, 0xFE] + "<a/>".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, within: 0),
    Bomb("references without end", soap, record(id + "<sf:A>&#" + many("0", 1_000_000)), within: 1_500),
  ]

  private static let json: [Bomb] = [
    Bomb("deep arrays", "json", many("[", 1_000_000), within: 64),
    Bomb("deep objects", "json", many("{\"a\":", 200_000), within: 64 * 5),
    Bomb("deep and closed", "json", many("[", 400_000) + many("]", 400_000), within: 64),
    Bomb("a long number", "json", many("1", 1_000_000), within: 1),
    Bomb("a long fraction", "json", "0." + many("1", 1_000_000), within: 1),
    Bomb("a long exponent", "json", "1e" + many("9", 1_000_000), within: 1),
    Bomb("the same key again", "json", "{" + many(#""a":1,"#, 100_000) + #""a":1}"#, within: 8),
    Bomb("a string without end", "json", "\"" + many("x", 1_000_000), within: 1_000_001),
    Bomb("escapes without end", "json", "\"" + many("\\u0041", 150_000), within: 900_001),
    Bomb("half surrogates", "json", "\"" + many("\\ud800", 150_000) + "\"", within: 1),
    Bomb("not UTF-8", "json", bytes: [0x22] + [UInt8](repeating: 0xFF, count: 900_000) + [0x22], within: 900_002),
    Bomb("UTF-16 JSON", "json", bytes: [0xFE, 0xFF, 0, 0x7B, 0, 0x7D], within: 0),
    Bomb(
      "events without end", "salesforce-event", "[" + many("{},", 200_000) + "{}]", .contentTooLarge, within: .max),
    Bomb(
      "records times fields", "salesforce-event",
      #"{"Description":"\#(many("d", 500_000))","ChangeEventHeader":{"entityName":"Account","changeType":"UPDATE","#
        + #""transactionKey":"t","sequenceNumber":1,"recordIds":[\#((0..<9_000).map { "\"0017F00000\(10_000 + $0)\"" }.joined(separator: ","))]}}"#,
      .contentTooLarge, within: .max),
    Bomb(
      "records without end", "salesforce-event",
      #"{"ChangeEventHeader":{"entityName":"A","changeType":"UPDATE","transactionKey":"t","sequenceNumber":1,"#
        + #""recordIds":[\#((0..<40_000).map { "\"0017F00000\(10_000 + $0)\"" }.joined(separator: ","))]}}"#,
      .contentTooLarge, within: .max),
  ]

  @Test(arguments: xml + json)
  func `a bomb is refused`(bomb: Bomb) throws {
    let source = try SourceCatalogue.open(Messages.settings(bomb.kind, id: bomb.kind == "json" ? "body.id" : nil))
    let type = bomb.kind == Self.soap ? "text/xml" : "application/json"
    let request = Request(method: .post, path: "/hooks/x", fields: ["Content-Type": type], body: bomb.body)
    do throws(Rejection) {
      _ = try source.take(request)
      Issue.record("it was taken")
    } catch {
      #expect(error.status == bomb.status)
      #expect(error.sentence.utf8.count < 300)
      if case .bytes(let bytes) = source.refuse(error).body { #expect(bytes.count < 1_000) }
    }
  }

  @Test(arguments: xml)
  func `reading XML stops where the bomb shows itself`(bomb: Bomb) {
    do throws(XMLError) {
      var reader = try XMLReader(bomb.body)
      while try reader.next() != .finish {}
    } catch {
      #expect(error.offset <= bomb.within, "it read \(error.offset) bytes")
    }
  }

  @Test(arguments: json)
  func `reading JSON stops where the bomb shows itself`(bomb: Bomb) {
    do throws(JSONError) { _ = try JSON.parse(bomb.body) } catch {
      #expect(error.offset <= bomb.within, "it read \(error.offset) bytes")
    }
  }

  @Test func `a body that is what it may be is taken, however odd`() throws {
    let odd = Self.record(
      Self.id + (0..<3_000).reversed().map { "<sf:z\($0)>v</sf:z\($0)>" }.joined()
        + "<sf:A><![CDATA[<&]]><!-- c -->&#x10FFFF;</sf:A>")
    let source = try SourceCatalogue.open(Messages.settings(Self.soap))
    let event = try #require(try source.take(SignedRequest.outboundMessage(Array(odd.utf8))).first)
    #expect(event.payload["fields"]?.object?.count == 3_001)
    #expect(event.field("A") == "<&\u{10FFFF}")
  }
}
