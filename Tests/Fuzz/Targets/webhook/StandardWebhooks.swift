import Crypto
import Fuzzing

/// A signed webhook that was changed on its way. It is accepted if and only if nothing that was signed changed and one
/// of the signatures is still the one that was made.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  var choices = Choices(UnsafeRawBufferPointer(start: data, count: size))
  var parts = signed.parts
  while !choices.isEmpty { choices.edit(&parts[Int(choices.byte()) % parts.count]) }
  let header = String(decoding: parts[2], as: UTF8.self)
  let expected =
    parts[0] == signed.parts[0] && parts[1] == signed.parts[1] && parts[3] == signed.parts[3]
    && header.split(separator: " ").prefix(32).contains(Substring(signed.signature))
  do throws(StandardWebhooks.Failure) {
    let proof = try scheme.verify(
      id: String(decoding: parts[0], as: UTF8.self), timestamp: String(decoding: parts[1], as: UTF8.self),
      signature: header, body: parts[3], now: now)
    expect(expected, "nothing is accepted but what was signed")
    expect(proof.timestamp == now && proof.secret == 0, "the proof says what was signed, and by whom")
  } catch {
    expect(!expected, "what was signed is accepted")
  }
  return 0
}

private let now: Int64 = 1_764_000_000
private let scheme = made(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])
private let signed = Signed()

/// Id, time stamp, signatures, body.
private struct Signed {
  let parts: [[UInt8]]
  let signature: String

  init() {
    let body = Array(#"{"type":"a"}"#.utf8)
    guard let all = try? scheme.sign(id: "msg_1", timestamp: now, body: body),
      let first = all.split(separator: " ").first
    else { broken("a secret signs") }
    signature = String(first)
    parts = ["msg_1", String(now), signature].map { Array($0.utf8) } + [body]
  }
}

private func made(_ secrets: [String]) -> StandardWebhooks {
  guard let scheme = try? StandardWebhooks(secrets: secrets) else { broken("the secrets are secrets") }
  return scheme
}
