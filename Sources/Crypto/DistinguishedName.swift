import COpenSSL

/// A name as RFC 4514 writes it, taken apart: `CN=proxy.salesforce.com,O=Salesforce\, Inc.,C=US`. Texts of one name are
/// equal, however they escape what is in it.
public struct DistinguishedName: Hashable, Sendable {
  private struct Attribute: Hashable {
    let type: String
    let value: [UInt8]
    /// Written as `#` and the digits of its encoding: for types that have no name.
    let isEncoded: Bool
  }

  /// What is wrong with a text, as the end of a sentence.
  public struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// From the left, as the text has them; the order inside a part means nothing.
  private let parts: [Set<Attribute>]

  public var isEmpty: Bool { parts.isEmpty }

  /// Its common name, where it has nothing else.
  public var commonNameAlone: String? {
    guard parts.count == 1, parts[0].count == 1, let only = parts[0].first, only.type == "CN", !only.isEncoded else {
      return nil
    }
    return String(validating: only.value, as: UTF8.self)
  }

  public init(_ text: String) throws(Malformed) {
    var reader = Reader(rest: Array(text.utf8)[...])
    var parts: [Set<Attribute>] = []
    var part: Set<Attribute> = []
    var isOver = text.isEmpty
    while !isOver {
      let type = try reader.type()
      let (value, isEncoded) = try reader.value()
      part.insert(Attribute(type: type, value: value, isEncoded: isEncoded))
      let separator = reader.rest.popFirst()
      isOver = separator == nil
      if separator != Octet.plus {
        parts.append(part)
        part = []
      }
    }
    self.parts = parts
  }

  private enum Octet {
    static let space = UInt8(ascii: " ")
    static let number = UInt8(ascii: "#")
    static let plus = UInt8(ascii: "+")
    static let comma = UInt8(ascii: ",")
    static let equals = UInt8(ascii: "=")
    static let backslash = UInt8(ascii: "\\")
    /// They stand for themselves only behind a backslash.
    static let special = Array("\"+,;<>\\".utf8)
    /// What a backslash may stand before, beside two digits.
    static let escapable = special + Array(" #=".utf8)
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>

    /// As OpenSSL abbreviates it, `CN` or `emailAddress`, or an object identifier of which it knows no name.
    mutating func type() throws(Malformed) -> String {
      if rest.first == Octet.space { throw Malformed(description: "a type follows its comma without a space") }
      guard let end = rest.firstIndex(of: Octet.equals), end > rest.startIndex else {
        throw Malformed(description: "each part is TYPE=VALUE")
      }
      let text = String(decoding: rest[..<end], as: UTF8.self)
      rest = rest[(end + 1)...]
      defer { ERR_clear_error() }
      let known = OBJ_txt2nid(text)
      if known != NID_undef, let name = OBJ_nid2sn(known) { return String(cString: name) }
      guard text.contains("."), text.utf8.allSatisfy({ $0 == 0x2E || (0x30...0x39).contains($0) }) else {
        throw Malformed(description: "`\(text)` is no type of name that is known, such as CN, OU, O, L, ST, C")
      }
      return text
    }

    mutating func value() throws(Malformed) -> (bytes: [UInt8], isEncoded: Bool) {
      if isEncoded { return (try encoded(), true) }
      if rest.first == Octet.space { throw Self.blank }
      var bytes: [UInt8] = []
      var endsInSpace = false
      while let octet = rest.first, octet != Octet.comma, octet != Octet.plus {
        rest.removeFirst()
        endsInSpace = octet == Octet.space
        if octet == Octet.backslash {
          bytes.append(try escaped())
        } else if Octet.special.contains(octet) || octet == 0 {
          let character = String(decoding: [octet], as: UTF8.self)
          throw Malformed(description: "`\(character)` in a value is written `\\\(character)`")
        } else {
          bytes.append(octet)
        }
      }
      if endsInSpace { throw Self.blank }
      return (bytes, false)
    }

    /// A `#` alone is one: OpenSSL forgets its backslash.
    private var isEncoded: Bool {
      guard rest.first == Octet.number, let next = rest.dropFirst().first else { return false }
      return next != Octet.comma && next != Octet.plus
    }

    private mutating func encoded() throws(Malformed) -> [UInt8] {
      let end = rest.firstIndex { $0 == Octet.comma || $0 == Octet.plus } ?? rest.endIndex
      let digits = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
      guard let bytes = Hex.decode(digits), !bytes.isEmpty else {
        throw Malformed(description: "a value that begins with `#` is hexadecimal, or its `#` is written `\\#`")
      }
      rest = rest[end...]
      return bytes
    }

    /// What follows a backslash: the octet itself, or its two digits.
    private mutating func escaped() throws(Malformed) -> UInt8 {
      if let octet = rest.first, Octet.escapable.contains(octet) { return rest.removeFirst() }
      guard let octet = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self)), octet.count == 1 else {
        throw Malformed(description: "a backslash stands before what it escapes, or before two hexadecimal digits")
      }
      rest = rest.dropFirst(2)
      return octet[0]
    }

    private static let blank = Malformed(description: "a space at the begin or end of a value is written `\\ `")
  }
}
