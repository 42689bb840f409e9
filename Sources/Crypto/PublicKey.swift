import COpenSSL

/// A key that verifies signatures.
public final class PublicKey: Sendable {
  // Safe: an EVP_PKEY is not changed after it is made; OpenSSL may use it from many threads at once.
  nonisolated(unsafe) let key: OpaquePointer
  public let kind: KeyKind

  /// Takes the key over, also where it throws.
  init(owning key: OpaquePointer) throws(CryptoError) {
    do throws(CryptoError) {
      kind = try KeyKind(key)
    } catch {
      EVP_PKEY_free(key)
      throw error
    }
    self.key = key
  }

  /// The first PEM block that is a SubjectPublicKeyInfo (`BEGIN PUBLIC KEY`) or else a certificate, whose validity is not
  /// looked at.
  public convenience init(pem: [UInt8]) throws(CryptoError) {
    if let key = PEM.read(pem, { PEM_read_bio_PUBKEY($0, nil, PEM.noPassphrase, nil) }) {
      try self.init(owning: key)
      return
    }
    try self.init(owning: try Certificate(pem: pem).ownedKey())
  }

  /// A SubjectPublicKeyInfo.
  public convenience init(der: [UInt8]) throws(CryptoError) {
    let key = DER.decode(der, { d2i_PUBKEY(nil, $0, $1) }, free: { EVP_PKEY_free($0) })
    guard let key else { throw .malformedKey }
    try self.init(owning: key)
  }

  /// The 32 octets of RFC 8032 5.1.5.
  public convenience init(ed25519 raw: [UInt8]) throws(CryptoError) {
    defer { ERR_clear_error() }
    guard raw.count == 32, let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, raw, raw.count) else {
      throw .malformedKey
    }
    try self.init(owning: key)
  }

  deinit { EVP_PKEY_free(key) }

  /// False also where the algorithm does not belong to the key, or the signature is malformed.
  public func verify(_ signature: [UInt8], of message: [UInt8], _ algorithm: SignatureAlgorithm) -> Bool {
    guard algorithm.fits(kind) else { return false }
    var signature = signature
    if case .ecdsaRaw = algorithm {
      guard let der = RawSignature.der(signature, scalarLength: kind.scalarLength) else { return false }
      signature = der
    }
    defer { ERR_clear_error() }
    guard let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    var keyContext: OpaquePointer?
    guard EVP_DigestVerifyInit(context, &keyContext, algorithm.digest?.method, nil, key) == 1,
      algorithm.configure(keyContext)
    else { return false }
    return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }

  /// SubjectPublicKeyInfo.
  public var der: [UInt8] { DER.encode { i2d_PUBKEY(key, $0) } ?? [] }

  /// SubjectPublicKeyInfo, `BEGIN PUBLIC KEY`.
  public func pem() throws(CryptoError) -> [UInt8] {
    try PEM.write { PEM_write_bio_PUBKEY($0, key) == 1 }
  }

  /// The 32 octets of an Ed25519 key.
  public var rawEd25519: [UInt8]? {
    guard kind == .ed25519 else { return nil }
    var raw = [UInt8](repeating: 0, count: 32)
    var count = raw.count
    return EVP_PKEY_get_raw_public_key(key, &raw, &count) == 1 && count == 32 ? raw : nil
  }
}
