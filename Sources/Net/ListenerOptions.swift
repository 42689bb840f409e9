import Crypto

/// What a listening socket asks of those who connect to it, before their first request.
public struct ListenerOptions: Sendable {
  /// nil: plain. Otherwise each connection takes the context that is current when it begins.
  public var tls: TLSServer?
  /// nil: off. Otherwise every connection begins with a header of the PROXY protocol, and only these addresses may
  /// connect; Unix sockets may always.
  public var proxyProtocol: AddressRanges?
  /// The file mode of a Unix socket, whatever the umask says; nil leaves it to the umask.
  public var mode: UInt32?

  public init(tls: TLSServer? = nil, proxyProtocol: AddressRanges? = nil, mode: UInt32? = nil) {
    self.tls = tls
    self.proxyProtocol = proxyProtocol
    self.mode = mode
  }
}
