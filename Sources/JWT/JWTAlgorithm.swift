import Crypto

/// The signatures of RFC 7518 3.1 and RFC 8037 that are used here. `none` does not exist, and HMAC is apart (`JWS`), so
/// that nobody can take a public key's text for a shared secret.
public enum JWTAlgorithm: String, Hashable, Sendable, CaseIterable {
  case RS256, RS384, RS512
  case PS256, PS384, PS512
  case ES256, ES384
  case EdDSA

  var signature: SignatureAlgorithm {
    switch self {
    case .RS256: .rsaPKCS1(.sha256)
    case .RS384: .rsaPKCS1(.sha384)
    case .RS512: .rsaPKCS1(.sha512)
    case .PS256: .rsaPSS(.sha256)
    case .PS384: .rsaPSS(.sha384)
    case .PS512: .rsaPSS(.sha512)
    case .ES256: .ecdsaRaw(.sha256)
    case .ES384: .ecdsaRaw(.sha384)
    case .EdDSA: .ed25519
    }
  }

  /// What a key signs with where nothing else is said: RS256, ES256, ES384, EdDSA.
  public static func usual(for kind: KeyKind) -> JWTAlgorithm {
    switch kind {
    case .rsa: .RS256
    case .p256: .ES256
    case .p384: .ES384
    case .ed25519: .EdDSA
    }
  }

  /// Each elliptic algorithm has its one curve (RFC 7518 3.4).
  public func fits(_ kind: KeyKind) -> Bool {
    switch self {
    case .RS256, .RS384, .RS512, .PS256, .PS384, .PS512: if case .rsa = kind { true } else { false }
    case .ES256: kind == .p256
    case .ES384: kind == .p384
    case .EdDSA: kind == .ed25519
    }
  }
}
