import Net

/// One proxy's part of a `Forwarded` field (RFC 7239 4): who asked it, and how. `by` and `host` are of no use here, and
/// of extensions nothing is known.
struct ForwardedElement: Hashable {
  /// What `for` says, unquoted: an address, with brackets and a port perhaps, or `unknown`, or `_something`.
  var node: [UInt8]?
  var proto: [UInt8]?

  /// The elements of one field line, in order. nil where the line is not as RFC 7239 writes it: a quote that does not
  /// end, say, or a parameter that comes twice.
  static func list(_ value: String) -> [ForwardedElement]? {
    var reader = Reader(bytes: Array(value.utf8))
    return reader.list()
  }

  private struct Reader {
    let bytes: [UInt8]
    var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func list() -> [ForwardedElement]? {
      var elements: [ForwardedElement] = []
      while true {
        skipBlanks()
        guard let element = element() else { return nil }
        elements.append(element)
        skipBlanks()
        if next == nil { return elements }
        guard take(",") else { return nil }
      }
    }

    /// `[ pair ] *( ";" [ pair ] )`; no blanks inside (RFC 7239 4).
    private mutating func element() -> ForwardedElement? {
      var element = ForwardedElement()
      var names: Set<[UInt8]> = []
      while true {
        if let name = token() {
          guard take("="), let value = next == UInt8(ascii: "\"") ? quoted() : token() else { return nil }
          let lowercased = name.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
          guard names.insert(lowercased).inserted else { return nil }
          if lowercased.elementsEqual("for".utf8) { element.node = value }
          if lowercased.elementsEqual("proto".utf8) { element.proto = value }
        }
        guard take(";") else { return element }
      }
    }

    /// A token (RFC 9110 5.6.2); nil where there is none.
    private mutating func token() -> [UInt8]? {
      let start = at
      while let byte = next, ForwardedText.isToken(byte) { at += 1 }
      return at > start ? Array(bytes[start..<at]) : nil
    }

    /// A quoted string (RFC 9110 5.6.4), without its quotes and escapes.
    private mutating func quoted() -> [UInt8]? {
      at += 1
      var text: [UInt8] = []
      while let byte = next {
        at += 1
        switch byte {
        case UInt8(ascii: "\""): return text
        case UInt8(ascii: "\\"):
          guard let escaped = next else { return nil }
          at += 1
          text.append(escaped)
        default: text.append(byte)
        }
      }
      return nil
    }

    private mutating func skipBlanks() {
      while next == 0x20 || next == 0x09 { at += 1 }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
      guard next == UInt8(ascii: scalar) else { return false }
      at += 1
      return true
    }
  }
}

/// How proxies write addresses and schemes.
enum ForwardedText {
  /// `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]`, `[2001:db8::1]:80`, and `2001:db8::1` as X-Forwarded-For has it. The
  /// port says nothing about who it is and is dropped.
  static func address(_ text: some Collection<UInt8>) -> SocketAddress? {
    let bytes = Array(text)
    guard let first = bytes.first else { return nil }
    if first == UInt8(ascii: "[") {
      guard let end = bytes.firstIndex(of: UInt8(ascii: "]")), isPort(bytes[(end + 1)...]) else { return nil }
      let host = Array(bytes[1..<end])
      guard host.contains(UInt8(ascii: ":")) else { return nil }
      return read(host[...])
    }
    let colons = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }
    guard colons.count == 1 else { return read(bytes[...]) }
    return isPort(bytes[colons[0]...]) ? read(bytes[..<colons[0]]) : nil
  }

  private static func read(_ host: ArraySlice<UInt8>) -> SocketAddress? {
    host.withUnsafeBytes { SocketAddress(host: $0) }?.normalized
  }

  /// Nothing, or a colon and a port, which may be hidden (RFC 7239 6).
  private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
    guard let colon = text.first else { return true }
    let port = text.dropFirst()
    guard colon == UInt8(ascii: ":"), let first = port.first else { return false }
    if first == UInt8(ascii: "_") { return port.count > 1 && port.allSatisfy(isToken) }
    return port.count <= 5 && port.allSatisfy { $0 &- 0x30 < 10 }
  }

  static func isHTTPS(_ text: some Collection<UInt8>) -> Bool {
    text.count == 5 && zip(text, "https".utf8).allSatisfy { ($0 | 0x20) == $1 }
  }

  static func trimmed(_ text: some BidirectionalCollection<UInt8>) -> [UInt8] {
    var bytes = Array(text)[...]
    while let first = bytes.first, first == 0x20 || first == 0x09 { bytes = bytes.dropFirst() }
    while let last = bytes.last, last == 0x20 || last == 0x09 { bytes = bytes.dropLast() }
    return Array(bytes)
  }

  /// `tchar` of RFC 9110 5.6.2.
  static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
