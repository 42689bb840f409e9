import Crypto
import Formats
import HTTP
import Inbound
import JWT
import Support
import Web

/// A JSON endpoint for each further way of proving the sender.
extension SourceContract {
  static func waysToProve(_ body: [UInt8]) throws -> [Subject] {
    let key = try PrivateKey.generateP256()
    let pem = SourceSecret("file:key.pem", bytes: try key.publicKey.pem())
    let signature = Verification.signature(
      SignatureSettings(
        SignedSettings(header: "x-signature", encoding: .base64), algorithm: .ecdsaSHA256, publicKeys: [pem]))
    let audience = "https://hooks.example.com"
    var claims: JSONObject = [
      "aud": .string(audience), "jti": .string(canary), "exp": .number(now.secondsSince1970 + 300),
    ]
    func bearer() throws -> Fields {
      ["Authorization": "Bearer " + (try JWT.sign(header: [:], claims: claims, key: key, algorithm: .ES256))]
    }
    var bound = JWTSettings(keys: [.init(pem)], audiences: [audience])
    let unbound = bound
    bound.bodyHash = .init(claim: "body")
    let withoutHash = try bearer()
    claims["body"] = .string(Hex.encode(Digest.sha256.hash(body)))
    let pair = SourceSecret("env:PAIR", bytes: Array("user:\(canary)".utf8))
    let token = SourceSecret("env:TOKEN", bytes: Array(canary.utf8))
    let certificate = try clientCertificate()
    let pin = ClientCertificateSettings(certificates: [Hex.encode(certificate.fingerprint)], subjects: ["CN:\(canary)"])
    return [
      subject([signature], ["x-signature": Base64.encode(try key.sign(body, .ecdsa(.sha256)))], body),
      subject([.jwt(bound)], try bearer(), body),
      subject([.jwt(unbound)], withoutHash, body, isSigned: false),
      subject(
        [.basic(secrets: [pair])], ["Authorization": "Basic \(Base64.encode("user:\(canary)".utf8))"], body,
        isSigned: false),
      subject(
        [.bearer(BearerSettings(secrets: [token])), .addresses(AddressSettings(allow: ["127.0.0.0/8"]))],
        ["Authorization": "Bearer \(canary)"], body, isSigned: false),
      subject([.clientCertificate(pin)], [:], body, isSigned: false, certificate: certificate),
    ]
  }

  /// Valid at the contract's time, whatever the machine's is.
  private static func clientCertificate() throws -> Certificate {
    let from = Int(now.secondsSince1970 - Moment.now)
    return try Certificate(pem: TestCertificate(canary, from: from - 3_600, to: from + 86_400).pem)
  }

  private static func subject(
    _ entries: [Verification], _ fields: Fields, _ body: [UInt8], isSigned: Bool = true,
    certificate: Certificate? = nil
  ) -> Subject {
    var all: Fields = ["Content-Type": "application/json"]
    for (name, value) in fields { all.append(name, value) }
    return Subject(
      settings: SourceSettings(name: "in", kind: "json", id: "body.id", verify: .all(entries)),
      request: Request(
        method: .post, path: "/hooks/in", fields: all, body: body,
        peer: Peer(address: Peer.local.address, certificate: certificate)), isSigned: isSigned)
  }
}
