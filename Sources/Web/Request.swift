import Crypto
import HTTP
import Net

/// Who sent a request, as far as it can be known.
public struct Peer: Hashable, Sendable {
  /// The client: the socket's other end, or whom a listed proxy says it speaks for, by the PROXY protocol or by the
  /// rightmost address of `Forwarded` or `X-Forwarded-For` that is no listed proxy.
  public let address: SocketAddress
  /// The listed proxy that speaks for the client.
  public let proxy: SocketAddress?
  /// The client's bytes were encrypted: by our TLS, or by the listed proxy's, as it says.
  public let isSecure: Bool
  /// The client's certificate: verified by our TLS, or named by a listed proxy (RFC 9440).
  public let certificate: Certificate?

  public init(
    address: SocketAddress, proxy: SocketAddress? = nil, isSecure: Bool = false, certificate: Certificate? = nil
  ) {
    self.address = address
    self.proxy = proxy
    self.isSecure = isSecure
    self.certificate = certificate
  }

  public static let local = Peer(address: .loopback())
}

/// A whole request: its head was valid, its body is complete.
public struct Request: Sendable {
  public let method: Method
  /// Percent-decoded once, begins with `/`, no `.` or `..` segments; see `RequestHead.path`.
  public let path: String
  /// What follows the first `?`, as it came: `Query` reads it.
  public let query: String?
  public let fields: Fields
  public let body: [UInt8]
  /// The body as it was sent, where it was sent compressed.
  public let sent: [UInt8]?
  public let peer: Peer

  public init(
    method: Method, path: String, query: String? = nil, fields: Fields = Fields(), body: [UInt8] = [],
    sent: [UInt8]? = nil, peer: Peer = .local
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.fields = fields
    self.body = body
    self.sent = sent
    self.peer = peer
  }

  @inline(__always)
  init(head: RequestHead, body: [UInt8], sent: [UInt8]?, peer: Peer) {
    self.init(
      method: head.method, path: head.path, query: head.query, fields: head.fields, body: body, sent: sent, peer: peer)
  }

  /// The same request with its body as it was sent; nil where that is the body anyway.
  public var asSent: Request? {
    sent.map { Request(method: method, path: path, query: query, fields: fields, body: $0, peer: peer) }
  }

  /// The path between its slashes: `/hooks/crm` is `hooks`, `crm`; `/` has one, empty.
  public var segments: [Substring] { path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) }
}
