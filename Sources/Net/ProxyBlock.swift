import CLinux

/// Version 2 of the PROXY protocol: a signature, a command, two addresses, and entries of type, length and value
/// (section 2.2). Each length is checked against the one around it before anything behind it is read.
enum ProxyBlock {
  private static let signature: StaticString = "\r\n\r\n\0\r\nQUIT\n"
  /// The signature, two bytes of what it is, two of how much follows.
  private static let fixed = 16

  static func parse(_ bytes: UnsafeRawBufferPointer) -> ProxyHeader.Outcome {
    guard ProxyHeader.begins(bytes, like: signature) else { return .invalid(.signature) }
    guard bytes.count >= fixed else { return .needMore }
    let isProxied: Bool
    switch bytes[12] {
    case 0x20: isProxied = false
    case 0x21: isProxied = true
    default: return .invalid(.kind)
    }
    guard let family = Family(rawValue: bytes[13]) else { return .invalid(.kind) }
    let end = fixed + Int(bytes.number16(at: 14))
    guard end <= ProxyHeader.longest else { return .invalid(.length) }
    guard !isProxied || end >= fixed + family.addressBytes else { return .invalid(.length) }
    guard bytes.count >= end else { return .needMore }
    // What follows a LOCAL or an UNSPEC header's first bytes is to be ignored, whatever it is (2.2).
    guard isProxied, family != .unspecified else { return .complete(.ownConnection, consumed: end) }
    let header = UnsafeRawBufferPointer(rebasing: bytes[..<end])
    var entries = Entries()
    if let problem = entries.read(header, from: fixed + family.addressBytes) { return .invalid(problem) }
    return .complete(client(header, family, isSecure: entries.isSecure), consumed: end)
  }

  /// Address family and transport in one byte; of the defined ones those that a stream can have.
  private enum Family: UInt8 {
    case unspecified = 0x00
    case v4 = 0x11
    case v6 = 0x21
    case unix = 0x31

    var addressBytes: Int {
      switch self {
      case .unspecified: 0
      case .v4: 12
      case .v6: 36
      case .unix: 216
      }
    }
  }

  private static func client(
    _ header: UnsafeRawBufferPointer, _ family: Family, isSecure: Bool?
  ) -> ProxyHeader {
    func v6(_ at: Int, port: Int) -> SocketAddress {
      let halves = (header.number64(at: at), header.number64(at: at + 8))
      return SocketAddress.v6(halves.0, halves.1, scope: 0, port: header.number16(at: port)).normalized
    }
    func v4(_ at: Int, port: Int) -> SocketAddress {
      .v4(UInt32(header.number16(at: at)) << 16 | UInt32(header.number16(at: at + 2)), port: header.number16(at: port))
    }
    switch family {
    case .v4: return .client(v4(16, port: 24), to: v4(20, port: 26), isSecure: isSecure)
    case .v6: return .client(v6(16, port: 48), to: v6(32, port: 50), isSecure: isSecure)
    // A Unix socket of the proxy's host is a neighbour of the proxy's, not of ours.
    case .unix, .unspecified: return .ownConnection
    }
  }

  /// The entries behind the addresses: those that mean something here, and that all of them lie within the header.
  private struct Entries {
    private static let checksum: UInt8 = 0x03
    private static let tls: UInt8 = 0x20
    /// An entry's type and length.
    private static let head = 3

    var isSecure: Bool?
    private var hasChecksum = false

    init() {}

    mutating func read(_ header: UnsafeRawBufferPointer, from start: Int) -> ProxyHeader.Problem? {
      Self.each(header, start..<header.count) { type, value in
        switch type {
        case Self.checksum:
          guard value.count == 4, !hasChecksum else { return .entry }
          hasChecksum = true
          return Self.fits(header, checksumAt: value.lowerBound) ? nil : .checksum
        case Self.tls:
          // One byte of what the client did, four of whether its certificate was verified, then entries again (2.2.6).
          guard value.count >= 5, isSecure == nil else { return .entry }
          isSecure = header[value.lowerBound] & 1 == 1
          return Self.each(header, (value.lowerBound + 5)..<value.upperBound) { _, _ in nil }
        default: return nil
        }
      }
    }

    /// Walks over entries; the first problem, of their lengths or of `body`.
    private static func each(
      _ header: UnsafeRawBufferPointer, _ range: Range<Int>, _ body: (UInt8, Range<Int>) -> ProxyHeader.Problem?
    ) -> ProxyHeader.Problem? {
      var at = range.lowerBound
      while at < range.upperBound {
        guard range.upperBound - at >= head else { return .entry }
        let start = at + head
        let length = Int(header.number16(at: at + 1))
        guard length <= range.upperBound - start else { return .entry }
        if let problem = body(header[at], start..<(start + length)) { return problem }
        at = start + length
      }
      return nil
    }

    /// CRC-32C over the whole header, with the checksum's own place as zeros (2.2.2).
    private static func fits(_ header: UnsafeRawBufferPointer, checksumAt at: Int) -> Bool {
      let said = UInt32(header.number16(at: at)) << 16 | UInt32(header.number16(at: at + 2))
      var crc = cdisk_crc32c(0, header.baseAddress, at)
      var zeros: UInt32 = 0
      crc = cdisk_crc32c(crc, &zeros, 4)
      let rest = UnsafeRawBufferPointer(rebasing: header[(at + 4)...])
      crc = cdisk_crc32c(crc, rest.baseAddress, rest.count)
      return crc == said
    }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func number16(at index: Int) -> UInt16 { UInt16(self[index]) << 8 | UInt16(self[index + 1]) }

  fileprivate func number64(at index: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 << 8 | UInt64(self[index + $1]) }
  }
}
