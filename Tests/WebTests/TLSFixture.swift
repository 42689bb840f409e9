import Crypto
import HTTP
import Net
import Posix
import Support
import Web

/// A server behind TLS, and the authority that made its certificate.
struct TLSFixture {
  let server: ServerFixture
  let tls: TLSServer

  var address: SocketAddress { server.address }

  /// The loops' clock stands still unless a test moves it: a handshake has five seconds, which on a busy machine may be
  /// over before the client has its turn.
  init(
    _ settings: TLSSettings, handler: any Handler = Who(), isManual: Bool = true, loops: Int = 1,
    limits: HTTPLimits = .default, proxies: [String] = [], standing: StandingFields = StandingFields()
  ) throws {
    tls = TLSServer(try TLSContext(settings, now: Moment.now))
    server = try ServerFixture(
      limits: limits, loops: loops, isManual: isManual, options: ListenerOptions(tls: tls), proxies: proxies,
      standing: standing, handler: handler)
  }

  func connect(_ change: (inout TLSClient.Options) -> Void = { _ in }) async throws -> TLSClient {
    var options = TLSClient.Options()
    change(&options)
    return try await TLSClient(address, options)
  }

  /// What a client is told that may not come in; nil where it is served. In TLS 1.3 a client learns that its certificate
  /// was refused only when it reads.
  func refusal(_ change: (inout TLSClient.Options) -> Void = { _ in }) async throws -> String? {
    do {
      let answer = try await connect(change).get("/")
      return answer.hasPrefix("HTTP/1.1 200 ") ? nil : answer
    } catch let refused as TLSClient.Refused {
      return refused.reason
    } catch let error as Errno {
      // Closed while the client was still sending.
      return "\(error)"
    }
  }

  func end() async { await server.end() }
}

/// Answers with what is known of the peer.
struct Who: Handler {
  func respond(to request: Request) async -> Response {
    .text("\(request.peer.isSecure ? "secure" : "plain") \(request.peer.certificate?.subject ?? "-")")
  }
}

/// Makes settings out of certificates.
extension TLSSettings {
  init(
    _ chain: TestCertificate..., names: [TestCertificate] = [], clients: [TestCertificate] = [],
    revocations: [[UInt8]] = []
  ) {
    self.init(
      pair: Pair(chain), names: names.map { Pair([$0]) },
      clientAuthorities: clients.isEmpty ? nil : Text(name: "file:clients.pem", bytes: clients.flatMap(\.pem)),
      clientRevocations: revocations.isEmpty
        ? nil : Text(name: "file:clients.crl", bytes: revocations.flatMap(\.self)))
  }
}

extension TLSSettings.Pair {
  init(_ chain: [TestCertificate]) {
    self.init(
      certificate: TLSSettings.Text(name: "file:server.pem", bytes: chain.flatMap(\.pem)),
      key: TLSSettings.Text(name: "file:server.key", bytes: chain[0].keyPEM))
  }
}

extension TestCertificate {
  /// A server's, for `localhost`, by an authority of its own.
  static func server(
    _ commonName: String = "server", names: [String] = ["DNS:localhost"], kind: Kind = .p256
  ) throws -> TestCertificate {
    try TestCertificate(
      commonName, by: TestCertificate("authority", isAuthority: true), kind: kind, uses: "serverAuth", names: names)
  }
}
