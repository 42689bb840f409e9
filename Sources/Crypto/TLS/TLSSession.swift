import COpenSSL
import Glibc

/// One connection's TLS over a socket that does not block: attempts, which never wait.
// Safe: used by one thread at a time, the loop's that its stream is on.
public final class TLSSession: @unchecked Sendable {
  /// What an attempt came to.
  public enum Step: Sendable {
    /// Done; so many bytes were read or written. Reading 0 is the peer's end.
    case done(Int)
    /// Again when the socket can be read; a write may want this too.
    case wantsRead
    /// Again when the socket can be written; a read may want this too.
    case wantsWrite
    case failed(TLSFailure)
  }

  private let ssl: OpaquePointer
  /// What the callbacks look at: it lives as long as the session.
  private let context: TLSContext
  private var hasFailed = false
  private var hasSaidClose = false

  /// nil where there is no memory.
  public init?(_ context: TLSContext, descriptor: Int32) {
    defer { ERR_clear_error() }
    guard let ssl = SSL_new(context.contexts[0]) else { return nil }
    guard let bio = SocketBIO.make(descriptor) else {
      SSL_free(ssl)
      return nil
    }
    SSL_set_bio(ssl, bio, bio)
    SSL_set_accept_state(ssl)
    self.ssl = ssl
    self.context = context
  }

  deinit { SSL_free(ssl) }

  public func shakeHands() -> Step { attempt { SSL_do_handshake(ssl) == 1 ? 0 : nil } }

  public func read(into buffer: UnsafeMutableRawBufferPointer) -> Step {
    attempt {
      var count = 0
      return SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count) == 1 ? count : nil
    }
  }

  /// A part may be written. An attempt that wants something has to be repeated with the same bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) -> Step {
    guard !bytes.isEmpty else { return .done(0) }
    return attempt {
      var count = 0
      return SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &count) == 1 ? count : nil
    }
  }

  /// Says that nothing more will be written (RFC 8446 6.1), where it can be said: not in the middle of a handshake, and
  /// not after a failure. Does not wait for the peer's word.
  public func sayClose() {
    guard !hasFailed, !hasSaidClose, SSL_is_init_finished(ssl) == 1 else { return }
    hasSaidClose = true
    ERR_clear_error()
    _ = SSL_shutdown(ssl)
    ERR_clear_error()
  }

  /// Bytes were taken from the socket that nobody has read yet.
  public var hasBytes: Bool { SSL_has_pending(ssl) == 1 }

  /// The session is an earlier one's, by its ticket.
  public var isResumed: Bool { SSL_session_reused(ssl) == 1 }

  /// What the client presented, and what was found good; nil where it presented none.
  public var peerCertificate: Certificate? {
    guard SSL_is_init_finished(ssl) == 1, SSL_get_verify_result(ssl) == Int(X509_V_OK),
      let certificate = SSL_get1_peer_certificate(ssl)
    else { return nil }
    return Certificate(owning: certificate)
  }

  /// The thread's list of errors is empty before, for OpenSSL takes what stands there for its own, and after.
  private func attempt(_ body: () -> Int?) -> Step {
    guard !hasFailed else { return .failed(.gone) }
    ERR_clear_error()
    if let count = body() { return .done(count) }
    defer { ERR_clear_error() }
    switch SSL_get_error(ssl, 0) {
    case SSL_ERROR_WANT_READ: return .wantsRead
    case SSL_ERROR_WANT_WRITE: return .wantsWrite
    case SSL_ERROR_ZERO_RETURN:
      if SSL_is_init_finished(ssl) == 1 { return .done(0) }
      hasFailed = true
      return .failed(.gone)
    case SSL_ERROR_SSL:
      hasFailed = true
      return .failed(failure())
    default:
      hasFailed = true
      return .failed(.gone)
    }
  }

  private func failure() -> TLSFailure {
    let code = ERR_peek_error()
    if ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST { return .plainHTTP }
    let result = SSL_get_verify_result(ssl)
    if ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED || result != Int(X509_V_OK) {
      return .clientCertificate(String(cString: X509_verify_cert_error_string(result)))
    }
    return .refused(TLSReason.last)
  }
}

/// Why a connection's TLS came to nothing.
public enum TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The peer closed it, or the network did.
  case gone
  /// The peer speaks HTTP without TLS.
  case plainHTTP
  /// A client certificate was presented and is not good; OpenSSL's words for why.
  case clientCertificate(String)
  /// Anything else; the peer was told by an alert.
  case refused(String)

  public var description: String {
    switch self {
    case .gone: "the connection ended"
    case .plainHTTP: "plain HTTP came where TLS was expected"
    case .clientCertificate(let why): "client certificate refused: \(why)"
    case .refused(let why): "TLS refused: \(why)"
    }
  }
}
