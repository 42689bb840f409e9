/// Why a cryptographic operation could not be done. Never says anything about the secret it was given.
public enum CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Not PEM or not DER of what was expected, or encrypted.
  case malformedKey
  /// A kind of key, a curve or a size that is not accepted here.
  case unsupportedKey
  /// The algorithm does not belong to this kind of key.
  case wrongAlgorithm
  case malformedSecret
  /// Ciphertext, tag, nonce, additional data or key are not the ones it was sealed with.
  case notAuthentic
  /// OpenSSL refused for another reason, memory say.
  case failed

  public var description: String {
    switch self {
    case .malformedKey: "the key or certificate cannot be read"
    case .unsupportedKey: "the key's kind, curve or size is not supported"
    case .wrongAlgorithm: "the algorithm does not belong to this kind of key"
    case .malformedSecret: "the secret is malformed"
    case .notAuthentic: "the data is not authentic"
    case .failed: "OpenSSL failed"
    }
  }
}
