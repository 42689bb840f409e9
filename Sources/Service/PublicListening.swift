import Crypto
import Flows
import Logging
import Net
import Posix
import Web

/// Opens what `listen.public` names.
struct PublicListening {
  let server: Server
  let proxies: AddressRanges
  let tls: TLSServer?
  let inherited: InheritedSockets?
  let log: Logger

  /// The addresses that are listened on, in the order of the configuration.
  func open(_ listeners: [PublicListener]) throws(StartError) -> [SocketAddress] {
    var addresses: [SocketAddress] = []
    for listener in listeners {
      switch listener.place {
      case .address(let address): addresses.append(try bind(listener, address))
      case .systemd(let name): addresses += try adopt(listener, name)
      }
    }
    for name in Set(inherited?.names ?? []).sorted() {
      log.warning("a socket was passed that nothing in listen.public asks for", metadata: ["name": "\(name)"])
    }
    return addresses
  }

  private func bind(_ listener: PublicListener, _ address: SocketAddress) throws(StartError) -> SocketAddress {
    var isUnix = false
    if case .unix = address { isUnix = true }
    let options = options(listener, isUnix: isUnix)
    do throws(NetError) {
      let bound = try server.listen(on: address, options: options)
      tell(listener, bound, options)
      return bound
    } catch {
      throw StartError("\(listener.source.text): listen.public: \(BindProblem.sentence(error, address))")
    }
  }

  private func adopt(_ listener: PublicListener, _ name: String) throws(StartError) -> [SocketAddress] {
    let sockets = inherited?.take(name) ?? []
    guard !sockets.isEmpty else { throw StartError(missing(listener, name)) }
    var addresses: [SocketAddress] = []
    for socket in sockets {
      let options = options(listener, isUnix: socket.isUnix)
      do throws(NetError) {
        addresses.append(try server.listen(adopting: FileDescriptor(owning: socket.number), options: options))
      } catch {
        throw StartError("\(listener.source.text): listen.public: the socket `\(name)` cannot be used: \(error)")
      }
      tell(listener, addresses.last, options)
    }
    return addresses
  }

  private func missing(_ listener: PublicListener, _ name: String) -> String {
    let passed = Set(inherited?.names ?? []).sorted().map { "`\($0)`" }
    let there =
      passed.isEmpty
      ? "no socket was passed to this process" : "the sockets passed are \(passed.joined(separator: ", "))"
    return "\(listener.source.text): listen.public: systemd:\(name): \(there). Say FileDescriptorName=\(name) in the "
      + "socket unit (deploy/systemd/causeway.socket does) and start that unit; by hand, "
      + "`systemd-socket-activate --listen=127.0.0.1:8080 --fdname=\(name) causeway serve …`; or listen on an address"
  }

  private func options(_ listener: PublicListener, isUnix: Bool) -> ListenerOptions {
    ListenerOptions(
      tls: listener.isTLS(isUnix: isUnix, hasCertificate: tls != nil) ? tls : nil,
      proxyProtocol: listener.proxyProtocol ? proxies : nil, mode: listener.mode)
  }

  private func tell(_ listener: PublicListener, _ address: SocketAddress?, _ options: ListenerOptions) {
    var metadata: Logger.Metadata = ["address": "\(address.map(\.description) ?? "")", "for": "webhooks"]
    if case .systemd(let name) = listener.place { metadata["from"] = "systemd:\(name)" }
    if options.tls != nil { metadata["tls"] = "true" }
    if options.proxyProtocol != nil { metadata["proxy-protocol"] = "true" }
    log.notice("listening", metadata: metadata)
  }
}
