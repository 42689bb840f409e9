import Crypto
import Formats
import JWT
import Testing

@Suite struct JWTTests {
  static let claims: JSONObject = ["iss": "causeway", "exp": 1_700_000_300, "iat": 1_700_000_000]

  static func key(_ algorithm: JWTAlgorithm) throws -> PrivateKey {
    switch algorithm {
    case .RS256, .RS384, .RS512, .PS256, .PS384, .PS512: try .generateRSA()
    case .ES256: try .generateP256()
    case .ES384: try .generateP384()
    case .EdDSA: try .generateEd25519()
    }
  }

  @Test(arguments: JWTAlgorithm.allCases)
  func `what is signed verifies with the same algorithm only`(algorithm: JWTAlgorithm) throws {
    let key = try Self.key(algorithm)
    let token = try JWT.sign(header: ["typ": "JWT", "kid": "1"], claims: Self.claims, key: key, algorithm: algorithm)
    let read = try JWT.verify(token, key: key.publicKey, algorithm: algorithm)
    #expect(read.claims == Self.claims)
    #expect(read.header == ["typ": "JWT", "kid": "1", "alg": .string(algorithm.rawValue)])
    for other in JWTAlgorithm.allCases where other != algorithm {
      #expect(throws: JWTError.wrongAlgorithm) { try JWT.verify(token, key: key.publicKey, algorithm: other) }
    }
    let stranger = try Self.key(algorithm)
    #expect(throws: JWTError.badSignature) { try JWT.verify(token, key: stranger.publicKey, algorithm: algorithm) }
  }

  @Test func `an elliptic algorithm takes a key on its own curve only`() throws {
    let key = try PrivateKey.generateP384()
    #expect(throws: CryptoError.wrongAlgorithm) {
      try JWT.sign(header: [:], claims: Self.claims, key: key, algorithm: .ES256)
    }
    let signed = Base64URL.encode(Array(#"{"alg":"ES256"}"#.utf8)) + "." + Base64URL.encode(Self.claims.bytes)
    let token = signed + "." + Base64URL.encode(try key.sign(Array(signed.utf8), .ecdsaRaw(.sha256)))
    #expect(throws: JWTError.wrongAlgorithm) { try JWT.verify(token, key: key.publicKey, algorithm: .ES256) }
  }

  @Test func `every changed character of a token is noticed`() throws {
    let key = try PrivateKey.generateEd25519()
    let token = Array(try JWT.sign(header: [:], claims: Self.claims, key: key, algorithm: .EdDSA).utf8)
    for index in token.indices {
      for replacement in [UInt8(ascii: "A"), UInt8(ascii: "B"), UInt8(ascii: "."), UInt8(ascii: "=")]
      where replacement != token[index] {
        var changed = token
        changed[index] = replacement
        let text = String(decoding: changed, as: UTF8.self)
        #expect(throws: JWTError.self) { try JWT.verify(text, key: key.publicKey, algorithm: .EdDSA) }
      }
    }
  }

  @Test(arguments: [
    (#"{"alg":"none"}"#, JWTError.wrongAlgorithm), (#"{"alg":"HS256"}"#, .wrongAlgorithm), ("{}", .wrongAlgorithm),
    (#"{"alg":["EdDSA"]}"#, .wrongAlgorithm), (#"{"alg":"EdDSA","crit":["exp"]}"#, .unsupported),
    (#"{"alg":"EdDSA","b64":false}"#, .unsupported), (#"{"alg":"EdDSA","alg":"EdDSA"}"#, .malformed),
    (#"["EdDSA"]"#, .malformed), ("", .malformed), (#"{"alg":"eddsa"}"#, .wrongAlgorithm),
  ])
  func `a header that says anything else is refused, whatever the signature`(header: String, expected: JWTError) throws
  {
    let key = try PrivateKey.generateEd25519()
    let signed = Base64URL.encode(header.utf8) + "." + Base64URL.encode(Self.claims.bytes)
    let token = signed + "." + Base64URL.encode(try key.sign(Array(signed.utf8), .ed25519))
    #expect(throws: expected) { try JWT.verify(token, key: key.publicKey, algorithm: .EdDSA) }
  }

  @Test func `a token has three parts and its claims are an object`() throws {
    let key = try PrivateKey.generateEd25519()
    let token = try JWT.sign(header: [:], claims: Self.claims, key: key, algorithm: .EdDSA)
    for text in [
      "", ".", "..", "...", token + ".", "." + token, token + "=", " " + token, token + "\n", token + ".e30",
    ] {
      #expect(throws: JWTError.self) { try JWT.verify(text, key: key.publicKey, algorithm: .EdDSA) }
    }
    let list = try JWS.sign(header: [:], payload: Array("[1]".utf8), key: key, algorithm: .EdDSA)
    #expect(throws: JWTError.malformed) { try JWT.verify(list, key: key.publicKey, algorithm: .EdDSA) }
    #expect(try JWS.verify(list, key: key.publicKey, algorithm: .EdDSA).payload == Array("[1]".utf8))
  }

  /// RFC 7515 A.1.
  @Test func `the HS256 example of RFC 7515 verifies with its secret only`() throws {
    let token =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
      + "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    let secret = try #require(
      Base64URL.decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))
    let read = try JWT.verify(token, key: HMACKey(.sha256, key: secret))
    #expect(read.claims["iss"] == "joe")
    #expect(throws: JWTError.badSignature) { try JWT.verify(token, key: HMACKey(.sha256, key: secret + [0])) }
    #expect(throws: JWTError.wrongAlgorithm) { try JWT.verify(token, key: HMACKey(.sha512, key: secret)) }
    #expect(throws: JWTError.wrongAlgorithm) { try JWT.verify(token, key: HMACKey(.sha1, key: secret)) }
  }

  struct Times: Sendable {
    let claims: JSONObject
    let now: Int64
    let expected: JWTError?
  }

  @Test(arguments: [
    Times(claims: claims, now: 1_700_000_100, expected: nil),
    Times(claims: claims, now: 1_700_000_309, expected: nil),
    Times(claims: claims, now: 1_700_000_310, expected: .expired),
    Times(claims: claims, now: 1_699_999_990, expected: nil),
    Times(claims: claims, now: 1_699_999_989, expected: .notYetValid),
    Times(claims: ["iss": "x"], now: 1_700_000_000, expected: .noExpiry),
    Times(claims: ["exp": "1700000300"], now: 1_700_000_000, expected: .malformed),
    Times(claims: ["exp": -1], now: 1_700_000_000, expected: .malformed),
    Times(claims: ["exp": 9_223_372_036_854_775_807], now: 1_700_000_000, expected: .malformed),
    Times(claims: ["exp": 1_700_000_300, "nbf": 1_700_000_200], now: 1_700_000_000, expected: .notYetValid),
    Times(claims: ["exp": 1_700_000_300, "nbf": nil], now: 1_700_000_000, expected: .malformed),
  ])
  func `times are checked with ten seconds of leeway`(times: Times) throws {
    let key = try PrivateKey.generateEd25519()
    let token = try JWT.sign(header: [:], claims: times.claims, key: key, algorithm: .EdDSA)
    let read = try JWT.verify(token, key: key.publicKey, algorithm: .EdDSA)
    let result = Result { () throws(JWTError) in try read.checkTimes(now: times.now, leeway: 10) }
    switch (result, times.expected) {
    case (.success, nil): break
    case (.failure(let error), let expected): #expect(error == expected)
    case (.success, _): Issue.record("accepted at \(times.now)")
    }
  }
}
