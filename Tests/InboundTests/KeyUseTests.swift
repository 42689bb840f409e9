import Crypto
import Formats
import HTTP
import Inbound
import Support
import Testing
import Web

@Suite struct KeyUseTests {
  private func request(_ token: String, _ key: String) -> Request {
    Request(
      method: .post, path: "/hooks/endpoint/\(token)", fields: ["s": Hex.encode(Proving.code("", key: key))],
      body: Proving.body)
  }

  @Test func `the keys that held are counted, and no others`() throws {
    let source = try Proving(
      .token(secrets: [Proving.secret("t1", "alpha"), Proving.secret("t2", "beta")]),
      Proving.hmac(SignedSettings(header: "s"), .sha256, ["old", "new"])
    ).source
    func report() -> [String] {
      source.verifier.keys.map { "\($0) \($0.count) \($0.lastUsed?.description ?? "never")" }
    }
    #expect(report() == ["token t1 0 never", "token t2 0 never", "hmac old 0 never", "hmac new 0 never"])
    _ = try source.verify(request("alpha", "new"), at: Messages.now)
    _ = try source.verify(request("beta", "new"), at: Messages.now.adding(seconds: 5))
    // Half of a proof is none.
    #expect(throws: Rejection.self) { try source.verify(request("alpha", "other"), at: Messages.now) }
    let (first, second) = (Messages.now, Messages.now.adding(seconds: 5))
    #expect(
      report() == ["token t1 1 \(first)", "token t2 1 \(second)", "hmac old 0 never", "hmac new 2 \(second)"])
  }

  @Test func `what was counted before a restart is added`() throws {
    let source = try Proving(Proving.hmac(SignedSettings(header: "s"))).source
    let key = try #require(source.verifier.keys.first)
    key.restore(count: 7, lastUsed: Messages.now.adding(seconds: -60))
    #expect(key.count == 7)
    #expect(key.lastUsed == Messages.now.adding(seconds: -60))
    _ = try source.verify(request("", "secret"), at: Messages.now)
    #expect(key.count == 8)
    #expect(key.lastUsed == Messages.now)
  }

  @Test func `a key that stands in two entries of one kind is one`() throws {
    let signed = SignedSettings(header: "s")
    let source = try Proving(Proving.hmac(signed, .sha256, ["a", "b"]), Proving.hmac(signed, .sha256, ["b"])).source
    #expect(source.verifier.keys.map(\.description) == ["hmac a", "hmac b"])
    _ = try source.verify(request("", "b"), at: Messages.now)
    #expect(source.verifier.keys.map(\.count) == [0, 2])
  }

  @Test func `more keys than can be told apart are refused`() throws {
    let many = (0..<17).map { Proving.secret("\($0)", "\($0)") }
    let entry = Verification.token(secrets: many)
    #expect(throws: SettingsProblem.self) { try Proving(entry, entry, entry) }
    #expect(throws: Never.self) { try Proving(entry, entry) }
  }
}
