import Crypto
import Events
import JWT

/// How to reach one NetSuite account and sign in to it.
public struct NetSuiteSettings: Sendable {
  /// As NetSuite writes it: `1234567_SB1`.
  public var account: String
  /// `https://1234567-sb1.suitetalk.api.netsuite.com`.
  public var url: String
  public var clientID: String
  /// The id that NetSuite gave the certificate: the assertion's `kid`.
  public var certificateID: String
  /// RSA of 3072 bits or more, or P-256.
  public var key: PrivateKey
  /// Requests under way at a time, of the account's pool.
  public var concurrency = 4
  /// Milliseconds for one call. An account at its limit may take a minute to say so.
  public var timeout: Int64 = 90_000
  public var schema: Schema

  public init(
    account: String, url: String, clientID: String, certificateID: String, key: PrivateKey, concurrency: Int = 4,
    schema: Schema = .netsuite
  ) {
    self.account = account
    self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    self.clientID = clientID
    self.certificateID = certificateID
    self.key = key
    self.concurrency = concurrency
    self.schema = schema
  }

  var algorithm: JWTAlgorithm {
    switch key.kind {
    case .p256: .ES256
    case .p384: .ES384
    default: .PS256
    }
  }
}
