/// One entry of `verify`.
public enum Verification: Sendable {
  /// The last part of the path, `/hooks/{endpoint}/{token}`.
  case token(secrets: [SourceSecret])
  case hmac(HMACSettings)
  case standardWebhooks(secrets: [SourceSecret], tolerance: Int64 = 300)
  case signature(SignatureSettings)
  case jwt(JWTSettings)
  /// Each secret is `user:password` (RFC 7617).
  case basic(secrets: [SourceSecret])
  case bearer(BearerSettings)
  case clientCertificate(ClientCertificateSettings)
  case addresses(AddressSettings)

  public var name: String {
    switch self {
    case .token: "token"
    case .hmac: "hmac"
    case .standardWebhooks: "standard-webhooks"
    case .signature: "signature"
    case .jwt: "jwt"
    case .basic: "basic"
    case .bearer: "bearer"
    case .clientCertificate: "client-certificate"
    case .addresses: "addresses"
    }
  }

  /// The names of its keys, in the order in which its check counts them.
  public var keys: [String] {
    switch self {
    case .token(let secrets), .standardWebhooks(let secrets, _), .basic(let secrets): secrets.map(\.name)
    case .hmac(let settings): settings.secrets.map(\.name)
    case .signature(let settings): settings.publicKeys.map(\.name)
    case .jwt(let settings): settings.keys.map(\.key.name)
    case .bearer(let settings): settings.secrets.map(\.name)
    case .clientCertificate(let settings): settings.names
    case .addresses: []
    }
  }

  /// What a 401 says of how to prove oneself (RFC 9110 11.6.1); nil where no scheme of HTTP is meant.
  var challenge: String? {
    switch self {
    case .basic: #"Basic realm="webhooks", charset="UTF-8""#
    case .jwt(let settings): settings.credential.isBearer ? #"Bearer realm="webhooks""# : nil
    case .bearer(let settings): settings.credential.isBearer ? #"Bearer realm="webhooks""# : nil
    default: nil
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

  func bytes() throws(SettingsProblem) -> [UInt8] {
    let bytes: [UInt8]
    do { bytes = try read() } catch { throw SettingsProblem("verify", "\(name): \(error)") }
    guard !bytes.isEmpty else { throw SettingsProblem("verify", "\(name) is empty") }
    return bytes
  }
}
