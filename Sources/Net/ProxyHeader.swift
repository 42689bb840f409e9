/// What the header of the PROXY protocol says (haproxy's `proxy-protocol.txt`, versions 1 and 2): for whom a proxy opened
/// the connection.
public enum ProxyHeader: Hashable, Sendable {
  /// The proxy speaks for itself (LOCAL), or has no address to name (UNKNOWN, UNSPEC, a Unix
  /// socket): its own counts.
  case ownConnection
  /// The client's address and the one it connected to. `isSecure`: the client's connection to the proxy was TLS, by the
  /// header's own word; nil where it says nothing about it.
  case client(SocketAddress, to: SocketAddress, isSecure: Bool?)

  public enum Outcome: Hashable, Sendable {
    /// All of it may still become a header.
    case needMore
    /// The header was the first `consumed` bytes; the client's own follow.
    case complete(ProxyHeader, consumed: Int)
    case invalid(Problem)
  }

  /// Why bytes are no header; the connection ends with it.
  public enum Problem: Hashable, Sendable {
    /// Neither version begins like this.
    case signature
    /// A version 1 line that is not as the protocol writes it, or longer than 107 bytes.
    case line
    /// A version, a command, a family or a transport that is not defined or cannot be: a datagram on a stream.
    case kind
    /// Longer than is taken, or too short for its addresses.
    case length
    /// An entry that reaches beyond the header, or has a length that its type cannot have.
    case entry
    /// The checksum does not fit.
    case checksum
  }

  /// The longest header that is taken.
  public static let longest = 4_096

  /// Reads a header from the front of `bytes`, which hold everything since the connection began. The answer does not
  /// depend on how the bytes were cut, and no byte behind the header is looked at.
  public static func parse(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    guard let first = bytes.first else { return .needMore }
    return first == UInt8(ascii: "P") ? ProxyLine.parse(bytes) : ProxyBlock.parse(bytes)
  }

  /// True where `bytes` and `text` agree as far as both go.
  static func begins(_ bytes: UnsafeRawBufferPointer, like text: StaticString) -> Bool {
    for index in 0..<min(bytes.count, text.utf8CodeUnitCount) where bytes[index] != text.utf8Start[index] {
      return false
    }
    return true
  }
}

/// Version 1: one line of text.
///
///     PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n
enum ProxyLine {
  /// The longest line, its end included (section 2.1).
  static let longest = 107

  static func parse(_ bytes: UnsafeRawBufferPointer) -> ProxyHeader.Outcome {
    guard ProxyHeader.begins(bytes, like: "PROXY ") else { return .invalid(.signature) }
    let window = UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, longest)])
    guard let end = window.firstIndex(where: { $0 < 0x20 || $0 >= 0x7F }) else {
      return window.count == longest ? .invalid(.line) : .needMore
    }
    // A line ends in CR LF, and has no other control in it.
    guard window[end] == 0x0D, end + 1 < longest else { return .invalid(.line) }
    guard end + 1 < window.count else { return .needMore }
    guard window[end + 1] == 0x0A, let header = header(UnsafeRawBufferPointer(rebasing: window[6..<max(6, end)])) else {
      return .invalid(.line)
    }
    return .complete(header, consumed: end + 2)
  }

  /// What stands between `PROXY ` and the line's end.
  private static func header(_ text: UnsafeRawBufferPointer) -> ProxyHeader? {
    let words = text.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      .map { UnsafeRawBufferPointer(rebasing: $0) }
    // The rest of an UNKNOWN line is to be ignored (2.1).
    if words[0].elementsEqual("UNKNOWN".utf8) { return .ownConnection }
    guard words.count == 5, let port = AddressText.number(words[3], upTo: 65_535),
      let otherPort = AddressText.number(words[4], upTo: 65_535)
    else { return nil }
    if words[0].elementsEqual("TCP4".utf8), let from = AddressText.v4(words[1]), let to = AddressText.v4(words[2]) {
      return .client(.v4(from, port: UInt16(port)), to: .v4(to, port: UInt16(otherPort)), isSecure: nil)
    }
    guard words[0].elementsEqual("TCP6".utf8), AddressText.v6(words[1]) != nil, AddressText.v6(words[2]) != nil,
      let from = SocketAddress(host: words[1], port: UInt16(port)),
      let to = SocketAddress(host: words[2], port: UInt16(otherPort))
    else { return nil }
    return .client(from.normalized, to: to.normalized, isSecure: nil)
  }
}
