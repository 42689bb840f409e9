import Crypto
import Formats
import Foundation
import HTTP
import Inbound
import Support
import Testing
import Web

/// Signed requests with something changed: none may be taken.
///
/// `CAUSEWAY_MUTATIONS` says how many, `CAUSEWAY_SEED` which. Ten million are worth a release build:
/// `CAUSEWAY_MUTATIONS=10000000 swift test -c release -Xswiftc -enable-testing --filter MutatedRequestTests`.
@Suite struct MutatedRequestTests {
  private static let secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
  private static let count = number("CAUSEWAY_MUTATIONS") ?? 20_000
  private static let seed = UInt64(number("CAUSEWAY_SEED") ?? 1)

  private static func number(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Digits.int($0) }.map(Int.init)
  }

  private struct Parts {
    var body: [UInt8]
    var stamp: [UInt8]
    var id: [UInt8]
    var signature: [UInt8]
  }

  @Test func `a code over another body, time, id, or with another octet is never taken`() throws {
    let signed = SignedSettings(header: "s", timestamp: "t", id: "i")
    let source = try Proving(Proving.hmac(signed, .sha256, ["one", "two"])).source
    let stamp = String(Messages.now.secondsSince1970)
    let good = Parts(
      body: Proving.body, stamp: Array(stamp.utf8), id: Array("msg_1".utf8),
      signature: Array(Hex.encode(Proving.code("msg_1.\(stamp).", key: "two")).utf8))
    let accepted = Self.accepted(good, source, share: Self.count / 2) {
      ["s": $0.signature, "t": $0.stamp, "i": $0.id]
    }
    #expect(accepted == 0)
  }

  @Test func `a Standard Webhook over another body, time, id, or with another octet is never taken`() throws {
    let source = try Proving(.standardWebhooks(secrets: [Proving.secret("w", Self.secret)])).source
    let stamp = Messages.now.secondsSince1970
    let signature = try StandardWebhooks(secrets: [Self.secret]).sign(id: "msg_1", timestamp: stamp, body: Proving.body)
    let good = Parts(
      body: Proving.body, stamp: Array(String(stamp).utf8), id: Array("msg_1".utf8), signature: Array(signature.utf8))
    let accepted = Self.accepted(good, source, share: Self.count - Self.count / 2) {
      ["webhook-signature": $0.signature, "webhook-timestamp": $0.stamp, "webhook-id": $0.id]
    }
    #expect(accepted == 0)
  }

  /// How many of so many changed requests were taken; the one that is not changed has to be.
  private static func accepted(
    _ good: Parts, _ source: any Source, share: Int, _ fields: (Parts) -> [String: [UInt8]]
  ) -> Int {
    func isTaken(_ parts: Parts) -> Bool {
      var all = Fields()
      for (name, value) in fields(parts) { all.append(name, String(decoding: value, as: UTF8.self)) }
      return (try? source.verify(Proving.request(all, parts.body), at: Messages.now)) != nil
    }
    #expect(isTaken(good))
    var random = SeededRandom(seed: seed)
    var accepted = 0
    for _ in 0..<share {
      var parts = good
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: change(&parts.body, &random)
        case 1: change(&parts.stamp, &random)
        case 2: change(&parts.id, &random)
        default: change(&parts.signature, &random)
        }
      }
      guard !isSame(parts, good) else { continue }
      if isTaken(parts) {
        accepted += 1
        Issue.record("taken: \(parts)")
      }
    }
    return accepted
  }

  /// Hexadecimal is read in either case, and one of several signatures of a Standard Webhook is enough.
  private static func isSame(_ parts: Parts, _ good: Parts) -> Bool {
    parts.body == good.body && parts.stamp == good.stamp && parts.id == good.id
      && (parts.signature.split(separator: UInt8(ascii: " ")).contains(good.signature[...])
        || lowercased(parts.signature) == lowercased(good.signature) && !good.signature.starts(with: "v1,".utf8))
  }

  private static func lowercased(_ text: [UInt8]) -> String { String(decoding: text, as: UTF8.self).lowercased() }

  private static func change(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    let place = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
    case 1: if !bytes.isEmpty { bytes.remove(at: place) }
    case 2: bytes.removeLast(bytes.count - place)
    case 3: bytes += bytes.prefix(place)
    case 4: bytes.append(UInt8.random(in: 0x20...0x7E, using: &random))
    case 5: if bytes.count > 1 { bytes.swapAt(place, bytes.count - 1 - place) }
    default: if !bytes.isEmpty { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
    }
  }
}
