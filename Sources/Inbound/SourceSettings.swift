/// An endpoint as it is configured. Secrets are named here and read when the endpoint is opened.
public struct SourceSettings: Sendable {
  /// The endpoint's name.
  public var name: String
  /// One of `SourceCatalogue.kinds`.
  public var kind: String
  /// Salesforce: 15 or 18 characters.
  public var organization: String?
  /// NetSuite.
  public var account: String?
  /// JSON, and platform events that bring no identity: a CEL expression over `body` and `headers`, or `body-hash`.
  public var id: String?
  /// The same for the order key.
  public var key: String?
  /// Nil: the endpoint says nothing of it, which is refused.
  public var verify: Verify?
  /// Change events by entity, for bitmaps of the Pub/Sub API. Bitmaps of other entities are kept as they came.
  public var changeEventFields: [String: [ChangeEventField]]

  public enum Verify: Sendable {
    /// `verify: none`.
    case nothing
    /// Every one must hold.
    case all([Verification])
  }

  public init(
    name: String, kind: String, organization: String? = nil, account: String? = nil, id: String? = nil,
    key: String? = nil, verify: Verify? = nil, changeEventFields: [String: [ChangeEventField]] = [:]
  ) {
    self.name = name
    self.kind = kind
    self.organization = organization
    self.account = account
    self.id = id
    self.key = key
    self.verify = verify
    self.changeEventFields = changeEventFields
  }
}

/// One entry of `verify`.
public enum Verification: Sendable {
  /// The last part of the path, `/hooks/{endpoint}/{token}`.
  case token(secrets: [SourceSecret])
  case hmac(HMACSettings)
  case standardWebhooks(secrets: [SourceSecret], tolerance: Int64 = 300)
  case signature(SignatureSettings)
  case clientCertificate(sha256: [String])

  public var name: String {
    switch self {
    case .token: "token"
    case .hmac: "hmac"
    case .standardWebhooks: "standard-webhooks"
    case .signature: "signature"
    case .clientCertificate: "client-certificate"
    }
  }
}

/// A secret or a key: where it comes from, and how to read it.
public struct SourceSecret: Sendable {
  /// As the configuration names it (`env:CRM_TOKEN`); shown to people.
  public let name: String
  let read: @Sendable () throws -> [UInt8]

  public init(_ name: String, read: @escaping @Sendable () throws -> [UInt8]) {
    self.name = name
    self.read = read
  }

  public init(_ name: String, bytes: [UInt8]) {
    self.init(name) { bytes }
  }
}

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

/// What is wrong with an endpoint's settings, or merely doubtful.
public struct SettingsProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The key in the endpoint's settings: `verify`, `organization`, `id`.
  public let place: String
  public let message: String
  public let isWarning: Bool

  init(_ place: String, _ message: String, isWarning: Bool = false) {
    self.place = place
    self.message = message
    self.isWarning = isWarning
  }

  public var description: String { "\(place): \(message)" }
}
