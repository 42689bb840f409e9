import Glibc
import Net
import Posix

/// Why an address cannot be listened on, and what to do about it, for somebody who starts this for the first time.
enum BindProblem {
  static func sentence(_ error: NetError, _ address: SocketAddress) -> String {
    guard case .system(let code, _) = error else { return "\(address): \(error)" }
    switch code.rawValue {
    case EADDRINUSE:
      if case .unix(let path) = address { return "\(address): there is a file \(path) that is no socket: move it away" }
      return "\(address) is in use by another program (`ss -ltnp 'sport = :\(address.port ?? 0)'` names it): stop that "
        + "one, or choose another port"
    case EACCES:
      if let port = address.port {
        return
          "\(address): a port below 1024 needs a privilege: choose one above, such as \(port == 443 ? 8443 : 8080), "
          + "let systemd hold the socket (`systemd:NAME`), or grant CAP_NET_BIND_SERVICE"
      }
      return "\(address): this user may not make a socket there: choose another folder, or change its mode"
    case EADDRNOTAVAIL:
      return "\(address): this machine has no such address; 0.0.0.0 is every one of IPv4, [::] every one of IPv6"
    case EAFNOSUPPORT: return "\(address): this machine has no IPv6"
    case ENOENT, ENOTDIR: return "\(address): the folder of the socket is not there: make it first"
    case EMFILE, ENFILE: return "\(address): there are no file descriptors left: raise `ulimit -n`"
    default: return "\(address): \(error)"
    }
  }
}
