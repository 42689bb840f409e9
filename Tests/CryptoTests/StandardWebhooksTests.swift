import Crypto
import Testing

/// The published vectors of Standard Webhooks, and the ways in which a request can be wrong.
@Suite struct StandardWebhooksTests {
  static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  static let otherSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
  static let signingKey =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
  static let verifyingKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
  static let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
  static let time: Int64 = 1_614_265_330
  static let body = Array(#"{"test": 2432232314}"#.utf8)
  static let valid = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
  static let validAsymmetric =
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="

  struct Vector: Sendable {
    var secret = StandardWebhooksTests.secret
    var id = StandardWebhooksTests.id
    var time = StandardWebhooksTests.time
    var body = StandardWebhooksTests.body
    var signature: String

    var result: Result<StandardWebhooks.Proof, StandardWebhooks.Failure> {
      get throws { try check([secret], signature, id: id, timestamp: String(time), body: body, now: time) }
    }
  }

  static func check(
    _ secrets: [String], _ signature: String?, id: String? = Self.id, timestamp: String? = String(Self.time),
    body: [UInt8] = Self.body, now: Int64 = Self.time
  ) throws -> Result<StandardWebhooks.Proof, StandardWebhooks.Failure> {
    let scheme = try StandardWebhooks(secrets: secrets)
    return Result { () throws(StandardWebhooks.Failure) in
      try scheme.verify(id: id, timestamp: timestamp, signature: signature, body: body, now: now)
    }
  }

  static let minified = Array(
    (#"{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z","#
      + #""data":{"id":"1f81eb52-5198-4599-803e-771906343485"}}"#).utf8)

  static let vectors: [Vector] = [
    Vector(signature: valid),
    Vector(
      secret: otherSecret, id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", time: 1_649_367_553,
      body: Array(#"{"email":"test@example.com","username":"test_user"}"#.utf8),
      signature: "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="),
    Vector(secret: signingKey, signature: validAsymmetric),
    Vector(body: [], signature: "v1,v48jdbgvh29KJz2Qc+ghw8G6vG3nAKnujWBg8oM/62A="),
    Vector(body: Array(#"{"name":"Zürich 東京"}"#.utf8), signature: "v1,yHVhZOXxUDNZKGDQSdVx11qwcvM6+PpewqjEULRl94w="),
    Vector(body: [0x00, 0xFF, 0xFE, 0x01], signature: "v1,/E2YWhmMz9VoWixlVDTFYtMGDjDyehVougbJnVSyQJw="),
    Vector(
      body: [0xEF, 0xBB, 0xBF] + Array(#"{"a":1}"#.utf8), signature: "v1,AoVzxCuQdbuX9DwGcSygr53+6rKfU1SSqjrU27btebQ="),
    Vector(body: Array("{\"a\":1}\r\n".utf8), signature: "v1,j9/ulIWpv9XTpYUzUSoXEKCsYnt6gTtbERURZ45j1FA="),
    Vector(
      id: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", time: 1_674_087_231, body: minified,
      signature: "v1,ARw42xaAApl/nxRo+iPGYwSaMQaOwMo2eyH5JBRA+bQ="),
    Vector(
      secret: otherSecret, id: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", time: 1_674_087_231, body: minified,
      signature: "v1,Inw/unYkpAh6Njpdz4O+hnN82xYMXQ6NjnZIQN/mzIQ="),
    Vector(
      secret: signingKey, id: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", time: 1_674_087_231, body: minified,
      signature: "v1a,LvaM/XV2eiveYbh3nDJB9CFU6SgUQsSFO7Nz5u3M+PUesso2vWw2zj6zoee2ijOae0RluTX9xaoEs9uSSJ/uDg=="),
    Vector(
      secret: "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", signature: "v1,/485aUtxlie+TIScVpHggMfqOB4so2KWb7+Gf727B44="),
    Vector(
      secret: "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
      signature: "v1,O4Gjv1HqPqsMrjmczoggs/sWA8gZD0VyHG+fLh4+ktI="),
    Vector(
      secret: "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==",
      signature: "v1,LZ5zuwHTqQH3VM8ERUusjzVQq1FXzemvpR8Mk7Ivp5c="),
  ]

  @Test(arguments: vectors)
  func `the published signatures verify, are what we sign, and hold for their body only`(vector: Vector) throws {
    #expect(try vector.result == .success(.init(id: vector.id, timestamp: vector.time, secret: 0)))
    let scheme = try StandardWebhooks(secrets: [vector.secret])
    #expect(try scheme.sign(id: vector.id, timestamp: vector.time, body: vector.body) == vector.signature)
    var changed = vector
    changed.body += [0x20]
    #expect(try changed.result == .failure(.noMatch))
    changed = vector
    changed.id += "x"
    #expect(try changed.result == .failure(.noMatch))
    changed = vector
    changed.time += 1
    #expect(try changed.result == .failure(.noMatch))
  }

  @Test func `a public key verifies what its secret key signed, and signs nothing`() throws {
    #expect(try Self.check([Self.verifyingKey], Self.validAsymmetric) == .success(Self.proof(secret: 0)))
    #expect(try StandardWebhooks(secrets: [Self.verifyingKey]).sign(id: "a", timestamp: 1, body: []) == "")
    #expect(try Self.check([Self.verifyingKey], Self.valid) == .failure(.noMatch))
    #expect(try Self.check([Self.secret], Self.validAsymmetric) == .failure(.noMatch))
  }

  @Test func `the prefix of a symmetric secret may be left out`() throws {
    #expect(try Self.check([String(Self.secret.dropFirst(6))], Self.valid) == .success(Self.proof(secret: 0)))
  }

  @Test func `several secrets hold at once, and the proof says which`() throws {
    let rotation = "v1,78nXHjpFP0tVJQW5D0SBwmVyyW87BV/rL6MgfM/Bw44= " + Self.valid
    #expect(try Self.check([Self.secret], rotation) == .success(Self.proof(secret: 0)))
    #expect(try Self.check([Self.otherSecret], rotation) == .success(Self.proof(secret: 0)))
    #expect(try Self.check([Self.otherSecret, Self.secret], Self.valid) == .success(Self.proof(secret: 1)))
    #expect(
      try Self.check([Self.otherSecret, Self.verifyingKey], Self.validAsymmetric) == .success(Self.proof(secret: 1)))
    let both = try StandardWebhooks(secrets: [Self.otherSecret, Self.secret])
    #expect(try both.sign(id: Self.id, timestamp: Self.time, body: Self.body) == rotation)
  }

  @Test(arguments: [
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=", "v1,", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ",
    "v1,R3PTzyfHASBKHH98a7yexTwaJ4yNIcGhFQc1yuN+BPU=", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "",
    "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE", "V1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    "v1,tFtCZ5RDCPxzWQRWXWPgrCgE2frDBe9gjpbWQxnVfsQ= v1,Mm7xgUVICxZfQ3bgf0h0Dof65L/IFx+PnZvnDWPCX6Q= "
      + "v1,9DfC1c3eeOrXB6w/5dIDydLNQaEyww5KalE5jLBZucE=",
  ])
  func `a header without the signature matches nothing`(header: String) throws {
    #expect(try Self.check([Self.secret, Self.verifyingKey], header) == .failure(.noMatch))
  }

  @Test func `one right signature among others is enough`() throws {
    let wrong = "Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
    let header = "v1,\(wrong) v2,\(wrong) nonsense \(Self.valid) v1,\(wrong)"
    #expect(try Self.check([Self.secret], header) == .success(Self.proof(secret: 0)))
  }

  @Test func `a request without one of the three headers has no signature`() throws {
    #expect(try Self.check([Self.secret], nil) == .failure(.missing))
    #expect(try Self.check([Self.secret], Self.valid, id: nil) == .failure(.missing))
    #expect(try Self.check([Self.secret], Self.valid, timestamp: nil) == .failure(.missing))
  }

  @Test(arguments: [
    "hello", "", "+1614265330", "1614265330abc", " 1614265330", "01614265330", "1614265330.0", "-1", "1614265330000",
    "１６１４２６５３３０", "9999999999999999999",
  ])
  func `a timestamp that is not a plain number is refused`(timestamp: String) throws {
    #expect(try Self.check([Self.secret], Self.valid, timestamp: timestamp) == .failure(.malformedTimestamp))
  }

  @Test(arguments: ["", "a.b", "a b", "a\u{7F}", "é", String(repeating: "x", count: 257)])
  func `an id that could be read in two ways is refused`(id: String) throws {
    #expect(try Self.check([Self.secret], Self.valid, id: id) == .failure(.malformedID))
  }

  @Test func `five minutes are tolerated, before and after`() throws {
    for (distance, expected) in [
      (Int64(-300), nil), (300, nil), (301, StandardWebhooks.Failure.tooOld), (-301, .tooNew),
    ] {
      let result = try Self.check([Self.secret], Self.valid, now: Self.time + distance)
      #expect(result == expected.map { .failure($0) } ?? .success(Self.proof(secret: 0)))
    }
  }

  @Test(arguments: [
    "", "whsec_", "w", "whsec_%", "whsec_wronglength", "hwsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZI",
    "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0A=",
    "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
    "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvw==",
  ])
  func `a secret that is not one is refused`(secret: String) {
    #expect(throws: CryptoError.self) { try StandardWebhooks(secrets: [Self.secret, secret]) }
  }

  @Test func `no secret at all is refused`() {
    #expect(throws: CryptoError.malformedSecret) { try StandardWebhooks(secrets: []) }
  }

  private static func proof(secret: Int) -> StandardWebhooks.Proof { .init(id: id, timestamp: time, secret: secret) }
}
