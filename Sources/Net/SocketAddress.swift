import Glibc

/// Where a socket is: an IPv4 or IPv6 address with its port, or a path.
public enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
  /// The address as one number, the first octet highest.
  case v4(UInt32, port: UInt16)
  /// The two halves of the address, the first octets highest; `scope` is the interface of a link-local address.
  case v6(UInt64, UInt64, scope: UInt32, port: UInt16)
  case unix(path: String)

  /// Reads `127.0.0.1:8080`, `[::1]:8080` or `unix:/path`; no host names.
  public init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard !path.isEmpty, path.utf8.count < 108, !path.utf8.contains(0) else { return nil }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
      return nil
    }
    var host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if isBracketed { host = host.dropFirst().dropLast() }
    let read = Array(host.utf8).withUnsafeBytes { SocketAddress(host: $0, port: port) }
    guard let read, isBracketed == (read.family == AF_INET6) else { return nil }
    self = read
  }

  /// Every interface of the machine, or the loopback one, with a port the kernel chooses where it is 0.
  public static func loopback(port: UInt16 = 0) -> SocketAddress { .v4(0x7F00_0001, port: port) }

  public var port: UInt16? {
    switch self {
    case .v4(_, let port), .v6(_, _, _, let port): port
    case .unix: nil
    }
  }

  var isUnix: Bool { if case .unix = self { true } else { false } }

  /// True for addresses that only this machine can reach, Unix sockets included.
  public var isLoopback: Bool {
    switch self {
    case .v4(let address, _): address >> 24 == 127
    case .v6(let high, let low, _, _): high == 0 && (low == 1 || low >> 24 == 0xFFFF_7F)
    case .unix: true
    }
  }

  /// The address without its port, as it is written in a log.
  public var host: String {
    switch self {
    case .v4(let address, _):
      return "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
    case .v6:
      var address = in6
      var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
      guard inet_ntop(AF_INET6, &address, &text, socklen_t(text.count)) != nil else { return "::" }
      return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    case .unix(let path): return path
    }
  }

  public var description: String {
    switch self {
    case .v4(_, let port): "\(host):\(port)"
    case .v6(_, _, _, let port): "[\(host)]:\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }

  private static func port(_ text: Substring) -> UInt16? {
    Array(text.utf8).withUnsafeBytes { AddressText.number($0, upTo: 65_535) }.map { UInt16($0) }
  }
}

// MARK: - The kernel's own form

extension SocketAddress {
  var family: Int32 {
    switch self {
    case .v4: AF_INET
    case .v6: AF_INET6
    case .unix: AF_UNIX
    }
  }

  private init(_ address: in6_addr, scope: UInt32, port: UInt16) {
    let halves = withUnsafeBytes(of: address) {
      ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
    self = .v6(UInt64(bigEndian: halves.0), UInt64(bigEndian: halves.1), scope: scope, port: port)
  }

  private static func v6(_ address: in6_addr, scope: UInt32, port: UInt16) -> SocketAddress {
    SocketAddress(address, scope: scope, port: port)
  }

  private var in6: in6_addr {
    var address = in6_addr()
    if case .v6(let high, let low, _, _) = self {
      withUnsafeMutableBytes(of: &address) {
        $0.storeBytes(of: high.bigEndian, as: UInt64.self)
        $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
      }
    }
    return address
  }

  /// Reads what accept4(2) or getsockname(2) stored. A peer on a Unix socket has no name: its path is empty.
  init?(_ storage: sockaddr_storage) {
    let family = Int32(storage.ss_family)
    let read: SocketAddress? = withUnsafeBytes(of: storage) { bytes in
      switch family {
      case AF_INET:
        let address = bytes.load(as: sockaddr_in.self)
        return .v4(UInt32(bigEndian: address.sin_addr.s_addr), port: UInt16(bigEndian: address.sin_port))
      case AF_INET6:
        let address = bytes.load(as: sockaddr_in6.self)
        return .v6(address.sin6_addr, scope: address.sin6_scope_id, port: UInt16(bigEndian: address.sin6_port))
      case AF_UNIX:
        return .unix(path: String(decoding: bytes.dropFirst(2).prefix(108).prefix { $0 != 0 }, as: UTF8.self))
      default: return nil
      }
    }
    guard let read else { return nil }
    self = read
  }

  /// Lends the address in the form that bind(2) and connect(2) take.
  public func withKernelForm<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var storage = sockaddr_storage()
    let length = withUnsafeMutableBytes(of: &storage) { bytes -> Int in
      switch self {
      case .v4(let address, let port):
        var form = sockaddr_in()
        form.sin_family = sa_family_t(AF_INET)
        form.sin_port = port.bigEndian
        form.sin_addr.s_addr = address.bigEndian
        bytes.storeBytes(of: form, as: sockaddr_in.self)
        return MemoryLayout<sockaddr_in>.size
      case .v6(_, _, let scope, let port):
        var form = sockaddr_in6()
        form.sin6_family = sa_family_t(AF_INET6)
        form.sin6_port = port.bigEndian
        form.sin6_scope_id = scope
        form.sin6_addr = in6
        bytes.storeBytes(of: form, as: sockaddr_in6.self)
        return MemoryLayout<sockaddr_in6>.size
      case .unix(let path):
        bytes.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
        for (index, byte) in path.utf8.prefix(107).enumerated() { bytes[2 + index] = byte }
        return MemoryLayout<sockaddr_un>.size
      }
    }
    return withUnsafePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
    }
  }
}
