import Crypto
import Events

/// How to reach one Salesforce org and sign in to it.
public struct SalesforceSettings: Sendable {
  /// The org's id, 18 characters, as events name it.
  public var organization: String
  /// Where tokens come from: `https://login.salesforce.com`, `https://test.salesforce.com` or the org's own site.
  public var url: String
  public var clientID: String
  public var user: String
  /// RSA; its certificate is registered with the connected app.
  public var key: PrivateKey
  /// The assertion's `aud`; nil: what the URL asks for.
  public var audience: String?
  public var version = "v62.0"
  /// Milliseconds for one call.
  public var timeout: Int64 = 60_000
  public var schema: Schema

  public init(
    organization: String, url: String, clientID: String, user: String, key: PrivateKey, schema: Schema = .salesforce
  ) {
    self.organization = organization
    self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    self.clientID = clientID
    self.user = user
    self.key = key
    self.schema = schema
  }
}

/// What `Sforce-Limit-Info` said last: calls used of those allowed in 24 hours.
public struct APIUsage: Sendable, Hashable {
  public let used: Int64
  public let allowed: Int64

  public init(used: Int64, allowed: Int64) {
    self.used = used
    self.allowed = allowed
  }
}
