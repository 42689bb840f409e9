import Net
import Web

extension Peer {
  /// Who comes over the control socket: such a peer has no name.
  static let ofControlSocket = Peer(address: .unix(path: ""))
}
