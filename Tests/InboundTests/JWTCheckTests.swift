import Crypto
import Formats
import HTTP
import Inbound
import JWT
import Support
import Testing
import Web

@Suite struct JWTCheckTests {
  private static let audience = "https://hooks.example.com"
  private let now = Messages.now
  private let body = Proving.body

  private struct Sender {
    let key: PrivateKey
    let secret: SourceSecret

    init(_ name: String, _ key: PrivateKey) throws {
      self.key = key
      secret = SourceSecret(name, bytes: try key.publicKey.pem())
    }

    static func p256(_ name: String = "k") throws -> Sender { try Sender(name, .generateP256()) }
  }

  private func claims(_ more: JSONObject = [:], without absent: String? = nil) -> JSONObject {
    let seconds = now.secondsSince1970
    var claims: JSONObject = [
      "aud": .string(Self.audience), "iat": .number(seconds), "exp": .number(seconds + 180), "jti": "t-1",
    ]
    for (name, value) in more { claims[name] = value }
    if let absent { claims[absent] = nil }
    return claims
  }

  private func token(
    _ sender: Sender, _ claims: JSONObject, header: JSONObject = [:], _ algorithm: JWTAlgorithm = .ES256
  ) throws -> Fields {
    ["Authorization": "Bearer " + (try JWT.sign(header: header, claims: claims, key: sender.key, algorithm: algorithm))]
  }

  private func settings(_ keys: [JWTSettings.Key]) -> JWTSettings {
    JWTSettings(keys: keys, audiences: [Self.audience])
  }

