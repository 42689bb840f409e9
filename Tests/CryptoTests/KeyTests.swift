import Crypto
import Testing

@Suite struct KeyTests {
  static let message = Array("what is signed".utf8)

  @Test func `what a key signs its public key verifies, and nothing else`() throws {
    let pairs: [(PrivateKey, [SignatureAlgorithm])] = [
      (try .generateRSA(), [.rsaPKCS1(.sha256), .rsaPKCS1(.sha512), .rsaPSS(.sha256), .rsaPSS(.sha384)]),
      (try .generateP256(), [.ecdsa(.sha256), .ecdsaRaw(.sha256)]),
      (try .generateP384(), [.ecdsa(.sha384), .ecdsaRaw(.sha384)]),
      (try .generateEd25519(), [.ed25519]),
    ]
    let all = pairs.flatMap(\.1)
    for (key, algorithms) in pairs {
      let other = try PublicKey(pem: try key.publicKey.pem())
      for algorithm in algorithms {
        let signature = try key.sign(Self.message, algorithm)
        #expect(other.verify(signature, of: Self.message, algorithm))
        for wrong in all where wrong != algorithm {
          #expect(!other.verify(signature, of: Self.message, wrong), "\(algorithm) as \(wrong)")
        }
        #expect(!other.verify(signature, of: Self.message + [0], algorithm))
        #expect(!other.verify(signature + [0], of: Self.message, algorithm))
        #expect(!other.verify(Array(signature.dropLast()), of: Self.message, algorithm))
        #expect(!other.verify([], of: Self.message, algorithm))
        var changed = signature
        changed[changed.count / 2] ^= 4
        #expect(!other.verify(changed, of: Self.message, algorithm))
      }
      for wrong in all where !algorithms.contains(wrong) {
        if case .rsaPSS = wrong, case .rsa = key.kind { continue }
        if case .ecdsa = wrong, key.kind != .ed25519 { continue }
        if case .ecdsaRaw = wrong, key.kind != .ed25519 { continue }
        #expect(throws: CryptoError.wrongAlgorithm) { try key.sign(Self.message, wrong) }
      }
    }
  }

  @Test func `raw ECDSA signatures are two scalars of fixed width`() throws {
    let key = try PrivateKey.generateP256()
    for _ in 0..<50 { #expect(try key.sign(Self.message, .ecdsaRaw(.sha256)).count == 64) }
  }

  @Test func `keys survive PEM and DER`() throws {
    for key in [try PrivateKey.generateP256(), try .generateEd25519(), try .generateRSA()] {
      let pem = try key.pem()
      #expect(String(decoding: pem, as: UTF8.self).hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
      let again = try PrivateKey(pem: pem)
      #expect(again.kind == key.kind)
      #expect(again.publicKey.der == key.publicKey.der)
      #expect(try PublicKey(der: key.publicKey.der).der == key.publicKey.der)
      #expect(throws: CryptoError.malformedKey) { try PublicKey(der: key.publicKey.der + [0]) }
    }
  }

  @Test func `a certificate stands for its key`() throws {
    for key in [try PrivateKey.generateP256(), try .generateEd25519(), try .generateRSA()] {
      let pem = try key.selfSignedCertificate(commonName: "Zürich", days: 30)
      #expect(try PublicKey(pem: pem).der == key.publicKey.der)
      let certificate = try Certificate(pem: pem)
      #expect(try certificate.publicKey().der == key.publicKey.der)
      #expect(try Certificate(der: certificate.der).fingerprint == certificate.fingerprint)
      #expect(certificate.fingerprint.count == 32)
    }
  }

  @Test func `what is no key is refused`() throws {
    let secret = try PrivateKey.generateP256().pem()
    for text in [[], Array("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n".utf8), secret] {
      #expect(throws: CryptoError.malformedKey) { try PublicKey(pem: text) }
    }
    #expect(throws: CryptoError.malformedKey) { try PrivateKey(pem: try PrivateKey.generateP256().publicKey.pem()) }
    #expect(throws: CryptoError.malformedKey) { try PublicKey(ed25519: [UInt8](repeating: 1, count: 31)) }
    #expect(throws: CryptoError.malformedKey) { try PrivateKey(ed25519: [UInt8](repeating: 1, count: 33)) }
    #expect(throws: CryptoError.unsupportedKey) { try PrivateKey.generateRSA(bits: 1_024) }
  }

  @Test func `small RSA keys and unknown curves are refused`() {
    #expect(throws: CryptoError.unsupportedKey) { try PublicKey(pem: Array(Self.rsa1024.utf8)) }
    #expect(throws: CryptoError.unsupportedKey) { try PublicKey(pem: Array(Self.secp256k1.utf8)) }
  }

  @Test func `PSS signatures have a salt as long as their digest`() throws {
    let key = try PublicKey(pem: Array(Self.rsa2048.utf8))
    let right = try #require(Base64.decode(Self.saltOf32))
    let short = try #require(Base64.decode(Self.saltOf20))
    #expect(key.verify(right, of: Self.message, .rsaPSS(.sha256)))
    #expect(!key.verify(short, of: Self.message, .rsaPSS(.sha256)))
  }

  @Test func `an encrypted private key is refused without asking for its passphrase`() {
    #expect(throws: CryptoError.malformedKey) { try PrivateKey(pem: Array(Self.encrypted.utf8)) }
  }

  /// RFC 8032 7.1, tests 1 and 2.
  @Test(arguments: [
    (
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        + "d25bf5f0595bbe24655141438e7a100b"
    ),
    (
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        + "387b2eaeb4302aeeb00d291612bb0c00"
    ),
  ])
  func `Ed25519 gives the signatures of RFC 8032`(seed: String, public raw: String, message: String, signature: String)
    throws
  {
    let seed = try #require(Hex.decode(seed))
    let raw = try #require(Hex.decode(raw))
    let signed = try #require(Hex.decode(signature))
    let message = try #require(Hex.decode(message))
    let key = try PrivateKey(ed25519: seed)
    #expect(key.publicKey.rawEd25519 == raw)
    #expect(try key.sign(message, .ed25519) == signed)
    #expect(try PublicKey(ed25519: raw).verify(signed, of: message, .ed25519))
  }
}
