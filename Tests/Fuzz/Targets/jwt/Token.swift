import Crypto
import Formats
import Fuzzing
import JWT

/// A token in compact form: a good one that was changed, which is accepted only unchanged, or one with a header of the
/// fuzzer's own that is signed well, which is accepted only where the header asks for nothing unknown.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  var choices = Choices(UnsafeRawBufferPointer(start: data, count: size))
  if choices.byte() & 1 == 0 {
    var text = good
    while !choices.isEmpty { choices.edit(&text) }
    let token = try? JWT.verify(String(decoding: text, as: UTF8.self), key: key)
    expect((token != nil) == (text == good), "a token is accepted as it was signed, and only so")
    return 0
  }
  checkOwn(header: choices.some(120), claims: choices.rest())
  return 0
}

private let key = HMACKey(.sha256, key: Array("a secret of thirty-two octets ..".utf8))
private let good = signed(Array(#"{"alg":"HS256"}"#.utf8), Array(#"{"exp":1764000000}"#.utf8))

private func signed(_ header: [UInt8], _ claims: [UInt8]) -> [UInt8] {
  let text = Base64URL.encode(header) + "." + Base64URL.encode(claims)
  return Array((text + "." + Base64URL.encode(key.code(for: [Array(text.utf8)]))).utf8)
}

private func checkOwn(header: [UInt8], claims: [UInt8]) {
  let text = String(decoding: signed(header, claims), as: UTF8.self)
  let object = (try? JSON.parse(header))?.object
  let names = (try? JSON.parse(claims))?.object
  do throws(JWTError) {
    let token = try JWT.verify(text, key: key)
    expect(token.header == object && token.claims == names, "a token says what was signed")
    expect(object?["alg"] == "HS256" && object?["crit"] == nil && object?["b64"] == nil, "nothing unknown is asked for")
    _ = try? token.checkTimes(now: 1_764_000_000)
  } catch {
    expect(error != .badSignature, "the signature was good")
    let isFine = object?["alg"] == "HS256" && object?["crit"] == nil && object?["b64"] == nil && names != nil
    expect(!isFine, "a good token is accepted")
  }
}
