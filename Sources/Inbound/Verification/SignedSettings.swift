import Crypto

/// What is signed besides the body, and how the signature is written.
public struct SignedSettings: Sendable {
  public enum TimeUnit: String, Sendable, CaseIterable {
    case seconds = "s"
    case milliseconds = "ms"
    /// RFC 3339, and Salesforce's offset without a colon.
    case iso = "iso"
  }

  public enum Encoding: String, Sendable, CaseIterable {
    case hex, base64, base64url

    func decode(_ text: some StringProtocol) -> [UInt8]? {
      switch self {
      case .hex: Hex.decode(text)
      case .base64: Base64.decode(text)
      case .base64url: Base64URL.decode(text)
      }
    }
  }

  /// The header that holds the signature.
  public var header: String
  /// The header that holds the time stamp, where there is one.
  public var timestamp: String?
  /// Instead of a header of its own: how the time stamp's element of the signature header begins, `t=`.
  public var timestampElement: String?
  public var unit: TimeUnit
  /// The header that holds the id, where one is signed.
  public var id: String?
  /// `{timestamp}`, `{id}` and `{body}` stand for themselves; nil: those that there are, with full stops between, the
  /// body last.
  public var signed: String?
  public var encoding: Encoding
  /// What stands before each signature: `sha256=`.
  public var prefix: String
  /// One character between the elements of the header, where it may hold several: signatures, or a time stamp as well.
  /// Elements that begin otherwise than `prefix` are not looked at.
  public var separator: String?
  /// Seconds that the time stamp may be off, either way.
  public var maxAge: Int64

  public init(
    header: String, timestamp: String? = nil, timestampElement: String? = nil, unit: TimeUnit = .seconds,
    id: String? = nil, signed: String? = nil, encoding: Encoding = .hex, prefix: String = "", separator: String? = nil,
    maxAge: Int64 = 300
  ) {
    self.header = header
    self.timestamp = timestamp
    self.timestampElement = timestampElement
    self.unit = unit
    self.id = id
    self.signed = signed
    self.encoding = encoding
    self.prefix = prefix
    self.separator = separator
    self.maxAge = maxAge
  }

  var hasTimestamp: Bool { timestamp != nil || timestampElement != nil }
}

public struct HMACSettings: Sendable {
  /// SHA-1 has to be named: it is there for senders that can do no better.
  public typealias Algorithm = Digest

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
    case rsaSHA384 = "rsa-sha384"
    case rsaSHA512 = "rsa-sha512"
    case rsaPSSSHA256 = "rsa-pss-sha256"
    case rsaPSSSHA384 = "rsa-pss-sha384"
    case rsaPSSSHA512 = "rsa-pss-sha512"
    /// The signature in DER, as most libraries write it.
    case ecdsaSHA256 = "ecdsa-sha256"
    case ecdsaSHA384 = "ecdsa-sha384"
    case ecdsaSHA512 = "ecdsa-sha512"
    /// The signature as r and s, one behind the other (IEEE P1363, WebCrypto, JWS).
    case ecdsaRawSHA256 = "ecdsa-raw-sha256"
    case ecdsaRawSHA384 = "ecdsa-raw-sha384"
    case ecdsaRawSHA512 = "ecdsa-raw-sha512"
    case ed25519

    public var scheme: SignatureAlgorithm {
      switch self {
      case .rsaSHA256: .rsaPKCS1(.sha256)
      case .rsaSHA384: .rsaPKCS1(.sha384)
      case .rsaSHA512: .rsaPKCS1(.sha512)
      case .rsaPSSSHA256: .rsaPSS(.sha256)
      case .rsaPSSSHA384: .rsaPSS(.sha384)
      case .rsaPSSSHA512: .rsaPSS(.sha512)
      case .ecdsaSHA256: .ecdsa(.sha256)
      case .ecdsaSHA384: .ecdsa(.sha384)
      case .ecdsaSHA512: .ecdsa(.sha512)
      case .ecdsaRawSHA256: .ecdsaRaw(.sha256)
      case .ecdsaRawSHA384: .ecdsaRaw(.sha384)
      case .ecdsaRawSHA512: .ecdsaRaw(.sha512)
      case .ed25519: .ed25519
      }
    }
  }

  public var signed: SignedSettings
  public var algorithm: Algorithm
  /// PEM: public keys or certificates. A certificate's validity is not looked at: it is pinned.
  public var publicKeys: [SourceSecret]

  public init(_ signed: SignedSettings, algorithm: Algorithm, publicKeys: [SourceSecret]) {
    self.signed = signed
    self.algorithm = algorithm
    self.publicKeys = publicKeys
  }
}
