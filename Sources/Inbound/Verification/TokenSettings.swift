import Crypto
import JWT

/// Where a request carries what proves it: a header, and the scheme before the value.
public struct Credential: Hashable, Sendable {
  public var header: String
  /// `Bearer`; empty where the value stands alone.
  public var scheme: String

  /// `scheme` nil: `Bearer` in `Authorization`, none elsewhere.
  public init(header: String = "authorization", scheme: String? = nil) {
    self.header = header
    self.scheme = scheme ?? (header.lowercased() == "authorization" ? "Bearer" : "")
  }

  public static let bearer = Credential()

  var isBearer: Bool { header.lowercased() == "authorization" && scheme.lowercased() == "bearer" }
}

/// A shared secret in a header (RFC 6750, and the keys that senders put into headers of their own).
public struct BearerSettings: Sendable {
  public var credential: Credential
  public var secrets: [SourceSecret]

  public init(_ credential: Credential = .bearer, secrets: [SourceSecret]) {
    self.credential = credential
    self.secrets = secrets
  }
}

/// A signed token in a header (RFC 7519).
public struct JWTSettings: Sendable {
  public struct Key: Sendable {
    /// PEM: a public key or a certificate.
    public var key: SourceSecret
    /// Its `kid`; a token that names another is not tried with it.
    public var id: String?
    /// What it signs with, and nothing else; nil: as its kind usually does (`JWTAlgorithm.usual`).
    public var algorithm: JWTAlgorithm?

    public init(_ key: SourceSecret, id: String? = nil, algorithm: JWTAlgorithm? = nil) {
      self.key = key
      self.id = id
      self.algorithm = algorithm
    }
  }

  /// A claim that binds the token to one body.
  public struct BodyHash: Hashable, Sendable {
    public var claim: String
    public var digest: Digest
    public var encoding: SignedSettings.Encoding

    public init(claim: String, digest: Digest = .sha256, encoding: SignedSettings.Encoding = .hex) {
      self.claim = claim
      self.digest = digest
      self.encoding = encoding
    }
  }

  public var credential: Credential
  public var keys: [Key]
  /// `aud` has to name one of them.
  public var audiences: [String]
  /// `iss` has to be it.
  public var issuer: String?
  /// Seconds for clocks that differ.
  public var leeway: Int64
  /// Seconds that a token may be good for.
  public var maxLifetime: Int64
  public var bodyHash: BodyHash?
  /// Whether one token may come with different bodies.
  public var isReusable: Bool

  public init(
    _ credential: Credential = .bearer, keys: [Key], audiences: [String], issuer: String? = nil, leeway: Int64 = 60,
    maxLifetime: Int64 = 600, bodyHash: BodyHash? = nil, isReusable: Bool = false
  ) {
    self.credential = credential
    self.keys = keys
    self.audiences = audiences
    self.issuer = issuer
    self.leeway = leeway
    self.maxLifetime = maxLifetime
    self.bodyHash = bodyHash
    self.isReusable = isReusable
  }
}

/// From where requests may come.
public struct AddressSettings: Sendable {
  /// CIDR ranges or single addresses.
  public var allow: [String]
  /// Salesforce's published file, `ip-ranges.json`.
  public var salesforce: SourceSecret?

  public init(allow: [String] = [], salesforce: SourceSecret? = nil) {
    self.allow = allow
    self.salesforce = salesforce
  }
}
