import Crypto
import Formats
import Foundation
import JWT
import Testing

/// The published JSON Web Signature cases. The expected algorithm and the key's use are the JWK's.
@Suite(.enabled(if: Wycheproof.folder != nil, "set CAUSEWAY_CONFORMANCE to the folder of published test data"))
struct WycheproofTests {
  /// Valid to the publisher, refused here, and why.
  static let refused: [Int64: String] = [
    346: "the key is for PS256, the token says PS384", 350: "the key is for PS256, the token says PS384",
    347: "P-521 is not offered", 351: "P-521 is not offered",
    372: "a character that is not base64url", 373: "a character that is not base64url",
  ]

  /// Invalid to the publisher, but letter by letter the text of case 357, which is valid.
  static let accepted: Set<Int64> = [367, 370]

  @Test func `signed messages get their published verdict`() throws {
    let path = (Wycheproof.folder ?? "") + "json_web_signature.json"
    let contents = try #require(FileManager.default.contents(atPath: path))
    let suite = try JSON.parse(Array(contents))
    var verified = 0
    var count = 0
    for group in suite["testGroups"]?.array ?? [] {
      for test in group["tests"]?.array ?? [] {
        count += 1
        let number = try #require(test["tcId"]?.int)
        let token = try #require(test["jws"]?.string)
        let isAccepted = try Self.isAccepted(token, group)
        let isPublished = test["result"]?.string == "valid" || Self.accepted.contains(number)
        let isValid = isPublished && Self.refused[number] == nil
        #expect(isAccepted == isValid, "tcId \(number): \(test["comment"]?.string ?? "")")
        if isAccepted { verified += 1 }
      }
    }
    #expect(count == 401)
    #expect(verified == 46 - Self.refused.count + Self.accepted.count)
  }

  private static func isAccepted(_ token: String, _ group: JSON) throws -> Bool {
    let key = group["public"] ?? group["private"] ?? .null
    // A key for encryption is none for signatures: whoever keeps it never hands it to us.
    if let use = key["use"]?.string, use != "sig" { return false }
    if let operations = key["key_ops"]?.array, !operations.contains("verify") { return false }
    let name = try #require(key["alg"]?.string)
    if key["kty"] == "oct" {
      let text = try #require(key["k"]?.string)
      let secret = try #require(Base64URL.decode(text))
      return (try? JWS.verify(token, key: HMACKey(.sha256, key: secret))) != nil
    }
    guard let algorithm = JWTAlgorithm(rawValue: name), let publicKey = try? PublicKey(der: try der(key)) else {
      return false
    }
    return (try? JWS.verify(token, key: publicKey, algorithm: algorithm)) != nil
  }

  /// A JWK as SubjectPublicKeyInfo.
  private static func der(_ key: JSON) throws -> [UInt8] {
    func number(_ name: String) throws -> [UInt8] {
      let text = try #require(key[name]?.string)
      return try #require(Base64URL.decode(text))
    }
    if key["kty"] == "RSA" {
      let numbers = element(0x30, element(0x02, [0] + (try number("n"))) + element(0x02, try number("e")))
      let algorithm = try #require(Hex.decode("300d06092a864886f70d0101010500"))
      return element(0x30, algorithm + element(0x03, [0] + numbers))
    }
    let curve =
      key["crv"] == "P-256" ? "301306072a8648ce3d020106082a8648ce3d030107" : "301006072a8648ce3d020106052b81040023"
    let algorithm = try #require(Hex.decode(curve))
    return element(0x30, algorithm + element(0x03, [0, 4] + (try number("x")) + (try number("y"))))
  }

  private static func element(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
    let count = contents.count
    if count < 128 { return [tag, UInt8(count)] + contents }
    if count < 256 { return [tag, 0x81, UInt8(count)] + contents }
    return [tag, 0x82, UInt8(count >> 8), UInt8(count & 255)] + contents
  }
}

enum Wycheproof {
  static let folder = ProcessInfo.processInfo.environment["CAUSEWAY_CONFORMANCE"].map { $0 + "/wycheproof/" }
}
