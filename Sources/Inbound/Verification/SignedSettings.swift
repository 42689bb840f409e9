import Crypto

/// What is signed besides the body, and how the signature is written.
public struct SignedSettings: Sendable {
  public enum TimeUnit: String, Sendable, CaseIterable {
    case seconds = "s"
    case milliseconds = "ms"
    /// RFC 3339.
    case iso = "iso"
  }

  public enum Encoding: String, Sendable, CaseIterable { case hex, base64, base64url }

  /// The header that holds the signature.
  public var header: String
  /// The header that holds the time stamp, where there is one.
  public var timestamp: String?
  public var unit: TimeUnit
  /// `{timestamp}` and `{body}` stand for themselves; nil: `{timestamp}.{body}` with a time stamp, else `{body}`.
  public var signed: String?
  public var encoding: Encoding
  /// What stands before the signature: `sha256=`.
  public var prefix: String
  /// Seconds that the time stamp may be off, either way.
  public var maxAge: Int64

  public init(
    header: String, timestamp: String? = nil, unit: TimeUnit = .seconds, signed: String? = nil,
    encoding: Encoding = .hex, prefix: String = "", maxAge: Int64 = 300
  ) {
    self.header = header
    self.timestamp = timestamp
    self.unit = unit
    self.signed = signed
    self.encoding = encoding
    self.prefix = prefix
    self.maxAge = maxAge
  }
}

public struct HMACSettings: Sendable {
  public enum Algorithm: String, Sendable, CaseIterable { case sha256, sha384, sha512 }

  public var signed: SignedSettings
  public var algorithm: Algorithm
  public var secrets: [SourceSecret]

  public init(_ signed: SignedSettings, algorithm: Algorithm = .sha256, secrets: [SourceSecret]) {
    self.signed = signed
    self.algorithm = algorithm
    self.secrets = secrets
  }
}

public struct SignatureSettings: Sendable {
  public enum Algorithm: String, Sendable, CaseIterable {
    case rsaSHA256 = "rsa-sha256"
    case rsaPSSSHA256 = "rsa-pss-sha256"
    /// The signature in DER.
    case ecdsaSHA256 = "ecdsa-sha256"
    case ed25519
  }

  public var signed: SignedSettings
  public var algorithm: Algorithm
  /// PEM: public keys or certificates.
  public var publicKeys: [SourceSecret]

  public init(_ signed: SignedSettings, algorithm: Algorithm, publicKeys: [SourceSecret]) {
    self.signed = signed
    self.algorithm = algorithm
    self.publicKeys = publicKeys
  }
}
