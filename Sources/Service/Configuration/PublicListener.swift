import Flows
import Net

/// One way in for webhooks, as `listen.public` says it.
public struct PublicListener: Hashable, Sendable {
  public enum Place: Hashable, Sendable {
    case address(SocketAddress)
    /// The sockets of this name that the service manager holds.
    case systemd(String)
  }

  public var place: Place
  /// `tls:` beside the address; nil where nothing is said.
  public var tls: Bool?
  /// Every connection begins with a header of the PROXY protocol.
  public var proxyProtocol = false
  /// The file mode of a Unix socket; nil leaves it to the umask.
  public var mode: UInt32?
  /// For what only shows when it starts.
  public var source: ConfigNode.Place

  public init(_ place: Place, source: ConfigNode.Place) {
    self.place = place
    self.source = source
  }

  /// TCP speaks TLS wherever there is a certificate; a Unix socket where it is told to, for whoever opens it is on this
  /// machine.
  public func isTLS(isUnix: Bool, hasCertificate: Bool) -> Bool { tls ?? (hasCertificate && !isUnix) }
}

extension PublicListener: CustomStringConvertible {
  public var description: String {
    switch place {
    case .address(let address): address.description
    case .systemd(let name): "systemd:\(name)"
    }
  }
}
