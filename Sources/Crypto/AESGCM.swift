import COpenSSL

/// AES-256 in Galois/Counter Mode (SP 800-38D) with nonces of 12 octets and tags of 16.
///
/// One nonce may never serve twice under one key: the second use gives the key away.
public enum AESGCM {
  public static let keyLength = 32
  public static let nonceLength = 12
  public static let tagLength = 16

  /// Ciphertext, then the tag.
  public static func seal(_ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], additional: [UInt8] = [])
    throws(CryptoError) -> [UInt8]
  {
    guard nonce.count == nonceLength else { throw .unsupportedKey }
    let context = try AESGCMContext(key: key)
    var sealed = plaintext + [UInt8](repeating: 0, count: tagLength)
    let isSealed = sealed.withUnsafeMutableBytes { all in
      nonce.withUnsafeBytes { nonce in
        additional.withUnsafeBytes { context.seal(all, nonce: nonce, additional: $0) }
      }
    }
    guard isSealed else { throw .failed }
    return sealed
  }

  /// `sealed` is what `seal` returned. Throws `.notAuthentic`, and returns nothing, where anything was changed.
  public static func open(_ sealed: [UInt8], key: [UInt8], nonce: [UInt8], additional: [UInt8] = [])
    throws(CryptoError) -> [UInt8]
  {
    guard nonce.count == nonceLength else { throw .unsupportedKey }
    guard sealed.count >= tagLength else { throw .notAuthentic }
    let context = try AESGCMContext(key: key)
    var text = [UInt8](repeating: 0, count: sealed.count - tagLength)
    let isAuthentic = text.withUnsafeMutableBytes { text in
      sealed.withUnsafeBytes { sealed in
        nonce.withUnsafeBytes { nonce in
          additional.withUnsafeBytes { context.open(sealed, into: text, nonce: nonce, additional: $0) }
        }
      }
    }
    guard isAuthentic else { throw .notAuthentic }
    return text
  }
}

/// AES-256-GCM under one key that is made ready once, for many small pieces: nothing is allocated for each. Belongs to
/// one thread at a time.
public final class AESGCMContext {
  private let context: OpaquePointer

  public init(key: [UInt8]) throws(CryptoError) {
    guard key.count == AESGCM.keyLength else { throw .unsupportedKey }
    guard let context = EVP_CIPHER_CTX_new() else { throw .failed }
    self.context = context
    guard EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nil, key, nil, 1) == 1 else {
      ERR_clear_error()
      throw .failed
    }
  }

  // It wipes the key.
  deinit { EVP_CIPHER_CTX_free(context) }

  /// Encrypts in place all but the last 16 octets, which become the tag. False where a length is not possible, or OpenSSL
  /// refuses for another reason.
  public func seal(
    _ text: UnsafeMutableRawBufferPointer, nonce: UnsafeRawBufferPointer, additional: UnsafeRawBufferPointer
  ) -> Bool {
    let count = text.count - AESGCM.tagLength
    guard count >= 0, let start = text.baseAddress else { return false }
    guard begin(nonce, additional, count, encrypts: 1), update(UnsafeRawPointer(start), start, count),
      finish(), EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(AESGCM.tagLength), start + count) == 1
    else {
      ERR_clear_error()
      return false
    }
    return true
  }

  /// Decrypts what `seal` made into `text`, which is 16 octets shorter. False where anything was changed: what is in
  /// `text` then is nobody's, and zero.
  public func open(
    _ sealed: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer, nonce: UnsafeRawBufferPointer,
    additional: UnsafeRawBufferPointer
  ) -> Bool {
    guard sealed.count == text.count + AESGCM.tagLength, let start = sealed.baseAddress else { return false }
    // OpenSSL copies the tag; its interface is older than const.
    let tag = UnsafeMutableRawPointer(mutating: start + text.count)
    guard begin(nonce, additional, text.count, encrypts: 0), update(start, text.baseAddress, text.count),
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(AESGCM.tagLength), tag) == 1, finish()
    else {
      ERR_clear_error()
      text.initializeMemory(as: UInt8.self, repeating: 0)
      return false
    }
    return true
  }

  private func begin(
    _ nonce: UnsafeRawBufferPointer, _ additional: UnsafeRawBufferPointer, _ count: Int, encrypts: Int32
  ) -> Bool {
    guard nonce.count == AESGCM.nonceLength, count <= Int(Int32.max), additional.count <= Int(Int32.max) else {
      return false
    }
    let bytes = nonce.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard EVP_CipherInit_ex(context, nil, nil, nil, bytes, encrypts) == 1 else { return false }
    return update(additional.baseAddress, nil, additional.count)
  }

  private func update(_ from: UnsafeRawPointer?, _ to: UnsafeMutableRawPointer?, _ count: Int) -> Bool {
    var written: Int32 = 0
    return count == 0
      || EVP_CipherUpdate(
        context, to?.assumingMemoryBound(to: UInt8.self), &written, from?.assumingMemoryBound(to: UInt8.self),
        Int32(count)) == 1
  }

  private func finish() -> Bool {
    // GCM has nothing left to write.
    var nothing: (UInt64, UInt64) = (0, 0)
    var written: Int32 = 0
    return withUnsafeMutableBytes(of: &nothing) {
      EVP_CipherFinal_ex(context, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), &written) == 1
    }
  }
}
