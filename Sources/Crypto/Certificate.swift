import COpenSSL

/// An X.509 certificate (RFC 5280), to be compared, and to give its key and its names; chains are TLS's business.
public final class Certificate: Sendable {
  // Safe: not changed after it is made; reading it from many threads at once is allowed.
  nonisolated(unsafe) let certificate: OpaquePointer

  /// The first certificate in the text.
  public init(pem: [UInt8]) throws(CryptoError) {
    guard let certificate = PEM.read(pem, { PEM_read_bio_X509($0, nil, PEM.noPassphrase, nil) }) else {
      throw .malformedKey
    }
    self.certificate = certificate
  }

  public init(der: [UInt8]) throws(CryptoError) {
    guard let certificate = DER.decode(der, { d2i_X509(nil, $0, $1) }, free: { X509_free($0) }) else {
      throw .malformedKey
    }
    self.certificate = certificate
  }

  /// Takes it over.
  init(owning certificate: OpaquePointer) { self.certificate = certificate }

  deinit { X509_free(certificate) }

  public var der: [UInt8] { DER.encode { i2d_X509(certificate, $0) } ?? [] }

  /// SHA-256 of the DER, as `client-certificate: sha256` compares it.
  public var fingerprint: [UInt8] { Digest.sha256.hash(der) }

  public func publicKey() throws(CryptoError) -> PublicKey { try PublicKey(owning: try ownedKey()) }

  /// The key, with a reference that the caller has to take over. A method, so that the certificate outlives the call.
  func ownedKey() throws(CryptoError) -> OpaquePointer {
    defer { ERR_clear_error() }
    guard let key = X509_get_pubkey(certificate) else { throw .malformedKey }
    return key
  }
}
