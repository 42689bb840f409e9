import Crypto
import Formats
import HTTP
import Inbound
import Support
import Testing
import Web

/// The forms in which senders sign, each made of the same few settings.
@Suite struct SignatureFormTests {
  private let now = Messages.now
  private var stamp: String { String(now.secondsSince1970) }
  private let body = Proving.body

  @Test func `the code that Apex makes is taken`() throws {
    // Crypto.generateMac('HmacSHA256', 'message', 'key'), in hex.
    let code = "6e9ef29b75fffc5b7abae527d58fdadb2fe42e7219011976917343065f58ed4a"
    let endpoint = try Proving(Proving.hmac(SignedSettings(header: "X-Signature"), .sha256, ["key"]))
    #expect(endpoint.verdict(["X-Signature": code], Array("message".utf8)) == "hmac key")
    #expect(endpoint.verdict(["X-Signature": code.uppercased()], Array("message".utf8)) == "hmac key")
    #expect(endpoint.verdict(["X-Signature": code], Array("message ".utf8)) == "401 signature-wrong")
  }

  /// Wycheproof's counterpart for SHA-1 is RFC 2202, test case 2.
  @Test func `SHA-1 is there for who names it`() throws {
    let entry = Proving.hmac(SignedSettings(header: "s"), .sha1, ["Jefe"])
    let endpoint = try Proving(entry)
    let message = Array("what do ya want for nothing?".utf8)
    #expect(endpoint.verdict(["s": "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"], message) == "hmac Jefe")
    #expect(Proving.problems(entry) == ["verify.0.hmac.algorithm?"])
  }

  @Test func `time stamp and codes may stand in one header`() throws {
    let signed = SignedSettings(
      header: "Stripe-Signature", timestampElement: "t=", prefix: "v1=", separator: ",")
    let endpoint = try Proving(Proving.hmac(signed, .sha256, ["old", "new"]))
    let (old, new) = ("v1=\(Hex.encode(Proving.code("\(stamp).", key: "old")))", "v1=\(hex("\(stamp).", "new"))")
    let other = "v0=\(hex("\(stamp).", "new"))"
    #expect(endpoint.verdict(["stripe-signature": "t=\(stamp),\(new)"]) == "hmac new")
    #expect(endpoint.verdict(["stripe-signature": "t=\(stamp),\(old),\(other)"]) == "hmac old")
    #expect(endpoint.verdict(["stripe-signature": "v1=00,v1=zz, \(new) ,t=\(stamp)"]) == "hmac new")
    #expect(endpoint.verdict(["stripe-signature": "t=\(stamp),\(other)"]) == "401 signature-wrong")
    #expect(endpoint.verdict(["stripe-signature": new]) == "401 timestamp-missing")
    #expect(endpoint.verdict(["stripe-signature": "t=\(stamp),t=\(stamp),\(new)"]) == "401 timestamp-missing")
    #expect(endpoint.verdict(["stripe-signature": "t=1,\(new)"]) == "401 too-old")
    #expect(endpoint.verdict(["stripe-signature": "t=\(stamp)0,\(new)"]) == "401 too-new")
    let many = Array(repeating: "v1=00", count: 15).joined(separator: ",")
    #expect(endpoint.verdict(["stripe-signature": "t=\(stamp),\(many)"]) == "401 signature-wrong")
    #expect(endpoint.verdict(["stripe-signature": "t=\(stamp),\(many),\(new)"]) == "401 signature-wrong")
  }

  @Test func `several codes may stand in a header without a time stamp`() throws {
    let signed = SignedSettings(header: "s", encoding: .base64, separator: " ")
    let endpoint = try Proving(Proving.hmac(signed))
    let code = Base64.encode(Proving.code(""))
    #expect(endpoint.verdict(["s": code]) == "hmac secret")
    #expect(endpoint.verdict(["s": "AAAA \(code)"]) == "hmac secret")
    #expect(endpoint.verdict(["s": "AAAA,\(code)"]) == "401 signature-wrong")
    #expect(endpoint.verdict(["s": ""]) == "401 signature-wrong")
  }

