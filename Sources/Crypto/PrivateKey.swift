import COpenSSL

/// A key that signs.
public final class PrivateKey: Sendable {
  // Safe: an EVP_PKEY is not changed after it is made; OpenSSL may use it from many threads at once.
  nonisolated(unsafe) let key: OpaquePointer
  public let kind: KeyKind
  public let publicKey: PublicKey

  /// Takes the key over, also where it throws.
  private init(owning key: OpaquePointer?) throws(CryptoError) {
    guard let key else { throw .failed }
    do throws(CryptoError) {
      kind = try KeyKind(key)
      guard let der = DER.encode({ i2d_PUBKEY(key, $0) }) else { throw .malformedKey }
      publicKey = try PublicKey(der: der)
    } catch {
      EVP_PKEY_free(key)
      throw error
    }
    self.key = key
  }

  /// PKCS#8 (`BEGIN PRIVATE KEY`), or the older RSA and EC forms; not encrypted.
  public convenience init(pem: [UInt8]) throws(CryptoError) {
    let key = PEM.read(pem) { PEM_read_bio_PrivateKey($0, nil, PEM.noPassphrase, nil) }
    guard let key else { throw .malformedKey }
    try self.init(owning: key)
  }

  /// The 32 octets of seed of RFC 8032 5.1.5.
  public convenience init(ed25519 seed: [UInt8]) throws(CryptoError) {
    guard seed.count == 32 else { throw .malformedKey }
    try self.init(owning: EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count))
  }

  public static func generateRSA(bits: Int = 2_048) throws(CryptoError) -> PrivateKey {
    guard KeyKind.rsaBits.contains(bits) else { throw .unsupportedKey }
    return try PrivateKey(owning: causeway_generate_rsa(bits))
  }

  public static func generateP256() throws(CryptoError) -> PrivateKey {
    try PrivateKey(owning: causeway_generate_ec("P-256"))
  }

  public static func generateP384() throws(CryptoError) -> PrivateKey {
    try PrivateKey(owning: causeway_generate_ec("P-384"))
  }

  public static func generateEd25519() throws(CryptoError) -> PrivateKey {
    try PrivateKey(owning: causeway_generate_ed25519())
  }

  deinit { EVP_PKEY_free(key) }

  public func sign(_ message: [UInt8], _ algorithm: SignatureAlgorithm) throws(CryptoError) -> [UInt8] {
    guard algorithm.fits(kind) else { throw .wrongAlgorithm }
    defer { ERR_clear_error() }
    guard let context = EVP_MD_CTX_new() else { throw .failed }
    defer { EVP_MD_CTX_free(context) }
    var keyContext: OpaquePointer?
    guard EVP_DigestSignInit(context, &keyContext, algorithm.digest?.method, nil, key) == 1,
      algorithm.configure(keyContext)
    else { throw .failed }
    var length = 0
    guard EVP_DigestSign(context, nil, &length, message, message.count) == 1 else { throw .failed }
    var signature = [UInt8](repeating: 0, count: length)
    guard EVP_DigestSign(context, &signature, &length, message, message.count) == 1 else { throw .failed }
    signature.removeLast(signature.count - length)
    guard case .ecdsaRaw = algorithm else { return signature }
    guard let raw = RawSignature.raw(signature, scalarLength: kind.scalarLength) else { throw .failed }
    return raw
  }

  /// PKCS#8, `BEGIN PRIVATE KEY`, not encrypted.
  public func pem() throws(CryptoError) -> [UInt8] {
    try PEM.write { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) == 1 }
  }
}
