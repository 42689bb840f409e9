import COpenSSL
import Posix

/// One complete, checked way of serving TLS: what every connection that begins with it keeps to, whatever replaces it.
///
/// TLS 1.2 and 1.3 by Mozilla's intermediate profile, without its finite-field suites. HTTP/1.1 only (RFC 7301): a client
/// that offers protocols and not this one gets a fatal alert. No compression, no renegotiation, no early data. Sessions
/// are resumed by tickets; where client certificates are asked for they are not resumed at all (CVE-2025-23419).
public final class TLSContext: Sendable {
  let chains: [ServerChain]
  let clients: ClientAuthorities?
  let names: NameTable
  let tickets: TicketKeys
  // Safe: SSL_CTX counts its references under a lock of its own, and is not changed once `init` has returned.
  nonisolated(unsafe) let contexts: [OpaquePointer]

  /// `now`: seconds since 1970, what the dates of the certificates are compared with. `clock`: nanoseconds that never go
  /// back, for the age of ticket keys.
  public init(
    _ settings: TLSSettings, now: Int64, clock: @escaping @Sendable () -> Int64 = Clock.monotonicNanoseconds
  ) throws(TLSProblem) {
    var chains: [ServerChain] = []
    for pair in [settings.pair] + settings.names { chains.append(try ServerChain(pair, now: now)) }
    clients = try settings.clientAuthorities.map { (text) throws(TLSProblem) in
      try ClientAuthorities(text, revocations: settings.clientRevocations)
    }
    self.chains = chains
    names = NameTable(chains.map(\.names))
    tickets = TicketKeys(clock: clock)
    var contexts: [OpaquePointer] = []
    do throws(TLSProblem) {
      for (index, chain) in chains.enumerated() {
        contexts.append(try Self.make(chain, index, clients, now: now))
      }
    } catch {
      for context in contexts { SSL_CTX_free(context) }
      throw error
    }
    self.contexts = contexts
    for context in contexts { install(on: context) }
  }

  deinit {
    for context in contexts { SSL_CTX_free(context) }
  }

  /// True where a client certificate is asked for.
  public var asksForClientCertificate: Bool { clients != nil }

  /// What a person should look at, though everything works for now.
  public func concerns(at now: Int64) -> [TLSConcern] {
    chains.flatMap { $0.concerns(at: now) } + (clients?.concerns(at: now) ?? [])
  }

  // MARK: Making

  private static func make(
    _ chain: ServerChain, _ index: Int, _ clients: ClientAuthorities?, now: Int64
  ) throws(TLSProblem) -> OpaquePointer {
    defer { ERR_clear_error() }
    guard let context = SSL_CTX_new(TLS_server_method()) else { throw TLSProblem("OpenSSL gave no context for TLS") }
    do throws(TLSProblem) {
      guard profile(context, index) else { throw TLSProblem("OpenSSL knows not all suites and groups that TLS needs") }
      try chain.use(in: context)
      if let clients {
        try clients.use(in: context)
        SSL_CTX_set_options(context, causeway_tls_no_tickets)
        SSL_CTX_set_num_tickets(context, 0)
      } else {
        // Two are for browsers, which connect twice at once.
        SSL_CTX_set_num_tickets(context, 1)
      }
    } catch {
      SSL_CTX_free(context)
      throw error
    }
    return context
  }

  private static func profile(_ context: OpaquePointer, _ index: Int) -> Bool {
    SSL_CTX_set_security_level(context, 2)
    SSL_CTX_set_options(context, causeway_tls_options)
    SSL_CTX_ctrl(context, SSL_CTRL_MODE, TLSProfile.modes, nil)
    SSL_CTX_ctrl(context, SSL_CTRL_SET_READ_AHEAD, 1, nil)
    SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_CERT_LIST, TLSProfile.clientChainBytes, nil)
    SSL_CTX_set_timeout(context, TLSProfile.sessionSeconds)
    // A session is resumed under the certificate that it began with, and under no other.
    let place = [UInt8("causeway".utf8.count)] + Array("causeway".utf8) + [UInt8(truncatingIfNeeded: index)]
    return SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil) == 1
      && SSL_CTX_set_cipher_list(context, TLSProfile.suites12) == 1
      && SSL_CTX_set_ciphersuites(context, TLSProfile.suites13) == 1
      && TLSProfile.groups.withCString {
        SSL_CTX_ctrl(context, SSL_CTRL_SET_GROUPS_LIST, 0, UnsafeMutableRawPointer(mutating: $0)) == 1
      }
      && SSL_CTX_set_session_id_context(context, place, UInt32(place.count)) == 1
  }

  /// The callbacks find this object by a pointer that they do not own: a session holds its context for as long as it
  /// lives, and only sessions call back.
  private func install(on context: OpaquePointer) {
    let me = Unmanaged.passUnretained(self).toOpaque()
    SSL_CTX_set_ex_data(context, 0, me)
    SSL_CTX_set_client_hello_cb(context, chooseCertificate, me)
    causeway_tls_servername_callback(context, acknowledgeName)
    SSL_CTX_set_alpn_select_cb(context, chooseProtocol, nil)
    if clients == nil { SSL_CTX_set_tlsext_ticket_key_evp_cb(context, ticketKey) }
  }
}

/// Something about a certificate or a list that will need a person.
public struct TLSConcern: Hashable, Sendable, CustomStringConvertible {
  public let description: String
  /// True where clients are refused because of it already.
  public let isAlarm: Bool
}

/// The numbers and lists of the profile (Mozilla, server-side TLS 5.7, intermediate).
enum TLSProfile {
  static let suites12 = [
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
  ].joined(separator: ":")
  static let suites13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
  static let groups = "X25519:P-256:P-384"
  /// A write may take a part; its bytes may move between two attempts; buffers are given back while nothing is in them.
  /// No chain but the file's: otherwise a client's authority that is the server's too would be sent along.
  static let modes =
    Int(SSL_MODE_ENABLE_PARTIAL_WRITE) | Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER) | Int(SSL_MODE_RELEASE_BUFFERS)
    | Int(SSL_MODE_NO_AUTO_CHAIN)
  /// Octets that a client's certificates may have together.
  static let clientChainBytes = 65_536
  /// Certificates between a client's and its authority.
  static let clientChainDepth: Int32 = 4
  /// How long a ticket may be used: as long as OpenSSL's own default.
  static let sessionSeconds = 7_200
  /// When a person is told that a certificate comes to its end, and that a list of revocations does: seconds.
  static let certificateWarning: Int64 = 14 * 86_400
  static let revocationWarning: Int64 = 86_400
}
