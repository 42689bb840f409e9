import Client
import Crypto
import Events
import Formats
import HTTP
import JWT
import Posix

/// OAuth 2.0 client credentials with a certificate (facts 3.1; NetSuite help, section_162755359851).
struct NetSuiteSignIn: Sendable {
  static let path = "/services/rest/auth/oauth2/v1/token"

  let settings: NetSuiteSettings
  let client: any HTTPClient
  let calls: CallCounter

  func token() async throws(Failure) -> Token {
    guard let base = origin(of: settings.url)?.origin else {
      throw .never(
        Reason("sign-in-url", .configuration, "The URL of the NetSuite connection is none.", side: .netsuite))
    }
    let request = OutgoingRequest(
      method: .post, url: base + Self.path,
      fields: ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"],
      body: form([
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": try assertion(audience: base + Self.path),
      ]), deadline: settings.timeout)
    calls.add()
    let response: ClientResponse
    do throws(ClientError) { response = try await client.send(request) } catch {
      throw error.failure(.signIn, .netsuite, "NetSuite")
    }
    let answer = (try? JSON.parse(response.body)) ?? .null
    guard response.status == 200, let token = answer["access_token"]?.string, !token.isEmpty else {
      throw refused(response, answer)
    }
    let seconds = answer["expires_in"]?.int ?? answer["expires_in"]?.string.flatMap { Digits.int($0) } ?? 3_600
    // Renewed a minute early: a request that waits for its turn must not carry a token past its end.
    return Token(text: token, base: base, expires: Token.deadline(in: max(30, seconds - 60)))
  }

  private func assertion(audience: String) throws(Failure) -> String {
    let now = Clock.wall().seconds
    let claims: JSONObject = [
      "iss": .string(settings.clientID), "scope": ["rest_webservices"], "aud": .string(audience), "iat": .number(now),
      // Less than 60 minutes are allowed; a short life is enough for one exchange.
      "exp": .number(now + 300), "jti": .string(Base64URL.encode(Random.bytes(18))),
    ]
    let header: JSONObject = ["typ": "JWT", "kid": .string(settings.certificateID)]
    do {
      return try JWT.sign(header: header, claims: claims, key: settings.key, algorithm: settings.algorithm)
    } catch {
      throw .held(
        Reason(
          "sign-in-key", .configuration, "The private key of the NetSuite connection cannot sign with PS256 or ES256.",
          side: .netsuite))
    }
  }

  private func refused(_ response: ClientResponse, _ answer: JSON) -> Failure {
    let after = retryAfter(response.fields)
    if response.status == 429 || response.status >= 500 {
      return .later(
        after: after, .destination,
        Reason(
          "sign-in-unavailable", response.status == 429 ? .limit : .unavailable,
          "NetSuite's sign-in answered \(response.status).", side: .netsuite))
    }
    return .later(
      after: after, .destination,
      Reason(
        answer["error"]?.string ?? "sign-in-refused", .authentication,
        "NetSuite refused to sign in the integration: {0}",
        quoted: [answer["error_description"]?.string ?? "status \(response.status)"], side: .netsuite))
  }
}
