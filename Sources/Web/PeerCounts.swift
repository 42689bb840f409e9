import Net

/// How many connections each address has.
struct PeerCounts {
  private var counts: [PeerKey: Int] = [:]

  /// One more; how many that makes.
  mutating func add(_ key: PeerKey) -> Int {
    counts[key, default: 0] += 1
    return counts[key, default: 0]
  }

  mutating func remove(_ key: PeerKey) {
    guard let count = counts[key] else { return }
    counts[key] = count > 1 ? count - 1 : nil
  }
}

/// Whom connections are counted for: an IPv4 address, an IPv6 network of 64 bits.
struct PeerKey: Hashable {
  let high: UInt64
  let low: UInt64

  /// Proxies and tools on this machine share one address.
  var isLocal: Bool {
    self == PeerKey(.loopback()) || self == PeerKey(.unix(path: "")) || self == PeerKey(.v6(0, 1, scope: 0, port: 0))
  }

  init(_ address: SocketAddress) {
    switch address.normalized {
    case .v4(let address, _): (high, low) = (0, UInt64(address))
    case .v6(let network, _, _, _): (high, low) = (network, 1 << 32)
    case .unix: (high, low) = (0, 2 << 32)
    }
  }
}
