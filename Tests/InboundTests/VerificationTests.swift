import Crypto
import Formats
import HTTP
import Inbound
import Support
import Testing
import Web

@Suite struct VerificationTests {
  private let now = Messages.now
  private let body = Array(#"{"test": 2432232314}"#.utf8)

  private func source(_ entries: Verification...) throws -> any Source {
    try SourceCatalogue.open(Messages.settings("json", id: "body-hash", verify: .all(entries)))
  }

  private func code(_ source: any Source, _ request: Request, at now: Instant? = nil) -> String {
    do throws(Rejection) {
      return try source.verify(request, at: now ?? self.now).matched.map(\.description).joined(separator: ",")
    } catch {
      return "\(error.status.rawValue) \(error.code)"
    }
  }

  private func secret(_ name: String, _ text: String) -> SourceSecret { SourceSecret(name, bytes: Array(text.utf8)) }

  private func request(_ fields: Fields, path: String = "/hooks/endpoint") -> Request {
    Request(method: .post, path: path, fields: fields, body: body)
  }

  @Test func `any of the tokens is good, and nothing else is`() throws {
    let source = try source(.token(secrets: [secret("old", "alpha"), secret("new", "beta")]))
    #expect(code(source, request([:], path: "/hooks/endpoint/alpha")) == "token old")
    #expect(code(source, request([:], path: "/hooks/endpoint/beta")) == "token new")
    for token in ["alph", "alphaa", "Alpha", "beta/", "alpha/beta", "alphabeta"] {
      #expect(code(source, request([:], path: "/hooks/endpoint/" + token)).hasPrefix("401 token-"))
    }
    #expect(code(source, request([:])) == "401 token-missing")
    #expect(code(source, request([:], path: "/hooks/endpoint/")) == "401 token-missing")
  }

  @Test func `a code is refused for every byte that is another`() throws {
    let signed = SignedSettings(header: "X-Salesforce-Signature", timestamp: "X-Salesforce-Timestamp")
    let source = try source(.hmac(HMACSettings(signed, secrets: [secret("a", "other"), secret("b", "secret")])))
    let good = SignedRequest.hmac(body, at: now)
    #expect(code(source, good) == "hmac b")
    for index in body.indices {
      for bit in 0..<8 {
        var changed = body
        changed[index] ^= 1 << bit
        #expect(code(source, SignedRequest.replacing(good, body: changed)) == "401 signature-wrong")
      }
    }
    let signature = try #require(good.fields["X-Salesforce-Signature"])
    for index in signature.indices {
      var changed = signature
      changed.replaceSubrange(index...index, with: signature[index] == "0" ? "1" : "0")
      #expect(code(source, SignedRequest.replacing(good, "X-Salesforce-Signature", changed)) == "401 signature-wrong")
      let cut = String(signature[..<index])
      #expect(code(source, SignedRequest.replacing(good, "X-Salesforce-Signature", cut)) == "401 signature-wrong")
    }
    for text in [
      signature + "00", "00" + signature, signature + " ", signature + "," + signature, "sha256=" + signature,
    ] {
      #expect(code(source, SignedRequest.replacing(good, "X-Salesforce-Signature", text)) == "401 signature-wrong")
    }
    #expect(code(source, SignedRequest.replacing(good, "X-Salesforce-Signature", nil)) == "401 signature-missing")
    #expect(code(source, SignedRequest.hmac(body, secret: "third", at: now)) == "401 signature-wrong")
  }

  @Test func `a time stamp is signed, written plainly, and not too far off`() throws {
    let signed = SignedSettings(header: "X-Salesforce-Signature", timestamp: "X-Salesforce-Timestamp")
    let source = try source(.hmac(HMACSettings(signed, secrets: [secret("b", "secret")])))
    let good = SignedRequest.hmac(body, at: now)
    #expect(code(source, good, at: now.adding(seconds: 300)) == "hmac b")
    #expect(code(source, good, at: now.adding(seconds: 301)) == "401 too-old")
    #expect(code(source, good, at: now.adding(seconds: -300)) == "hmac b")
    #expect(code(source, good, at: now.adding(seconds: -301)) == "401 too-new")
    for text in ["+1795000000", " 1795000000", "1795000000.0", "x", "", "99999999999999"] {
      #expect(
        code(source, SignedRequest.replacing(good, "X-Salesforce-Timestamp", text)) == "401 timestamp-malformed")
    }
    #expect(
      code(source, SignedRequest.replacing(good, "X-Salesforce-Timestamp", "1795000001")) == "401 signature-wrong")
    #expect(code(source, SignedRequest.replacing(good, "X-Salesforce-Timestamp", nil)) == "401 timestamp-missing")
    var twice = good.fields
    twice.append("X-Salesforce-Signature", "00")
    #expect(code(source, request(twice)) == "401 signature-missing")
  }

  @Test(arguments: SignedSettings.TimeUnit.allCases, SignedSettings.Encoding.allCases)
  func `time stamps and codes are written in several ways`(
    unit: SignedSettings.TimeUnit, encoding: SignedSettings.Encoding
  ) throws {
    let stamp =
      switch unit {
      case .seconds: String(now.secondsSince1970)
      case .milliseconds: String(now.millisecondsSince1970)
      case .iso: now.description
      }
    for algorithm in HMACSettings.Algorithm.allCases {
      let bytes = HMACKey(algorithm, key: Array("k".utf8)).code(for: [Array("v1:\(stamp):".utf8), body])
      let text =
        switch encoding {
        case .hex: Hex.encode(bytes)
        case .base64: Base64.encode(bytes)
        case .base64url: Base64URL.encode(bytes)
        }
      let signed = SignedSettings(
        header: "x-s", timestamp: "x-t", unit: unit, signed: "v1:{timestamp}:{body}", encoding: encoding, prefix: "v1=")
      let source = try source(.hmac(HMACSettings(signed, algorithm: algorithm, secrets: [secret("k", "k")])))
      #expect(code(source, request(["x-s": "v1=" + text, "x-t": stamp])) == "hmac k")
      #expect(code(source, request(["x-s": text, "x-t": stamp])) == "401 signature-wrong")
    }
  }

  @Test(arguments: SignatureSettings.Algorithm.allCases)
  func `a signature is by one of the keys`(algorithm: SignatureSettings.Algorithm) throws {
    let scheme = algorithm.scheme
    let (key, other): (PrivateKey, PrivateKey) =
      switch scheme {
      case .rsaPKCS1, .rsaPSS: try (.generateRSA(), .generateRSA())
      case .ecdsa, .ecdsaRaw: try (.generateP256(), .generateP256())
      case .ed25519: try (.generateEd25519(), .generateEd25519())
      }
    let keys = try [("old", other), ("new", key)].map { SourceSecret($0.0, bytes: try $0.1.publicKey.pem()) }
    let signed = SignedSettings(header: "x-signature", encoding: .base64)
    let source = try source(.signature(SignatureSettings(signed, algorithm: algorithm, publicKeys: keys)))
    let signature = try key.sign(body, scheme)
    let good = request(["x-signature": Base64.encode(signature)])
    #expect(code(source, good) == "signature new")
    for index in body.indices {
      var changed = body
      changed[index] ^= 1
      #expect(code(source, SignedRequest.replacing(good, body: changed)) == "401 signature-wrong")
    }
    for index in signature.indices {
      var changed = signature
      changed[index] ^= 1
      #expect(code(source, request(["x-signature": Base64.encode(changed)])) == "401 signature-wrong")
    }
    #expect(code(source, request(["x-signature": Base64.encode(signature.dropLast())])) == "401 signature-wrong")
    #expect(code(source, request(["x-signature": ""])) == "401 signature-wrong")
  }

  @Test func `every entry has to hold`() throws {
    let signed = SignedSettings(header: "X-Salesforce-Signature", timestamp: "X-Salesforce-Timestamp")
    let source = try source(
      .token(secrets: [secret("t", "alpha")]), .hmac(HMACSettings(signed, secrets: [secret("h", "secret")])))
    let fields = SignedRequest.hmac(body, at: now).fields
    #expect(code(source, request(fields, path: "/hooks/endpoint/alpha")) == "token t,hmac h")
    #expect(code(source, request(fields)) == "401 token-missing")
    #expect(code(source, request([:], path: "/hooks/endpoint/alpha")) == "401 signature-missing")
  }

  @Test func `wrong settings are told by name, and no secret is read for it`() {
    let unread = SourceSecret("env:X") { throw NotToBeRead() }
    func problems(_ entry: Verification) -> [String] {
      SourceCatalogue.problems(with: Messages.settings("json", id: "body.id", verify: .all([entry]))).map(\.message)
    }
    #expect(problems(.token(secrets: [unread])).isEmpty)
    #expect(problems(.token(secrets: [])).count == 1)
    func hmac(_ signed: SignedSettings) -> [String] { problems(.hmac(HMACSettings(signed, secrets: [unread]))) }
    #expect(hmac(SignedSettings(header: "x")).isEmpty)
    #expect(hmac(SignedSettings(header: "x", timestamp: "t")).isEmpty)
    #expect(hmac(SignedSettings(header: "x", signed: "{timestamp}.{body}")).count == 1)
    #expect(hmac(SignedSettings(header: "x", timestamp: "t", signed: "{body}")).count == 1)
    #expect(hmac(SignedSettings(header: "x", signed: "constant")).count == 1)
    #expect(hmac(SignedSettings(header: "", maxAge: 0)).count == 2)
    let settings = Messages.settings("json", id: "body.id", verify: .all([.token(secrets: [unread])]))
    #expect(throws: SettingsProblem.self) { try SourceCatalogue.open(settings) }
    let empty = Messages.settings("json", id: "body.id", verify: .all([.token(secrets: [secret("env:E", "")])]))
    #expect(throws: SettingsProblem.self) { try SourceCatalogue.open(empty) }
  }
}

private struct NotToBeRead: Error {}
