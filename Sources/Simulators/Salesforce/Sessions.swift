import Crypto
import Formats
import JWT

/// Sign-in by JWT bearer, and the sessions it gives (help.salesforce.com, remoteaccess_oauth_jwt_flow).
struct Sessions: Sendable {
  struct Session: Sendable {
    let expires: Int64
  }

  struct Refusal: Error {
    let error: String
    let description: String
  }

  let clientID: String
  let user: String
  let key: PublicKey
  let audiences: Set<String>
  /// How long a session lasts, in seconds.
  var lifetime: Int64 = 7200
  private(set) var open: [String: Session] = [:]

  init(clientID: String, user: String, key: PublicKey, audiences: Set<String>) {
    self.clientID = clientID
    self.user = user
    self.key = key
    self.audiences = audiences
  }

  /// The longest time an assertion may still have, in seconds.
  static let longestAssertion: Int64 = 300

  mutating func signIn(
    form: (String) -> String?, organization: String, now: Int64, base: String
  ) throws(Refusal) -> String {
    guard form("grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer" else {
      throw Refusal(error: "unsupported_grant_type", description: "grant type not supported")
    }
    guard let assertion = form("assertion"), !assertion.isEmpty else {
      throw Refusal(error: "invalid_request", description: "assertion required")
    }
    let token: JWT
    do { token = try JWT.verify(assertion, key: key, algorithm: .RS256) } catch {
      throw Refusal(error: "invalid_grant", description: "invalid assertion")
    }
    guard token.claims["iss"]?.string == clientID else {
      throw Refusal(error: "invalid_client_id", description: "client identifier invalid")
    }
    guard let audience = token.claims["aud"]?.string, audiences.contains(audience) || audience == base
    else {
      throw Refusal(error: "invalid_grant", description: "audience is invalid")
    }
    guard token.claims["sub"]?.string == user else {
      throw Refusal(error: "invalid_grant", description: "user hasn't approved this consumer")
    }
    // Seconds: an expiry in milliseconds lies thousands of years ahead and is refused for it.
    guard let expires = token.claims["exp"]?.int, expires > now else {
      throw Refusal(error: "invalid_grant", description: "expired authorization code")
    }
    guard expires - now <= Self.longestAssertion else {
      throw Refusal(error: "invalid_grant", description: "assertion expiry is too far in the future")
    }
    let session = "\(organization.prefix(15))!AQ\(Hex.encode(Random.bytes(45)))"
    open[session] = Session(expires: now + lifetime)
    return session
  }

  /// Using a session keeps it open.
  mutating func isOpen(_ session: String, now: Int64) -> Bool {
    guard let found = open[session] else { return false }
    guard found.expires > now else {
      open[session] = nil
      return false
    }
    open[session] = Session(expires: now + lifetime)
    return true
  }

  mutating func revoke(_ session: String) { open[session] = nil }
  mutating func revokeAll() { open = [:] }
}
