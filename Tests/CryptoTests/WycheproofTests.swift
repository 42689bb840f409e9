import Crypto
import Formats
import Foundation
import Testing

/// Every case of the published vectors gets its verdict. A case marked `acceptable` is one that good libraries differ
/// on: it is refused here.
@Suite(.enabled(if: Wycheproof.folder != nil, "set CAUSEWAY_CONFORMANCE to the folder of published test data"))
struct WycheproofTests {
  @Test(arguments: [
    ("ecdsa_secp256r1_sha256.json", SignatureAlgorithm.ecdsa(.sha256)),
    ("ecdsa_secp384r1_sha384.json", .ecdsa(.sha384)),
    ("ed25519.json", .ed25519),
    ("rsa_signature_2048_sha256.json", .rsaPKCS1(.sha256)),
    ("rsa_pss_2048_sha256_mgf1_32.json", .rsaPSS(.sha256)),
  ])
  func `signatures get their published verdict`(file: String, algorithm: SignatureAlgorithm) throws {
    let count = try Wycheproof.each(file) { test, group in
      let pem = try #require(group["publicKeyPem"]?.string)
      let key = try PublicKey(pem: Array(pem.utf8))
      return key.verify(try test.octets("sig"), of: try test.octets("msg"), algorithm)
    }
    #expect(count > 100)
  }

  @Test(arguments: [("hmac_sha256.json", Digest.sha256), ("hmac_sha512.json", .sha512)])
  func `authentication codes get their published verdict`(file: String, digest: Digest) throws {
    let count = try Wycheproof.each(file) { test, group in
      let bits = Int(try #require(group["tagSize"]?.int))
      let code = HMACKey(digest, key: try test.octets("key")).code(for: try test.octets("msg"))
      return constantTimeEqual(Array(code.prefix(bits / 8)), try test.octets("tag"))
    }
    #expect(count > 100)
  }

  /// Keys of 128 and 192 bits and nonces of other than 96 bits are not offered; those cases must be refused as such.
  @Test func `AES-GCM opens and seals what it should`() throws {
    var opened = 0
    let count = try Wycheproof.each("aes_gcm.json") { test, group in
      let sealed = try test.octets("ct") + test.octets("tag")
      let (key, nonce) = (try test.octets("key"), try test.octets("iv"))
      let additional = try test.octets("aad")
      guard group["keySize"]?.int == 256, group["ivSize"]?.int == 96 else {
        #expect(throws: CryptoError.unsupportedKey) {
          try AESGCM.open(sealed, key: key, nonce: nonce, additional: additional)
        }
        return nil
      }
      guard let text = try? AESGCM.open(sealed, key: key, nonce: nonce, additional: additional) else { return false }
      opened += 1
      #expect(try AESGCM.seal(text, key: key, nonce: nonce, additional: additional) == sealed)
      return try text == test.octets("msg")
    }
    #expect(count > 100)
    #expect(opened > 30)
  }
}

enum Wycheproof {
  static let folder = ProcessInfo.processInfo.environment["CAUSEWAY_CONFORMANCE"].map { $0 + "/wycheproof/" }

  /// Runs `isAccepted` over all cases of a file, nil for one that it has dealt with itself; returns how many there were.
  static func each(_ file: String, _ isAccepted: (JSON, JSON) throws -> Bool?) throws -> Int {
    let contents = try #require(FileManager.default.contents(atPath: (folder ?? "") + file))
    let suite = try JSON.parse(Array(contents))
    var count = 0
    for group in suite["testGroups"]?.array ?? [] {
      for test in group["tests"]?.array ?? [] {
        count += 1
        guard let isAccepted = try isAccepted(test, group) else { continue }
        let number = test["tcId"]?.int ?? 0
        #expect(isAccepted == (test["result"]?.string == "valid"), "\(file), tcId \(number)")
      }
    }
    #expect(suite["numberOfTests"]?.int == Int64(count))
    return count
  }
}

extension JSON {
  func octets(_ key: String) throws -> [UInt8] {
    let text = try #require(self[key]?.string)
    return try #require(Hex.decode(text))
  }
}