  @Test(arguments: [JWTAlgorithm.RS256, .PS256, .ES256, .ES384, .EdDSA])
  func `a token is checked by its key's algorithm and no other`(algorithm: JWTAlgorithm) throws {
    let key: PrivateKey =
      switch algorithm {
      case .ES256: try .generateP256()
      case .ES384: try .generateP384()
      case .EdDSA: try .generateEd25519()
      default: try .generateRSA()
      }
    let sender = try Sender("k", key)
    let endpoint = try Proving(.jwt(settings([.init(sender.secret, algorithm: algorithm)])))
    #expect(endpoint.verdict(try token(sender, claims(), algorithm)) == "jwt k")
    for other in JWTAlgorithm.allCases where other != algorithm && other.fits(key.kind) {
      #expect(endpoint.verdict(try token(sender, claims(), other)) == "401 token-malformed")
    }
    // A public key's text is no shared secret.
    let signed = Base64URL.encode(Array(#"{"alg":"HS256"}"#.utf8)) + "." + Base64URL.encode(claims().bytes)
    let code = HMACKey(.sha256, key: try key.publicKey.pem()).code(for: Array(signed.utf8))
    for text in ["\(signed).\(Base64URL.encode(code))", "\(signed).", signed] {
      #expect(endpoint.verdict(["Authorization": "Bearer \(text)"]) == "401 token-malformed")
    }
    #expect(endpoint.verdict(try token(.p256(), claims())) != "jwt k")
  }

  @Test func `audience, issuer and times have to be right`() throws {
    let sender = try Sender.p256()
    var settings = settings([.init(sender.secret)])
    settings.issuer = "crm"
    let endpoint = try Proving(.jwt(settings))
    let seconds = now.secondsSince1970
    let good: JSONObject = ["iss": "crm"]
    func verdict(_ more: JSONObject, without absent: String? = nil) throws -> String {
      var all = good
      for (name, value) in more { all[name] = value }
      return endpoint.verdict(try token(sender, claims(all, without: absent)))
    }
    #expect(try verdict([:]) == "jwt k")
    #expect(try verdict(["aud": ["x", .string(Self.audience)]]) == "jwt k")
    for wrong: JSON in [.string(Self.audience + "/"), "", [], ["x"], [1], .null, ["a": .string(Self.audience)]] {
      #expect(try verdict(["aud": wrong]) == "401 audience-wrong")
    }
    #expect(try verdict([:], without: "aud") == "401 audience-wrong")
    #expect(try verdict([:], without: "iss") == "401 issuer-wrong")
    #expect(try verdict(["iss": "erp"]) == "401 issuer-wrong")
    #expect(try verdict([:], without: "exp") == "401 token-lives-too-long")
    #expect(try verdict(["exp": .number(seconds - 60)]) == "401 too-old")
    #expect(try verdict(["exp": .number(seconds - 59)]) == "jwt k")
    #expect(try verdict(["iat": .number(seconds + 61)]) == "401 too-new")
    #expect(try verdict(["nbf": .number(seconds + 60)]) == "jwt k")
    #expect(try verdict(["nbf": .number(seconds + 61)]) == "401 too-new")
    #expect(try verdict(["exp": .number(seconds + 600)]) == "jwt k")
    #expect(try verdict(["exp": .number(seconds + 601)]) == "401 token-lives-too-long")
    #expect(try verdict(["exp": .number(seconds + 660)], without: "iat") == "jwt k")
    #expect(try verdict(["exp": .number(seconds + 661)], without: "iat") == "401 token-lives-too-long")
    #expect(try verdict(["exp": .string("\(seconds + 100)")]) == "401 token-malformed")
    #expect(try verdict([:], without: "jti") == "401 token-id-missing")
  }

  @Test func `keys overlap, and a key with an id is only for tokens that name it or none`() throws {
    let (old, new, spare) = (try Sender.p256("old"), try Sender("new", .generateRSA()), try Sender.p256("spare"))
    let endpoint = try Proving(
      .jwt(settings([.init(old.secret, id: "1"), .init(new.secret, id: "2"), .init(spare.secret)])))
    func verdict(_ sender: Sender, _ header: JSONObject, _ algorithm: JWTAlgorithm = .ES256) throws -> String {
      endpoint.verdict(try token(sender, claims(), header: header, algorithm))
    }
    #expect(try verdict(old, [:]) == "jwt old")
    #expect(try verdict(old, ["kid": "1"]) == "jwt old")
    #expect(try verdict(new, ["kid": "2"], .RS256) == "jwt new")
    #expect(try verdict(old, ["kid": "2"]).hasPrefix("401 "))
    #expect(try verdict(old, ["kid": "3"]).hasPrefix("401 "))
    #expect(try verdict(spare, ["kid": "3"]) == "jwt spare")
    #expect(try verdict(old, ["kid": 1]) == "401 token-malformed")
    // Where a key is to be found, or what it is, is not the token's to say.
    #expect(
      try verdict(.p256(), ["kid": "1", "jku": "https://x", "jwk": ["kty": "EC"], "x5u": "https://x"]).hasPrefix("401 ")
    )
  }

  @Test func `a token is for one body, and the same request again is let through`() throws {
    let sender = try Sender.p256()
    let tokens = TokenMemory()
    let endpoint = try Proving(.jwt(settings([.init(sender.secret)])), tokens: tokens)
    let fields = try token(sender, claims())
    #expect(endpoint.verdict(fields) == "jwt k")
    #expect(endpoint.verdict(fields, at: now.adding(seconds: 60)) == "jwt k")
    #expect(endpoint.verdict(fields, Array("{}".utf8)) == "401 token-replayed")
    // Signed anew with the same id it is the same token.
    #expect(endpoint.verdict(try token(sender, claims()), Array("{}".utf8)) == "401 token-replayed")
    #expect(endpoint.verdict(try token(sender, claims(["jti": "t-2"])), Array("{}".utf8)) == "jwt k")
    #expect(endpoint.verdict(try token(sender, claims(["iss": "other"])), Array("{}".utf8)) == "jwt k")
    let other = try Proving(.jwt(settings([.init(sender.secret)])), tokens: tokens, name: "other")
    #expect(other.verdict(fields, Array("{}".utf8)) == "jwt k")
  }

  @Test func `a token that was refused for something else is not spent`() throws {
    let sender = try Sender.p256()
    let endpoint = try Proving(.jwt(settings([.init(sender.secret)])), Proving.hmac(SignedSettings(header: "s")))
    var fields = try token(sender, claims())
    fields["s"] = "00"
    #expect(endpoint.verdict(fields, Array("{}".utf8)) == "401 signature-wrong")
    fields["s"] = Hex.encode(Proving.code(""))
    #expect(endpoint.verdict(fields) == "jwt k,hmac secret")
  }

  @Test(arguments: SignedSettings.Encoding.allCases, [Digest.sha256, .sha512])
  func `a claim with the body's hash binds the token by itself`(
    encoding: SignedSettings.Encoding, digest: Digest
  ) throws {
    let sender = try Sender.p256()
    var settings = settings([.init(sender.secret)])
    settings.bodyHash = .init(claim: "body", digest: digest, encoding: encoding)
    let endpoint = try Proving(.jwt(settings))
    let hash = digest.hash(body)
    let text =
      switch encoding {
      case .hex: Hex.encode(hash)
      case .base64: Base64.encode(hash)
      case .base64url: Base64URL.encode(hash)
      }
    let fields = try token(sender, claims(["body": .string(text)], without: "jti"))
    #expect(endpoint.verdict(fields) == "jwt k")
    #expect(endpoint.verdict(fields) == "jwt k")
    #expect(endpoint.verdict(fields, Array("{}".utf8)) == "401 body-hash-wrong")
    for wrong: JSON in ["", .string(text + "0"), .string(String(text.dropLast())), 1, .null] {
      #expect(endpoint.verdict(try token(sender, claims(["body": wrong]))) == "401 body-hash-wrong")
    }
    #expect(endpoint.verdict(try token(sender, claims())) == "401 body-hash-wrong")
  }

  @Test func `a token may be for any body where that is said`() throws {
    let sender = try Sender.p256()
    var settings = settings([.init(sender.secret)])
    settings.isReusable = true
    let endpoint = try Proving(.jwt(settings))
    let fields = try token(sender, claims(without: "jti"))
    #expect(endpoint.verdict(fields) == "jwt k")
    #expect(endpoint.verdict(fields, Array("{}".utf8)) == "jwt k")
  }

  @Test func `the header and the scheme are chosen`() throws {
    let sender = try Sender.p256()
    var settings = settings([.init(sender.secret)])
    settings.credential = Credential(header: "X-Assertion")
    let endpoint = try Proving(.jwt(settings))
    let text = try #require(try token(sender, claims())["Authorization"])
    #expect(endpoint.verdict(["x-assertion": String(text.dropFirst(7))]) == "jwt k")
    #expect(endpoint.verdict(["x-assertion": text]) == "401 token-malformed")
    #expect(endpoint.verdict(["authorization": text]) == "401 token-missing")
    #expect(endpoint.verdict(["x-assertion": text, "X-Assertion": text]) == "401 token-missing")
  }

  @Test func `a certificate gives its key, and keys are told when they are opened`() throws {
    let key = try PrivateKey.generateRSA()
    let pem = try key.selfSignedCertificate(commonName: "crm", days: 1)
    let sender = try Sender("k", key)
    let endpoint = try Proving(.jwt(settings([.init(SourceSecret("cert", bytes: pem))])))
    #expect(endpoint.verdict(try token(sender, claims(), .RS256)) == "jwt cert")
    #expect(throws: SettingsProblem.self) {
      try Proving(.jwt(settings([.init(sender.secret, algorithm: .ES256)])))
    }
    #expect(throws: SettingsProblem.self) { try Proving(.jwt(settings([.init(Proving.secret("k", "no key"))]))) }
    var wrong = settings([])
    wrong.audiences = []
    wrong.maxLifetime = 86_401
    wrong.leeway = 301
    #expect(
      Proving.problems(.jwt(wrong)) == ["keys", "audience", "max-lifetime", "leeway"].map { "verify.0.jwt.\($0)" })
  }
}
