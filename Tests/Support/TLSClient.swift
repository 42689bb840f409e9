import COpenSSL
import Net

/// A TLS client over a `RawClient`: OpenSSL makes and reads the bytes, the test decides in which pieces they travel.
public final class TLSClient {
  public struct Options {
    public var serverName: String?
    public var protocols: [String] = []
    public var version: Int32?
    public var suites: String?
    /// PEM of a client's certificate, with what leads to its authority, and of its key.
    public var certificate: [UInt8]?
    public var key: [UInt8]?
    public var session: Session?
    public var split = Split.whole
    /// Sent as it is, before the handshake.
    public var preface: [UInt8] = []

    public init() {}
  }

  /// What a later connection may take up.
  public final class Session {
    let session: OpaquePointer

    init(_ session: OpaquePointer) { self.session = session }

    deinit { SSL_SESSION_free(session) }
  }

  /// What went wrong, in OpenSSL's words: `tlsv1 unrecognized name`, say; empty where the connection just ended.
  public struct Refused: Error, Hashable {
    public let reason: String

    public init(reason: String) { self.reason = reason }
  }

  public let raw: RawClient
  private let options: Options
  private let ssl: OpaquePointer
  private let context: OpaquePointer
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer

  /// Connects and shakes hands.
  public init(_ address: SocketAddress, _ options: Options = Options()) async throws {
    self.options = options
    raw = try RawClient(address)
    guard let context = SSL_CTX_new(TLS_client_method()), let ssl = SSL_new(context),
      let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem())
    else { throw Refused(reason: "no memory") }
    (self.context, self.ssl, self.incoming, self.outgoing) = (context, ssl, incoming, outgoing)
    SSL_set_bio(ssl, incoming, outgoing)
    SSL_set_security_level(ssl, 0)
    SSL_set_connect_state(ssl)
    configure()
    for piece in options.split.pieces(of: options.preface) where !piece.isEmpty { try raw.send(piece) }
    try await drive { SSL_do_handshake(ssl) }
  }

  deinit {
    // Otherwise OpenSSL forbids the session of a connection that was not ended to be taken up.
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
    SSL_free(ssl)
    SSL_CTX_free(context)
  }

  private func configure() {
    if let version = options.version {
      SSL_ctrl(ssl, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(version), nil)
      SSL_ctrl(ssl, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
    }
    if let suites = options.suites { SSL_set_cipher_list(ssl, suites) }
    if let name = options.serverName {
      name.withCString {
        _ = SSL_ctrl(
          ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), UnsafeMutableRawPointer(mutating: $0))
      }
    }
    let protocols = options.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    if !protocols.isEmpty { SSL_set_alpn_protos(ssl, protocols, UInt32(protocols.count)) }
    if let session = options.session { SSL_set_session(ssl, session.session) }
    if let certificate = options.certificate, let key = options.key { present(certificate, key) }
  }

  private func present(_ certificate: [UInt8], _ key: [UInt8]) {
    certificate.withUnsafeBytes { raw in
      let bio = BIO_new_mem_buf(raw.baseAddress, Int32(raw.count))
      defer { BIO_free(bio) }
      var isFirst = true
      while let one = PEM_read_bio_X509(bio, nil, nil, nil) {
        if isFirst { SSL_use_certificate(ssl, one) }
        if !isFirst { SSL_ctrl(ssl, SSL_CTRL_CHAIN_CERT, 1, UnsafeMutableRawPointer(one)) }
        isFirst = false
        X509_free(one)
      }
    }
    key.withUnsafeBytes { raw in
      let bio = BIO_new_mem_buf(raw.baseAddress, Int32(raw.count))
      defer { BIO_free(bio) }
      let key = PEM_read_bio_PrivateKey(bio, nil, nil, nil)
      SSL_use_PrivateKey(ssl, key)
      EVP_PKEY_free(key)
    }
    ERR_clear_error()
  }

  // MARK: Bytes

  public func send(_ text: String) async throws {
    let bytes = Array(text.utf8)
    try await drive { SSL_write(ssl, bytes, Int32(bytes.count)) }
  }

  /// At least one byte; empty at the server's close_notify.
  public func readSome() async throws -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 16_384)
    let count = try await drive { SSL_read(ssl, &block, Int32(block.count)) }
    return Array(block[..<count])
  }

  /// Until the server says that it is done; an end without its word is an error.
  public func readToEnd() async throws -> String {
    var all: [UInt8] = []
    while true {
      let bytes = try await readSome()
      if bytes.isEmpty { return String(decoding: all, as: UTF8.self) }
      all += bytes
    }
  }

  /// Asks for a path, as a browser would, on a connection that closes after it.
  public func get(_ path: String) async throws -> String {
    try await send("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    return try await readToEnd()
  }

  /// close_notify, and no FIN: the other half stays open.
  public func endSending() async throws {
    SSL_shutdown(ssl)
    try flush()
  }

  // MARK: What was agreed

  public var isResumed: Bool { SSL_session_reused(ssl) == 1 }

  public var session: Session? { SSL_get1_session(ssl).map(Session.init) }

  public var version: String { String(cString: SSL_get_version(ssl)) }

  public var suite: String { String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl))) }

  public var agreedProtocol: String {
    var bytes: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &bytes, &count)
    return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
  }

  /// The common name of the certificate that the server presented.
  public var serverCommonName: String {
    guard let certificate = SSL_get1_peer_certificate(ssl) else { return "" }
    defer { X509_free(certificate) }
    var text = [CChar](repeating: 0, count: 256)
    let count = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, &text, 256)
    return String(decoding: text.prefix(Int(max(0, count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// How many certificates the server presented.
  public var serverChainLength: Int { Int(OPENSSL_sk_num(SSL_get_peer_cert_chain(ssl))) }

  public func renegotiate() async throws {
    guard SSL_renegotiate(ssl) == 1 else { throw reason() }
    try await drive { SSL_do_handshake(ssl) }
    _ = try await readSome()
  }

  public func updateKeys() async throws {
    SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED)
    try await drive { SSL_do_handshake(ssl) }
  }

  // MARK: Driving

  @discardableResult
  private func drive(_ body: () -> Int32) async throws -> Int {
    while true {
      ERR_clear_error()
      let result = body()
      let error = result > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl, result)
      let refusal = reason()
      try flush()
      switch error {
      case SSL_ERROR_NONE: return Int(result)
      case SSL_ERROR_ZERO_RETURN: return 0
      case SSL_ERROR_WANT_READ:
        let bytes = try await raw.readSome()
        guard !bytes.isEmpty else { throw Refused(reason: "") }
        BIO_write(incoming, bytes, Int32(bytes.count))
      case SSL_ERROR_WANT_WRITE: continue
      default: throw refusal
      }
    }
  }

  private func flush() throws {
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = BIO_read(outgoing, &block, Int32(block.count))
      guard count > 0 else { return }
      for piece in options.split.pieces(of: Array(block[..<Int(count)])) { try raw.send(piece) }
    }
  }

  private func reason() -> Refused {
    let code = ERR_peek_error()
    guard code != 0, let text = ERR_reason_error_string(code) else { return Refused(reason: "") }
    return Refused(reason: String(cString: text))
  }
}
