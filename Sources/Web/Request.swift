import HTTP
import Net

/// Who sent a request, as its socket says.
public struct Peer: Hashable, Sendable {
  public let address: SocketAddress

  public init(address: SocketAddress) { self.address = address }

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
  public let peer: Peer

  public init(
    method: Method, path: String, query: String? = nil, fields: Fields = Fields(), body: [UInt8] = [],
    peer: Peer = .local
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.fields = fields
    self.body = body
    self.peer = peer
  }

  @inline(__always)
  init(head: RequestHead, body: [UInt8], peer: Peer) {
    self.init(
      method: head.method, path: head.path, query: head.query, fields: head.fields, body: body, peer: peer)
  }

  /// The path between its slashes: `/hooks/crm` is `hooks`, `crm`; `/` has one, empty.
  public var segments: [Substring] { path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) }
}
