import Crypto
import HTTP
import Net

/// What listed proxies say about a request in its header: for whom they ask, whether he came over TLS, and with which
/// certificate.
///
/// Each proxy on the way adds, at the right, the address that it was connected from. Read from the right, entries are
/// true for as long as those who wrote them are listed; the first that is not listed is the client, and whatever stands
/// to the left of him is his own invention.
struct Forwarding {
  let proxies: AddressRanges

  /// Who sent a request of this head. `speaker` is who sent its bytes, a listed proxy. Where the fields cannot be
  /// followed to a client, it is the speaker that counts: never an address that somebody may have made up.
  func client(of fields: Fields, through speaker: Peer) -> Peer {
    var claims: [Claim] = []
    for entry in Self.entries {
      guard fields.contains(entry.name) else { continue }
      claims.append(entry.read(fields, proxies))
    }
    let address = Self.agreed(claims)
    let isSecure = Self.isSecure(fields, claims) ?? speaker.isSecure
    return Peer(
      address: address ?? speaker.address, proxy: address == nil ? speaker.proxy : speaker.proxy ?? speaker.address,
      isSecure: isSecure, certificate: Self.certificate(fields) ?? (address == nil ? speaker.certificate : nil))
  }

  /// What one kind of field comes to.
  struct Claim {
    /// The rightmost address that is no listed proxy.
    var client: SocketAddress?
    /// What is said of the client's own connection.
    var isSecure: Bool?
  }

  private static let entries: [(name: String, read: @Sendable (Fields, AddressRanges) -> Claim)] = [
    ("Forwarded", { Forwarding.forwarded($0, $1) }), ("X-Forwarded-For", { Forwarding.forwardedFor($0, $1) }),
  ]

  /// A proxy writes one of the two and passes the other on, as the client wrote it: where they differ, neither is known
  /// to be the proxy's.
  private static func agreed(_ claims: [Claim]) -> SocketAddress? {
    guard let first = claims.first?.client else { return nil }
    return claims.allSatisfy { $0.client?.withoutPort == first.withoutPort } ? first : nil
  }

  /// nil where nothing is said; false where any of what is said is not `https`.
  private static func isSecure(_ fields: Fields, _ claims: [Claim]) -> Bool? {
    var said = claims.compactMap(\.isSecure)
    for value in fields.values("X-Forwarded-Proto") {
      said += value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
        ForwardedText.isHTTPS(ForwardedText.trimmed($0))
      }
    }
    return said.isEmpty ? nil : said.allSatisfy { $0 }
  }

  /// `Client-Cert` of RFC 9440 2.2: one byte sequence (RFC 8941 3.3.5) with the certificate's DER. Several, or anything
  /// else, name nobody. The chain that may stand beside it was the proxy's to check.
  private static func certificate(_ fields: Fields) -> Certificate? {
    guard fields.contains("Client-Cert") else { return nil }
    let values = fields.values("Client-Cert")
    guard values.count == 1, let value = values.first, value.utf8.count > 2, value.hasPrefix(":"), value.hasSuffix(":"),
      let der = Base64.decode(value.dropFirst().dropLast())
    else { return nil }
    return try? Certificate(der: der)
  }
}

// MARK: - Following the fields from the right

extension Forwarding {
  /// `X-Forwarded-For: client, proxy, proxy`: addresses, with a port where a proxy adds one.
  static func forwardedFor(_ fields: Fields, _ proxies: AddressRanges) -> Claim {
    for value in fields.values("X-Forwarded-For").reversed() {
      for entry in value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).reversed() {
        // An entry that is no address ends the way: who stands behind it is not known.
        guard let address = ForwardedText.address(ForwardedText.trimmed(entry)) else { return Claim() }
        if !proxies.contains(address) { return Claim(client: address) }
      }
    }
    return Claim()
  }

  /// `Forwarded: for=192.0.2.60;proto=https, for="[2001:db8::1]:4711"` (RFC 7239 4).
  static func forwarded(_ fields: Fields, _ proxies: AddressRanges) -> Claim {
    for value in fields.values("Forwarded").reversed() {
      guard let elements = ForwardedElement.list(value) else { return Claim() }
      for element in elements.reversed() {
        // `unknown`, `_hidden`, and an element without `for` hide who stands behind it.
        guard let node = element.node, let address = ForwardedText.address(node[...]) else { return Claim() }
        if !proxies.contains(address) {
          return Claim(client: address, isSecure: element.proto.map { ForwardedText.isHTTPS($0[...]) })
        }
      }
    }
    return Claim()
  }
}

extension SocketAddress {
  fileprivate var withoutPort: SocketAddress {
    switch self {
    case .v4(let address, _): .v4(address, port: 0)
    case .v6(let high, let low, let scope, _): .v6(high, low, scope: scope, port: 0)
    case .unix: self
    }
  }
}
