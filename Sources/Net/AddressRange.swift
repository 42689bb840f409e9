/// A range of IP addresses as CIDR writes it (RFC 4632 3.1, RFC 4291 2.3): `10.0.0.0/8`, `2001:db8::/32`; an address
/// alone is a range of one. Bits behind the prefix must be 0: `10.1.2.3/8` says two things at once.
///
/// IPv4 written as IPv6 (`::ffff:10.0.0.0/104`) is IPv4. No range of IPv6 holds an IPv4 address: `::/0` is all of IPv6.
public struct AddressRange: Hashable, Sendable, CustomStringConvertible {
  let isV4: Bool
  /// The first and the last address; IPv4 in the lowest 32 bits.
  let first: UInt128
  let last: UInt128

  public init?(_ text: String) {
    var text = text
    let range = text.withUTF8 { Self.read(UnsafeRawBufferPointer($0)) }
    guard let range else { return nil }
    self = range
  }

  /// One address. nil for a Unix socket.
  public init?(_ address: SocketAddress) {
    switch address.normalized {
    case .v4(let address, _): self.init(UInt128(address), prefix: 32, width: 32)
    case .v6(let high, let low, _, _): self.init(UInt128(high) << 64 | UInt128(low), prefix: 128, width: 128)
    case .unix: return nil
    }
  }

  private init?(_ address: UInt128, prefix: Int, width: Int) {
    let rest = prefix == width ? 0 : UInt128.max >> UInt128(128 - width + prefix)
    guard address & rest == 0 else { return nil }
    isV4 = width == 32
    first = address
    last = address | rest
  }

  private static func read(_ text: UnsafeRawBufferPointer) -> AddressRange? {
    let slash = text.firstIndex(of: UInt8(ascii: "/"))
    let host = UnsafeRawBufferPointer(rebasing: text[..<(slash ?? text.count)])
    func prefix(_ width: Int) -> Int? {
      guard let slash else { return width }
      return AddressText.number(UnsafeRawBufferPointer(rebasing: text[(slash + 1)...]), upTo: width)
    }
    if let address = AddressText.v4(host) {
      return prefix(32).flatMap { AddressRange(UInt128(address), prefix: $0, width: 32) }
    }
    guard let address = AddressText.v6(host), let prefix = prefix(128) else { return nil }
    if address >> 32 == 0xFFFF, prefix >= 96 {
      return AddressRange(address & 0xFFFF_FFFF, prefix: prefix - 96, width: 32)
    }
    return AddressRange(address, prefix: prefix, width: 128)
  }

  public func contains(_ address: SocketAddress) -> Bool {
    switch address.normalized {
    case .v4(let address, _): isV4 && first <= UInt128(address) && UInt128(address) <= last
    case .v6(let high, let low, _, _):
      !isV4 && first <= UInt128(high) << 64 | UInt128(low) && UInt128(high) << 64 | UInt128(low) <= last
    case .unix: false
    }
  }

  /// As CIDR writes it; the prefix is always there.
  public var description: String {
    let bits = 128 - (last - first).leadingZeroBitCount
    let address: SocketAddress =
      isV4
      ? .v4(UInt32(truncatingIfNeeded: first), port: 0)
      : .v6(UInt64(first >> 64), UInt64(truncatingIfNeeded: first), scope: 0, port: 0)
    return "\(address.host)/\((isV4 ? 32 : 128) - bits)"
  }
}

/// Any number of ranges, asked by binary search: thousands cost a dozen comparisons.
public struct AddressRanges: Sendable, Hashable {
  public static let none = AddressRanges([])

  /// First and last addresses in order; overlapping ranges are one.
  private let v4: [ClosedRange<UInt32>]
  private let v6: [ClosedRange<UInt128>]

  public init(_ ranges: [AddressRange]) {
    v4 = Self.merged(
      ranges.filter(\.isV4).map { UInt32(truncatingIfNeeded: $0.first)...UInt32(truncatingIfNeeded: $0.last) })
    v6 = Self.merged(ranges.filter { !$0.isV4 }.map { $0.first...$0.last })
  }

  public var isEmpty: Bool { v4.isEmpty && v6.isEmpty }

  public func contains(_ address: SocketAddress) -> Bool {
    switch address.normalized {
    case .v4(let address, _): Self.holds(v4, address)
    case .v6(let high, let low, _, _): Self.holds(v6, UInt128(high) << 64 | UInt128(low))
    case .unix: false
    }
  }

  private static func merged<Address: FixedWidthInteger>(_ ranges: [ClosedRange<Address>]) -> [ClosedRange<Address>] {
    var merged: [ClosedRange<Address>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, last.upperBound == .max || range.lowerBound <= last.upperBound + 1 {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  /// The last range that begins at or before the address is the only one that may hold it.
  private static func holds<Address: FixedWidthInteger>(_ ranges: [ClosedRange<Address>], _ address: Address) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].lowerBound <= address { low = middle + 1 } else { high = middle }
    }
    return low > 0 && address <= ranges[low - 1].upperBound
  }
}
