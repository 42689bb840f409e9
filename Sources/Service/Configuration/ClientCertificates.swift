import Flows
import Inbound
import Net

/// Whether anybody can present the client certificates that endpoints ask for.
struct ClientCertificates {
  private let settings: Settings

  init(_ settings: Settings) { self.settings = settings }

  func report(to problems: Problems) {
    guard let missing else { return }
    for endpoint in settings.endpoints {
      guard case .all(let entries)? = endpoint.source([:]).verify else { continue }
      for (index, entry) in entries.enumerated() {
        guard case .clientCertificate = entry else { continue }
        let place = endpoint.place(of: SettingsProblem(["verify", "\(index)", entry.name], missing))
        problems.report(place, "endpoint `\(endpoint.name)`: verify: \(entry.name): \(missing)")
      }
    }
  }

  /// Why nobody can; nil where somebody can.
  private var missing: String? {
    if !settings.proxies.isEmpty { return nil }
    guard settings.tls?.clientAuthorities != nil else {
      return "nobody is asked for a certificate: say under `tls` with `client-ca` whose clients may come in, or name "
        + "under `proxies` who terminates TLS and passes certificates on as Client-Cert"
    }
    guard !settings.publicListeners.contains(where: Self.isTLS) else { return nil }
    return "nobody can present a certificate: `tls` has a `client-ca`, and no listener of `listen.public` speaks TLS"
  }

  private static func isTLS(_ listener: PublicListener) -> Bool {
    var isUnix = false
    if case .address(.unix) = listener.place { isUnix = true }
    return listener.isTLS(isUnix: isUnix, hasCertificate: true)
  }
}
