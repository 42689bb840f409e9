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

extension Verification {
  /// The names of its keys, in the order in which its check counts them.
  public var keys: [String] {
    switch self {
    case .token(let secrets), .standardWebhooks(let secrets, _): secrets.map(\.name)
    case .hmac(let settings): settings.secrets.map(\.name)
    case .signature(let settings): settings.publicKeys.map(\.name)
    case .clientCertificate(let pins): pins
    }
  }
}
