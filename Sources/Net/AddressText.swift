/// Reads IP addresses as they are written (RFC 4291 2.2, RFC 6943 3.1.1): one strict reading of each, no host names, no
/// zones, no leading zeros, no short forms of IPv4. Pure; takes anything.
enum AddressText {
  /// `192.0.2.1`, the first octet highest.
  static func v4(_ text: UnsafeRawBufferPointer) -> UInt32? {
    guard text.count >= 7, text.count <= 15 else { return nil }
    var address: UInt32 = 0
    var parts = 0
    var start = 0
    for index in 0...text.count where index == text.count || text[index] == UInt8(ascii: ".") {
      guard let part = number(UnsafeRawBufferPointer(rebasing: text[start..<index]), upTo: 255) else { return nil }
      address = address << 8 | UInt32(part)
      parts += 1
      start = index + 1
      if parts > 4 { return nil }
    }
    return parts == 4 ? address : nil
  }

  /// `2001:db8::1`, `::ffff:192.0.2.1`: the whole address as one number.
  static func v6(_ text: UnsafeRawBufferPointer) -> UInt128? {
    guard text.count >= 2, text.count <= 45 else { return nil }
    var groups = Groups()
    var start = 0
    var index = 0
    if text[0] == colon {
      guard text[1] == colon else { return nil }
      groups.gap = 0
      start = 2
      index = 2
    }
    while index < text.count {
      guard text[index] == colon else {
        index += 1
        continue
      }
      if index == start {
        guard groups.gap == nil, index > 0 else { return nil }
        groups.gap = groups.count
      } else {
        guard groups.add(hex: UnsafeRawBufferPointer(rebasing: text[start..<index])) else { return nil }
        // A colon at the very end belongs to `::` only.
        if index + 1 == text.count { return nil }
      }
      index += 1
      start = index
    }
    if start < text.count {
      let last = UnsafeRawBufferPointer(rebasing: text[start...])
      if last.contains(UInt8(ascii: ".")) {
        guard let tail = v4(last), groups.add(UInt16(tail >> 16)), groups.add(UInt16(truncatingIfNeeded: tail)) else {
          return nil
        }
      } else {
        guard groups.add(hex: last) else { return nil }
      }
    }
    return groups.address
  }

  /// Decimal digits without a sign or leading zeros, at most `limit`.
  static func number(_ text: UnsafeRawBufferPointer, upTo limit: Int) -> Int? {
    guard !text.isEmpty, text.count <= 5, text.count == 1 || text[0] != UInt8(ascii: "0") else { return nil }
    var value = 0
    for byte in text {
      guard byte &- 0x30 < 10 else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return value <= limit ? value : nil
  }

  private static let colon = UInt8(ascii: ":")

  /// The groups of an IPv6 address as they are read, and where `::` stands between them.
  private struct Groups {
    var value: UInt128 = 0
    var count = 0
    var gap: Int?

    mutating func add(_ group: UInt16) -> Bool {
      guard count < 8 else { return false }
      value = value << 16 | UInt128(group)
      count += 1
      return true
    }

    mutating func add(hex text: UnsafeRawBufferPointer) -> Bool {
      guard !text.isEmpty, text.count <= 4 else { return false }
      var group: UInt16 = 0
      for byte in text {
        let digit: UInt8
        switch byte {
        case 0x30...0x39: digit = byte - 0x30
        case 0x41...0x46: digit = byte - 0x41 + 10
        case 0x61...0x66: digit = byte - 0x61 + 10
        default: return false
        }
        group = group << 4 | UInt16(digit)
      }
      return add(group)
    }

    /// `::` stands for at least one group.
    var address: UInt128? {
      guard let gap else { return count == 8 ? value : nil }
      guard count < 8 else { return nil }
      let after = UInt128(count - gap) * 16
      let low = after == 0 ? 0 : value & (UInt128.max >> (128 - after))
      let high = gap == 0 ? 0 : (value >> after) << UInt128(128 - gap * 16)
      return high | low
    }
  }
}

extension SocketAddress {
  /// An address as it is written, without brackets: `192.0.2.1` or `2001:db8::1`.
  public init?(host: UnsafeRawBufferPointer, port: UInt16 = 0) {
    if let address = AddressText.v4(host) {
      self = .v4(address, port: port)
    } else if let address = AddressText.v6(host) {
      self = .v6(UInt64(address >> 64), UInt64(truncatingIfNeeded: address), scope: 0, port: port)
    } else {
      return nil
    }
  }

  /// IPv4 where it is written as IPv6 (`::ffff:192.0.2.1`, RFC 4291 2.5.5.2): the same host is one address, whatever
  /// socket it came through.
  public var normalized: SocketAddress {
    guard case .v6(0, let low, _, let port) = self, low >> 32 == 0xFFFF else { return self }
    return .v4(UInt32(truncatingIfNeeded: low), port: port)
  }
}
