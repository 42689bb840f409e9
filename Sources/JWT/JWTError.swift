/// Why a token was not accepted.
public enum JWTError: Error, Hashable, Sendable {
  /// Not three parts of canonical base64url, or the header or the claims are not a JSON object.
  case malformed
  /// The header names another algorithm than the expected one, or the key is not one for it.
  case wrongAlgorithm
  /// The header asks for an extension (`crit`, `b64`); none is understood here.
  case unsupported
  case badSignature
  case noExpiry
  case expired
  case notYetValid
  /// Its lifetime is longer than is allowed here.
  case livesTooLong
}
