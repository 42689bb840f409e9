import Glibc

/// Which addresses may be connected to. Every address is checked just before its connection is made, so a name that
/// resolves to another address the next time gains nothing.
public enum AddressPolicy: Sendable {
  /// Addresses of the public internet only.
  case publicOnly
  /// Those and this machine's own loopback: simulators, tests, a tunnel on this host.
  case publicAndLoopback

  /// `bytes` has 4 or 16 of them.
  public func allows(_ bytes: [UInt8]) -> Bool {
    switch bytes.count {
    case 4: allowsV4(bytes)
    case 16: allowsV6(bytes)
    default: false
    }
  }

  func allows(_ address: UnsafePointer<sockaddr>) -> Bool {
    let raw = UnsafeRawPointer(address)
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      let start = raw + (MemoryLayout<sockaddr_in>.offset(of: \.sin_addr) ?? 4)
      return allows([UInt8](UnsafeRawBufferPointer(start: start, count: 4)))
    case AF_INET6:
      let start = raw + (MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) ?? 8)
      return allows([UInt8](UnsafeRawBufferPointer(start: start, count: 16)))
    default: return false
    }
  }

  /// The special-purpose blocks of RFC 6890 and its registry are not public; 100.64/10 is shared by carriers.
  private func allowsV4(_ a: [UInt8]) -> Bool {
    if a[0] == 127 { return self == .publicAndLoopback }
    return switch (a[0], a[1], a[2]) {
    case (0, _, _), (10, _, _), (224..., _, _): false
    case (100, 64..<128, _), (169, 254, _), (172, 16..<32, _), (192, 168, _), (198, 18...19, _): false
    case (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 51, 100), (203, 0, 113): false
    default: true
    }
  }

  private func allowsV6(_ a: [UInt8]) -> Bool {
    let isZeroTo = { (end: Int) in a[..<end].allSatisfy { $0 == 0 } }
    if isZeroTo(15), a[15] == 1 { return self == .publicAndLoopback }
    // ::ffff:a.b.c.d, 64:ff9b::a.b.c.d: what is meant is the address inside.
    if isZeroTo(10), a[10] == 0xFF, a[11] == 0xFF { return allowsV4([UInt8](a[12...])) }
    if a[..<12].elementsEqual([0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]) { return allowsV4([UInt8](a[12...])) }
    // 2002:a.b.c.d::, the address inside as well.
    if a[0] == 0x20, a[1] == 0x02 { return allowsV4([UInt8](a[2..<6])) }
    // Teredo and the documentation block lie in the unicast range.
    if a[0] == 0x20, a[1] == 0x01, a[2] == 0, a[3] == 0 || a[3] == 2 { return false }
    if a[0] == 0x20, a[1] == 0x01, a[2] == 0x0D, a[3] == 0xB8 { return false }
    // 2000::/3 is all that is given out.
    return a[0] & 0xE0 == 0x20
  }
}
