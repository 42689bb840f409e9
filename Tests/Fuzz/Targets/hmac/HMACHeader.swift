import Crypto
import Formats
import Fuzzing
import HTTP
import Inbound
import Web

/// A body signed in a header, with a time stamp in another, changed on its way. It is accepted if and only if body and
/// time stamp are the ones that were signed and the header still says the same code.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  var choices = Choices(UnsafeRawBufferPointer(start: data, count: size))
  let form = forms[Int(choices.byte()) % forms.count]
  var parts = form.parts
  while !choices.isEmpty { choices.edit(&parts[Int(choices.byte()) % parts.count]) }
  let texts = parts.prefix(2).map { String(decoding: $0, as: UTF8.self) }
  let request = Request(
    method: .post, path: "/hooks/a", fields: ["x-signature": texts[0], "x-time": texts[1]], body: parts[2])
  let isSigned = form.isTimed ? parts[1...] == form.parts[1...] : parts[2] == form.parts[2]
  let expected = isSigned && form.isSameCode(parts[0])
  do throws(Rejection) {
    let proof = try form.source.verify(request, at: now)
    expect(expected, "nothing is accepted but what was signed")
    expect(proof.matched.count == 1, "the proof says which key it was")
  } catch {
    expect(!expected, "what was signed is accepted")
    expect(error.status == .unauthorized, "what is not proven is answered 401")
  }
  return 0
}

private let now = Instant(secondsSince1970: 1_764_000_000)
private let secret = Array("a secret of thirty-two octets ..".utf8)
private let forms = [
  Form("sha256=", .hex, isTimed: false), Form("", .base64, isTimed: true), Form("v1=", .base64url, isTimed: true),
]

/// One way to write a signature, and what is sent: signature, time stamp, body.
private struct Form {
  let source: any Source
  let parts: [[UInt8]]
  let isTimed: Bool
  private let isHex: Bool

  init(_ prefix: String, _ encoding: SignedSettings.Encoding, isTimed: Bool) {
    let settings = HMACSettings(
      SignedSettings(header: "x-signature", timestamp: isTimed ? "x-time" : nil, encoding: encoding, prefix: prefix),
      secrets: [SourceSecret("env:A", bytes: secret)])
    let endpoint = SourceSettings(name: "a", kind: "json", id: "body-hash", verify: .all([.hmac(settings)]))
    guard let source = try? SourceCatalogue.open(endpoint) else { broken("the settings are right") }
    self.source = source
    self.isTimed = isTimed
    isHex = encoding == .hex
    let time = Array("1764000000".utf8)
    let body = Array(#"{"id":1}"#.utf8)
    let code = HMACKey(.sha256, key: secret).code(for: isTimed ? [time, Array(".".utf8), body] : [body])
    let text =
      switch encoding {
      case .hex: Hex.encode(code)
      case .base64: Base64.encode(code)
      case .base64url: Base64URL.encode(code)
      }
    parts = [Array((prefix + text).utf8), time, body]
  }

  /// Hexadecimal digits may be of either case; everything else is as it was written.
  func isSameCode(_ text: [UInt8]) -> Bool {
    guard isHex else { return text == parts[0] }
    let prefix = "sha256=".utf8.count
    return text.prefix(prefix) == parts[0].prefix(prefix) && text.count == parts[0].count
      && zip(text, parts[0]).dropFirst(prefix).allSatisfy { (0x41...0x46).contains($0) ? $0 | 0x20 == $1 : $0 == $1 }
  }
}