  @Test func `a version before the time stamp, and a prefix before the code`() throws {
    let signed = SignedSettings(
      header: "X-Slack-Signature", timestamp: "X-Slack-Request-Timestamp", signed: "v0:{timestamp}:{body}",
      prefix: "v0=")
    let endpoint = try Proving(Proving.hmac(signed))
    let code = "v0=" + hex("v0:\(stamp):")
    #expect(endpoint.verdict(["x-slack-signature": code, "x-slack-request-timestamp": stamp]) == "hmac secret")
    #expect(endpoint.verdict(["x-slack-signature": code, "x-slack-request-timestamp": stamp + "0"]) == "401 too-new")
  }

  @Test func `ISO time before a colon, in base64, as a Salesforce relay to AWS signs`() throws {
    let signed = SignedSettings(
      header: "x-amzn-event-signature", timestamp: "x-amzn-event-timestamp", unit: .iso, signed: "{timestamp}:{body}",
      encoding: .base64)
    let endpoint = try Proving(Proving.hmac(signed))
    for text in ["2026-11-18T11:46:40.000Z", "2026-11-18T11:46:40.000+0000", "2026-11-18T12:46:40+01:00"] {
      let now = try #require(Instant("2026-11-18T11:46:40Z"))
      let fields: Fields = [
        "x-amzn-event-signature": Base64.encode(Proving.code("\(text):")), "x-amzn-event-timestamp": text,
      ]
      #expect(endpoint.verdict(fields, at: now) == "hmac secret")
      #expect(endpoint.verdict(fields, at: now.adding(seconds: 301)) == "401 too-old")
    }
  }

  @Test func `an id is signed where there is one, and cannot be cut up`() throws {
    let signed = SignedSettings(header: "s", timestamp: "t", id: "i")
    let endpoint = try Proving(Proving.hmac(signed))
    func fields(_ id: String, _ code: String) -> Fields { ["s": code, "t": stamp, "i": id] }
    #expect(endpoint.verdict(fields("msg_1", hex("msg_1.\(stamp)."))) == "hmac secret")
    #expect(endpoint.verdict(fields("msg_2", hex("msg_1.\(stamp)."))) == "401 signature-wrong")
    for id in ["a.b", "", "a b", "é", String(repeating: "i", count: 1025)] {
      #expect(endpoint.verdict(fields(id, hex("\(id).\(stamp)."))) == "401 id-malformed")
    }
    #expect(endpoint.verdict(["s": hex("msg_1.\(stamp)."), "t": stamp]) == "401 id-missing")
  }

  @Test func `what is signed has to say what is signed`() {
    func places(_ signed: SignedSettings) -> [String] {
      Proving.problems(Proving.hmac(signed)).map { String($0.dropFirst("verify.0.hmac.".count)) }
    }
    #expect(places(SignedSettings(header: "s", timestamp: "t", id: "i")) == [])
    #expect(places(SignedSettings(header: "s", signed: "{ts}.{body}")) == ["signed"])
    #expect(places(SignedSettings(header: "s", signed: "{body}{body}")) == ["signed"])
    #expect(places(SignedSettings(header: "s", signed: "{\"a\":{body}}")) == [])
    #expect(
      places(SignedSettings(header: "s", timestamp: "t", id: "i", signed: "{timestamp}.{id}{body}")) == ["signed"])
    #expect(places(SignedSettings(header: "s", timestamp: "t", id: "i", signed: "{timestamp}{id}.{body}")) == [])
    #expect(places(SignedSettings(header: "s", timestamp: "t", id: "i", signed: "{body}.{id}{timestamp}")) == [])
    #expect(
      places(SignedSettings(header: "s", timestamp: "t", id: "i", signed: "{body}{id}.{timestamp}")) == ["signed"])
    #expect(places(SignedSettings(header: "s", id: "i", signed: "{body}")) == ["signed"])
    #expect(places(SignedSettings(header: "s s")) == ["header"])
    #expect(places(SignedSettings(header: "s", timestamp: "t:")) == ["timestamp"])
    #expect(places(SignedSettings(header: "s", separator: "a")) == ["separator"])
    #expect(places(SignedSettings(header: "s", separator: ", ")) == ["separator"])
    #expect(places(SignedSettings(header: "s", timestampElement: "t=")) == ["timestamp-element"])
    #expect(places(SignedSettings(header: "s", maxAge: 8 * 86_400)) == ["max-age"])
    #expect(
      places(SignedSettings(header: "s", timestampElement: "t=", prefix: "t=", separator: ",")) == ["timestamp-element"]
    )
  }

  private func hex(_ text: String, _ key: String = "secret") -> String { Hex.encode(Proving.code(text, key: key)) }
}
