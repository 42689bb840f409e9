import COpenSSL

/// How a message is signed.
public enum SignatureAlgorithm: Hashable, Sendable {
  /// RSASSA-PKCS1-v1_5 (RFC 8017 8.2).
  case rsaPKCS1(Digest)
  /// RSASSA-PSS (RFC 8017 8.1), MGF1 with the same digest, salt as long as the digest.
  case rsaPSS(Digest)
  /// ECDSA (FIPS 186-5), signature in DER.
  case ecdsa(Digest)
  /// ECDSA, signature r || s, each as long as the curve's order: the form of JWS (RFC 7518 3.4).
  case ecdsaRaw(Digest)
  /// Ed25519 (RFC 8032), 64 octets.
  case ed25519

  var digest: Digest? {
    switch self {
    case .rsaPKCS1(let digest), .rsaPSS(let digest), .ecdsa(let digest), .ecdsaRaw(let digest): digest
    case .ed25519: nil
    }
  }

  public func fits(_ kind: KeyKind) -> Bool {
    switch (self, kind) {
    case (.rsaPKCS1, .rsa), (.rsaPSS, .rsa), (.ecdsa, .p256), (.ecdsa, .p384), (.ecdsaRaw, .p256), (.ecdsaRaw, .p384),
      (.ed25519, .ed25519):
      true
    default: false
    }
  }

  /// Sets PSS up; nothing to do for the others.
  func configure(_ context: OpaquePointer?) -> Bool {
    guard case .rsaPSS(let digest) = self else { return true }
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0
      && EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest.method) > 0
      && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, Int32(digest.length)) > 0
  }
}

/// The keys that are accepted: RSA from 2048 bits, two curves, Ed25519.
public enum KeyKind: Hashable, Sendable {
  case rsa(bits: Int)
  case p256, p384, ed25519

  static let rsaBits = 2_048...16_384

  init(_ key: OpaquePointer) throws(CryptoError) {
    switch EVP_PKEY_get_base_id(key) {
    case EVP_PKEY_RSA:
      let bits = Int(EVP_PKEY_get_bits(key))
      guard Self.rsaBits.contains(bits) else { throw .unsupportedKey }
      self = .rsa(bits: bits)
    case EVP_PKEY_ED25519: self = .ed25519
    case EVP_PKEY_EC:
      switch Self.curve(key) {
      case "prime256v1": self = .p256
      case "secp384r1": self = .p384
      default: throw .unsupportedKey
      }
    default: throw .unsupportedKey
    }
  }

  /// The curve's name; empty for one that is given by explicit parameters, which nobody should trust.
  private static func curve(_ key: OpaquePointer) -> String {
    var name = [CChar](repeating: 0, count: 64)
    var length = 0
    guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else { return "" }
    return String(decoding: name[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Octets of r and of s.
  var scalarLength: Int {
    switch self {
    case .p256: 32
    case .p384: 48
    case .rsa, .ed25519: 0
    }
  }
}
