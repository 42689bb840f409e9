import Flows
import Net

/// Reads `listen:`.
struct ListenLoader {
  let problems: Problems
  /// Whether `tls:` is configured, and `proxies:`.
  let hasTLS: Bool
  let hasProxies: Bool

  struct Listeners {
    var publicListeners: [PublicListener]
    var consoleListener: SocketAddress
  }

  func listeners(_ node: ConfigNode?) -> Listeners? {
    let map = node?.map(known: ["public", "console"], problems)
    guard let open = publicListeners(map?["public"]), let console = console(map?["console"]) else { return nil }
    return Listeners(publicListeners: open, consoleListener: console)
  }

  // MARK: public

  private func publicListeners(_ node: ConfigNode?) -> [PublicListener]? {
    guard let node else {
      return [PublicListener(.address(.loopback(port: 8080)), source: ConfigNode.Place(file: "causeway.yaml", line: 1))]
    }
    guard case .list(let nodes) = node.content else { return listener(node).map { [$0] } }
    if nodes.isEmpty { problems.report(node.place, "expected at least one address to listen on") }
    let listeners = nodes.compactMap(listener)
    var seen: Set<PublicListener.Place> = []
    for listener in listeners where !seen.insert(listener.place).inserted && !Self.isAnyPort(listener.place) {
      problems.report(listener.source, "`\(listener)` stands twice in `listen.public`")
    }
    return listeners.count == nodes.count && !nodes.isEmpty ? listeners : nil
  }

  /// `127.0.0.1:8080`, or `{ address: 127.0.0.1:8080, … }`.
  private func listener(_ node: ConfigNode) -> PublicListener? {
    guard case .map = node.content else { return place(node).map { PublicListener($0, source: node.place) } }
    guard let map = node.map(known: ["address", "tls", "proxy-protocol", "mode"], problems),
      let address = map.required("address"), let place = place(address)
    else { return nil }
    var listener = PublicListener(place, source: address.place)
    listener.tls = map.bool("tls")
    listener.proxyProtocol = map.bool("proxy-protocol") ?? false
    if let node = map["mode"] { listener.mode = mode(node, of: listener) }
    if listener.tls == true, !hasTLS {
      problems.report(
        address.place, "`\(listener)` is to speak TLS, and there is no `tls:` with a certificate and its key")
    }
    if listener.proxyProtocol, !hasProxies {
      problems.report(
        address.place,
        "`\(listener)` is to speak the PROXY protocol, and `proxies:` does not say from whom, such as `[10.0.0.0/8]`")
    }
    return listener
  }

  private func place(_ node: ConfigNode) -> PublicListener.Place? {
    guard let text = node.text(problems) else { return nil }
    if text.hasPrefix("systemd:") {
      let name = String(text.dropFirst("systemd:".count))
      if !name.isEmpty, name.utf8.count <= 255, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }) {
        return .systemd(name)
      }
      problems.report(node.place, "expected `systemd:` and the FileDescriptorName= of a socket unit")
      return nil
    }
    return address(node, text).map { .address($0) }
  }

  /// Octal, as chmod(1) takes it.
  private func mode(_ node: ConfigNode, of listener: PublicListener) -> UInt32? {
    guard case .address(.unix) = listener.place else {
      problems.report(node.place, "only a Unix socket that is opened here has a `mode`")
      return nil
    }
    let text = node.scalar ?? ""
    guard (3...4).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x37 }),
      let mode = UInt32(text, radix: 8), mode <= 0o777, mode & 0o600 == 0o600
    else {
      problems.report(node.place, "expected a file mode with which the service itself may use it, such as `0660`")
      return nil
    }
    return mode
  }

  /// The kernel chooses: two of them are two.
  private static func isAnyPort(_ place: PublicListener.Place) -> Bool {
    if case .address(let address) = place { return address.port == 0 }
    return false
  }

  // MARK: console

  private func console(_ node: ConfigNode?) -> SocketAddress? {
    guard let node else { return .loopback(port: 8081) }
    guard let text = node.text(problems), let address = address(node, text) else { return nil }
    if !address.isLoopback {
      problems.report(
        node.place, "the console has no sign-in yet: it binds to a loopback address or a Unix socket only")
    }
    return address
  }

  private func address(_ node: ConfigNode, _ text: String) -> SocketAddress? {
    if let address = SocketAddress(text) { return address }
    problems.report(
      node.place,
      "expected an address such as `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/causeway/public.sock` or, for "
        + "`listen.public`, `systemd:NAME`; host names are not looked up")
    return nil
  }
}
