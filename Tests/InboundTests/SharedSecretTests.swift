import Crypto
import Formats
import HTTP
import Inbound
import Support
import Testing
import Web

/// Passwords and tokens that are shown as they are.
@Suite struct SharedSecretTests {
  private func basic(_ pair: String) -> Fields { ["Authorization": "Basic \(Base64.encode(pair.utf8))"] }

  @Test func `the example of RFC 7617, in UTF-8`() throws {
    let endpoint = try Proving(
      .basic(secrets: [Proving.secret("old", "Aladdin:open sesame"), Proving.secret("new", "test:123£")]))
    #expect(endpoint.verdict(["Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]) == "basic old")
    #expect(endpoint.verdict(["authorization": "basic  dGVzdDoxMjPCow=="]) == "basic new")
    for wrong in ["Aladdin:open sesam", "Aladdin:open sesame ", "aladdin:open sesame", ":", "", "Aladdin", "test:123"] {
      #expect(endpoint.verdict(basic(wrong)).hasPrefix("401 password-"))
    }
    #expect(endpoint.verdict(["Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ"]) == "401 password-wrong")
    #expect(endpoint.verdict(["Authorization": "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]) == "401 password-missing")
    #expect(endpoint.verdict([:]) == "401 password-missing")
    #expect(throws: SettingsProblem.self) { try Proving(.basic(secrets: [Proving.secret("x", "no colon")])) }
  }

  @Test func `any of the bearer tokens is good, and nothing else is`() throws {
    let endpoint = try Proving(
      .bearer(BearerSettings(secrets: [Proving.secret("a", "alpha"), Proving.secret("b", "beta")])))
    #expect(endpoint.verdict(["Authorization": "Bearer alpha"]) == "bearer a")
    #expect(endpoint.verdict(["Authorization": "bearer beta"]) == "bearer b")
    for wrong in ["alph", "alphaa", "Alpha", "beta ,", "alpha beta", "\"alpha\""] {
      #expect(endpoint.verdict(["Authorization": "Bearer \(wrong)"]) == "401 token-wrong")
    }
    for wrong in ["alpha", "Bearer", "Bearer ", "", "Basic alpha", "Bearer\talpha"] {
      #expect(endpoint.verdict(["Authorization": wrong]) == "401 token-missing")
    }
    var twice: Fields = ["Authorization": "Bearer alpha"]
    twice.append("authorization", "Bearer alpha")
    #expect(endpoint.verdict(twice) == "401 token-missing")
  }

  @Test func `a key may stand in a header of its own`() throws {
    let endpoint = try Proving(
      .bearer(BearerSettings(Credential(header: "X-SFDC-Webhook-Secret"), secrets: [Proving.secret("a", "alpha")])))
    #expect(endpoint.verdict(["x-sfdc-webhook-secret": "alpha"]) == "bearer a")
    #expect(endpoint.verdict(["x-sfdc-webhook-secret": "Bearer alpha"]) == "401 token-wrong")
    #expect(throws: SettingsProblem.self) {
      try Proving(.bearer(BearerSettings(secrets: [Proving.secret("x", "two\nlines")])))
    }
    let wrong = BearerSettings(Credential(header: "", scheme: "a b"), secrets: [])
    #expect(Proving.problems(.bearer(wrong)) == ["secrets", "header", "scheme"].map { "verify.0.bearer.\($0)" })
  }

  @Test func `a refusal names the scheme, and says the same whatever is wrong`() throws {
    let all: [(Verification, [String])] = [
      (.basic(secrets: [Proving.secret("x", "a:b")]), [#"Basic realm="webhooks", charset="UTF-8""#]),
      (.bearer(BearerSettings(secrets: [Proving.secret("x", "alpha")])), [#"Bearer realm="webhooks""#]),
      (.token(secrets: [Proving.secret("x", "alpha")]), ["Signature"]),
    ]
    for (entry, challenges) in all {
      let source = try Proving(entry).source
      var answers: Set<[UInt8]> = []
      for fields: Fields in [[:], ["Authorization": "Bearer x"], ["Authorization": "Basic eDp4"], basic("a:c")] {
        do throws(Rejection) {
          _ = try source.verify(Proving.request(fields), at: Messages.now)
          Issue.record("it was taken")
        } catch {
          let answer = source.refuse(error)
          #expect(answer.status == .unauthorized)
          #expect(answer.fields.values("WWW-Authenticate") == challenges)
          if case .bytes(let bytes) = answer.body { answers.insert(bytes) }
        }
      }
      #expect(answers.count == 1)
    }
  }
}
