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
    try run(plaintext, key: key, nonce: nonce, additional: additional, tag: nil)
  }

  /// `sealed` is what `seal` returned. Throws `.notAuthentic`, and returns nothing, where anything was changed.
  public static func open(_ sealed: [UInt8], key: [UInt8], nonce: [UInt8], additional: [UInt8] = [])
    throws(CryptoError) -> [UInt8]
  {
    guard sealed.count >= tagLength else { throw .notAuthentic }
    let text = Array(sealed.dropLast(tagLength))
    return try run(text, key: key, nonce: nonce, additional: additional, tag: Array(sealed.suffix(tagLength)))
  }

  /// Decrypts where there is a tag to compare, else encrypts and appends one.
  private static func run(_ text: [UInt8], key: [UInt8], nonce: [UInt8], additional: [UInt8], tag: [UInt8]?)
    throws(CryptoError) -> [UInt8]
  {
    guard key.count == keyLength, nonce.count == nonceLength else { throw .unsupportedKey }
    guard text.count <= Int(Int32.max) - tagLength, additional.count <= Int(Int32.max) else { throw .failed }
    defer { ERR_clear_error() }
    guard let context = EVP_CIPHER_CTX_new() else { throw .failed }
    defer { EVP_CIPHER_CTX_free(context) }
    var ignored: Int32 = 0
    var out = [UInt8](repeating: 0, count: text.count + tagLength)
    guard EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce, tag == nil ? 1 : 0) == 1,
      additional.isEmpty
        || EVP_CipherUpdate(context, nil, &ignored, additional, Int32(additional.count)) == 1,
      text.isEmpty || EVP_CipherUpdate(context, &out, &ignored, text, Int32(text.count)) == 1
    else { throw .failed }
    var check = tag ?? [UInt8](repeating: 0, count: tagLength)
    if tag != nil {
      guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &check) == 1 else { throw .failed }
    }
    var last = [UInt8](repeating: 0, count: tagLength)
    guard EVP_CipherFinal_ex(context, &last, &ignored) == 1 else { throw tag == nil ? .failed : .notAuthentic }
    out.removeLast(tagLength)
    guard tag == nil else { return out }
    guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), &check) == 1 else { throw .failed }
    return out + check
  }
}
