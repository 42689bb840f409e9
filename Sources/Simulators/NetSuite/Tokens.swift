import Crypto
import Formats
import JWT

/// OAuth 2.0 client credentials with a certificate (NetSuite help, section_162755359851 and section_162790605110).
struct Tokens: Sendable {
  struct Refusal: Error {
    let error: String
    let description: String
  }

  let clientID: String
  /// The certificate's id in the mapping: the assertion's `kid`.
  let certificateID: String
  let key: PublicKey
  /// Seconds.
  var lifetime: Int64 = 3600
  private(set) var open: [String: Int64] = [:]

  init(clientID: String, certificateID: String, key: PublicKey) {
    self.clientID = clientID
    self.certificateID = certificateID
    self.key = key
  }

  mutating func grant(form: (String) -> String?, endpoint: String, now: Int64) throws(Refusal) -> String {
    guard form("grant_type") == "client_credentials" else {
      throw Refusal(error: "unsupported_grant_type", description: "The grant type is not supported.")
    }
    guard form("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      let assertion = form("client_assertion")
    else { throw Refusal(error: "invalid_request", description: "The client assertion is missing.") }
    let token = try verified(assertion)
    let invalid = Refusal(error: "invalid_client", description: "The client assertion is not valid.")
    let claims = token.claims
    guard token.header["kid"]?.string == certificateID, claims["iss"]?.string == clientID else { throw invalid }
    guard claims["aud"]?.string == endpoint || claims["aud"]?.array?.contains(.string(endpoint)) ?? false else {
      throw invalid
    }
    let scopes =
      claims["scope"]?.array?.compactMap(\.string)
      ?? claims["scope"]?.string?.split { $0 == "," || $0 == " " }.map(String.init) ?? []
    guard scopes.contains("rest_webservices"),
      scopes.allSatisfy({ ["rest_webservices", "restlets", "suite_analytics"].contains($0) })
    else { throw Refusal(error: "invalid_scope", description: "The requested scope is not valid.") }
    guard let issued = claims["iat"]?.int, let expires = claims["exp"]?.int, expires > now, issued <= now + 60,
      expires - issued <= 3600
    else { throw invalid }
    let access = "eyJ" + Base64URL.encode(Random.bytes(60))
    open[access] = now + lifetime
    return access
  }

  /// By the algorithm its header names, of those that NetSuite still takes: RS256 is none of them.
  private func verified(_ assertion: String) throws(Refusal) -> JWT {
    for algorithm in [JWTAlgorithm.ES256, .PS256] {
      do { return try JWT.verify(assertion, key: key, algorithm: algorithm) } catch { continue }
    }
    throw Refusal(error: "invalid_client", description: "The client assertion is not valid.")
  }

  func isOpen(_ token: String, now: Int64) -> Bool { (open[token] ?? 0) > now }
  mutating func revoke(_ token: String) { open[token] = nil }
  mutating func revokeAll() { open = [:] }
}
