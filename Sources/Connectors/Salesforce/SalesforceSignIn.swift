import Client
import Crypto
import Events
import Formats
import HTTP
import JWT
import Posix

/// OAuth 2.0 with a JWT bearer assertion (facts 4; Salesforce help, remoteaccess_oauth_jwt_flow).
struct SalesforceSignIn: Sendable {
  let settings: SalesforceSettings
  let client: any HTTPClient
  let calls: CallCounter

  func token() async throws(Failure) -> Token {
    let request = OutgoingRequest(
      method: .post, url: settings.url + "/services/oauth2/token",
      fields: ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"],
      body: form(["grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": try assertion()]),
      deadline: settings.timeout)
    calls.add()
    let response: ClientResponse
    do throws(ClientError) { response = try await client.send(request) } catch {
      throw error.failure(.signIn, .salesforce, "Salesforce")
    }
    let answer = (try? JSON.parse(response.body)) ?? .null
    guard response.status == 200, let token = answer["access_token"]?.string, !token.isEmpty else {
      throw refused(response, answer)
    }
    // The session's length is the org's setting and not told; a refused token is renewed.
    return Token(text: token, base: try base(answer["instance_url"]?.string), expires: Token.deadline(in: 3_600))
  }

  private func assertion() throws(Failure) -> String {
    let now = Clock.wall().seconds
    let claims: JSONObject = [
      "iss": .string(settings.clientID), "sub": .string(settings.user), "aud": .string(audience),
      "exp": .number(now + 180),
    ]
    do {
      return try JWT.sign(header: [:], claims: claims, key: settings.key, algorithm: .RS256)
    } catch {
      throw .held(
        Reason(
          "sign-in-key", .configuration, "The private key of the Salesforce connection cannot sign with RS256.",
          side: .salesforce))
    }
  }

  private var audience: String {
    if let audience = settings.audience { return audience }
    // A sandbox's own site signs in for the audience of sandboxes.
    let host = origin(of: settings.url)?.host ?? ""
    if host.hasSuffix(".sandbox.my.salesforce.com") { return "https://test.salesforce.com" }
    return host.hasSuffix(".my.salesforce.com") ? "https://login.salesforce.com" : settings.url
  }

  /// Where the org says it lives, if that is a place where orgs live: the token goes nowhere else.
  private func base(_ instance: String?) throws(Failure) -> String {
    guard let own = origin(of: settings.url) else {
      throw .never(
        Reason("sign-in-url", .configuration, "The URL of the Salesforce connection is none.", side: .salesforce))
    }
    guard let instance else { return own.origin }
    guard let there = origin(of: instance) else { throw strange }
    if there.origin == own.origin { return own.origin }
    let isOrg = there.host.hasSuffix(".salesforce.com") || there.host.hasSuffix(".cloudforce.com")
    guard isOrg, there.origin.hasPrefix("https://") else { throw strange }
    return there.origin
  }

  private var strange: Failure {
    .later(
      after: nil, .destination,
      Reason(
        "instance-url", .authentication, "Salesforce named an instance that is no Salesforce host.", side: .salesforce))
  }

  private func refused(_ response: ClientResponse, _ answer: JSON) -> Failure {
    let after = retryAfter(response.fields)
    if response.status == 429 || response.status >= 500 {
      return .later(
        after: after, .destination,
        Reason(
          "sign-in-unavailable", .unavailable, "Salesforce's sign-in answered \(response.status).", side: .salesforce))
    }
    return .later(
      after: after, .destination,
      Reason(
        answer["error"]?.string ?? "sign-in-refused", .authentication,
        "Salesforce refused to sign in the integration user: {0}",
        quoted: [answer["error_description"]?.string ?? "status \(response.status)"], side: .salesforce))
  }
}

/// Seconds of `Retry-After`; a date there counts as not said.
func retryAfter(_ fields: Fields) -> Int64? {
  fields["Retry-After"].flatMap { Digits.int($0, max: 86_400) }
}
